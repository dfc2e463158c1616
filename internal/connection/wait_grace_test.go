package connection

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithGrace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout, interrupted time.Duration
		ends                 time.Duration
	}{
		"an interruption leaves a moment":            {time.Hour, time.Minute, time.Minute + gracePeriod},
		"a deadline is a deadline":                   {time.Minute, time.Hour, time.Minute},
		"a deadline within the grace period as well": {time.Minute, time.Minute - gracePeriod/2, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, interrupt := context.WithTimeout(context.Background(), test.timeout)
				time.AfterFunc(test.interrupted, interrupt)
				outliving, cancel := withGrace(ctx)
				defer cancel()
				<-outliving.Done()
				if lasted := time.Since(began); lasted != test.ends {
					t.Errorf("it ended after %s", lasted)
				}
			})
		})
	}
}

func TestWhatBecameOfAnInterruptedCreationIsAsked(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.late = failing("create", down(WintroName))
	ctx, interrupt := context.WithCancel(context.Background())
	fake.fail = func(_ context.Context, call string) error {
		if call == "create" {
			interrupt()
		}
		return nil
	}
	got, notes, err := fake.service(VerificationOff).Create(ctx, acme, func(Connection) {})
	expectNotes(t, notes)
	if err != nil || got.ID != "conn_new" {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestAnInterruptedCreationThatHasNotBegunMakesNothing(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	ctx, interrupt := context.WithCancel(context.Background())
	fake.fail = func(_ context.Context, call string) error {
		if call == "page 1" {
			interrupt()
		}
		return nil
	}
	_, _, err := fake.service(VerificationOff).Create(ctx, acme, func(Connection) {})
	if !isError[*UnavailableError](err) || fake.count("create") > 0 {
		t.Errorf("calls %q, error %v", fake.asked(), err)
	}
}
