package connection

import "testing"

func TestVerifyInEachPhase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode  VerificationMode
		phase Phase
		asks  bool
	}{
		{VerificationPlan, Planning, true},
		{VerificationPlan, Applying, true},
		{VerificationApply, Planning, false},
		{VerificationApply, Applying, true},
		{VerificationOff, Planning, false},
		{VerificationOff, Applying, false},
	} {
		fake := newFakes()
		got := outcome(fake.service(test.mode).Verify(t.Context(), acme, test.phase))
		if asks := fake.count("ask 816") > 0; asks != test.asks || asks != (got == accepted) || !asks && got != unverified {
			t.Errorf("%s, phase %d: outcome %q, calls %q", test.mode, test.phase, got, fake.asked())
		}
	}
}

// Whatever a plan has left out, no token goes to Wintro before Recruitee has accepted it.
func TestWhatIsNotVerifiedWhilePlanningIsVerifiedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	current := fake.add("old")
	fake.ask = rejectedToken
	service := fake.service(VerificationApply)
	if got := outcome(service.Verify(t.Context(), acme, Planning)); got != unverified {
		t.Fatalf("outcome %q", got)
	}
	other := acme
	other.CompanyID = "817"
	_, _, err := service.Create(t.Context(), other, func(Connection) {})
	expectError(t, err, isError[*TokenRejectedError])
	_, _, err = service.Update(t.Context(), current, Change{Spec: acme, MaySend: true})
	expectError(t, err, isError[*TokenRejectedError])
	if fake.count("create")+fake.count("update") > 0 {
		t.Errorf("calls %q", fake.asked())
	}
}
