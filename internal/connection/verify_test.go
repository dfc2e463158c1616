package connection

import (
	"context"
	"testing"
)

func TestVerifyPlanned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		when            VerificationMode
		isNew, applying bool
		asked           bool
	}{
		{name: "a new link is planned", when: VerificationPlan, isNew: true, asked: true},
		{name: "a change is planned", when: VerificationPlan, asked: true},
		{name: "a new link is planned again to be made: Create asks", when: VerificationPlan, isNew: true, applying: true},
		{name: "a change is planned again to be made: it goes by what is found", when: VerificationPlan, applying: true, asked: true},
		{name: "a new link, checks only while applying", when: VerificationApply, isNew: true},
		{name: "a change, checks only while applying", when: VerificationApply},
		{name: "a new link, checks are off", when: VerificationOff, isNew: true},
		{name: "a change, checks are off", when: VerificationOff},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			world := newFakes()
			service := world.service(test.when)
			if test.applying {
				if err := service.Delete(context.Background(), "conn_1"); err != nil {
					t.Fatal(err)
				}
			}
			finding := service.VerifyPlanned(context.Background(), acme, test.isNew).Finding
			if asked := world.count("ask 816") > 0; asked != test.asked || asked != (finding == Accepted) {
				t.Errorf("finding %q, calls %q", finding, world.asked())
			}
		})
	}
}

// Whatever a plan has left out, no token goes to Wintro before Recruitee has accepted it.
func TestWhatIsNotVerifiedWhilePlanningIsVerifiedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	world := newFakes()
	world.ask = rejectedToken
	service := world.service(VerificationPlan)
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Fatal(err)
	}
	if finding := service.VerifyPlanned(context.Background(), acme, true).Finding; finding != Unchecked {
		t.Fatalf("finding %q", finding)
	}
	if _, err := service.Create(context.Background(), acme, func(Connection) {}); !as[*TokenRejectedError](err) || world.count("create") > 0 {
		t.Errorf("error %v, calls %q", err, world.asked())
	}
}
