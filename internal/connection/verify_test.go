package connection

import (
	"context"
	"testing"
)

func TestVerifyWhilePlanning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		when            VerificationMode
		isNew, applying bool
		asked           bool
	}{
		{name: "a new connection is planned", when: VerificationPlan, isNew: true, asked: true},
		{name: "a change is planned", when: VerificationPlan, asked: true},
		{name: "a new connection is planned again to be made: Create asks", when: VerificationPlan, isNew: true, applying: true},
		{name: "a change is planned again to be made: it goes by what is found", when: VerificationPlan, applying: true, asked: true},
		{name: "a new connection, checks only while applying", when: VerificationApply, isNew: true},
		{name: "a change, checks only while applying", when: VerificationApply},
		{name: "a new connection, checks are off", when: VerificationOff, isNew: true},
		{name: "a change, checks are off", when: VerificationOff},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			service := fake.service(test.when)
			if test.applying {
				if err := service.Delete(context.Background(), "conn_1"); err != nil {
					t.Fatal(err)
				}
			}
			phase := Planning
			if test.isNew {
				phase = PlanningCreation
			}
			got := outcome(service.Verify(context.Background(), acme, phase))
			if asked := fake.count("ask 816") > 0; asked != test.asked || asked != (got == accepted) {
				t.Errorf("outcome %q, calls %q", got, fake.asked())
			}
		})
	}
}

// Whatever a plan has left out, no token goes to Wintro before Recruitee has accepted it.
func TestWhatIsNotVerifiedWhilePlanningIsVerifiedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.ask = rejectedToken
	service := fake.service(VerificationPlan)
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Fatal(err)
	}
	if got := outcome(service.Verify(context.Background(), acme, PlanningCreation)); got != unverified {
		t.Fatalf("outcome %q", got)
	}
	if _, err := service.Create(context.Background(), acme, func(Connection) {}); !isError[*TokenRejectedError](err) || fake.count("create") > 0 {
		t.Errorf("error %v, calls %q", err, fake.asked())
	}
}
