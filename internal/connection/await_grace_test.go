package connection

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithGraceOutlivesOnlyInterruptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout, interrupted time.Duration
		ends                 time.Duration
	}{
		"an interruption":                    {time.Hour, time.Minute, time.Minute + gracePeriod},
		"a deadline":                         {time.Minute, time.Hour, time.Minute},
		"a deadline within the grace period": {time.Minute, time.Minute - gracePeriod/2, time.Minute},
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

func TestCreateInterruptedFindsItsConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.after = failing("create", errDown)
	ctx, interrupt := context.WithCancel(context.Background())
	env.before = func(_ context.Context, call string) error {
		if call == "create" {
			interrupt()
		}
		return nil
	}
	got, notes, err := create(ctx, env.service(VerifyOff), acme)
	expectWarnings(t, notes)
	if err != nil || got.ID != "conn_new" {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestCreateInterruptedEarlySendsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	ctx, interrupt := context.WithCancel(context.Background())
	env.before = func(_ context.Context, call string) error {
		if call == "page 1" {
			interrupt()
		}
		return nil
	}
	_, _, err := create(ctx, env.service(VerifyOff), acme)
	if !is[*UnavailableError](err) || env.count("create") > 0 {
		t.Errorf("calls %q, error %v", env.asked(), err)
	}
}
