package connection

import "testing"

func TestVerifyInEachPhase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode  VerifyMode
		phase Phase
		asks  bool
	}{
		{VerifyPlan, Planning, true},
		{VerifyPlan, Applying, true},
		{VerifyApply, Planning, false},
		{VerifyApply, Applying, true},
		{VerifyOff, Planning, false},
		{VerifyOff, Applying, false},
	} {
		env := newEnvironment(t)
		got := outcome(env.service(test.mode).Verify(t.Context(), acme, test.phase))
		if asks := env.count("ask 816") > 0; asks != test.asks || asks != (got == accepted) || !asks && got != unverified {
			t.Errorf("%s, phase %d: outcome %q, calls %q", test.mode, test.phase, got, env.asked())
		}
	}
}

// Whatever a plan has left out, no token goes to Wintro before Recruitee has accepted it.
func TestWhatIsNotVerifiedWhilePlanningIsVerifiedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	current := env.add("old")
	env.RevokeToken("good")
	service := env.service(VerifyApply)
	if got := outcome(service.Verify(t.Context(), acme, Planning)); got != unverified {
		t.Fatalf("outcome %q", got)
	}
	other := acme
	other.CompanyID = "817"
	_, _, err := create(t.Context(), service, other)
	expectError(t, err, is[*TokenRejectedError])
	_, _, err = update(t.Context(), service, current, sendable(acme))
	expectError(t, err, is[*TokenRejectedError])
	if env.count("create")+env.count("update") > 0 {
		t.Errorf("calls %q", env.asked())
	}
}
