package connection

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

type contextKey struct{}

func TestSharedCallUsesContextOfWaitingOperations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		operation := func(name string, timeout time.Duration) (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.WithValue(context.Background(), contextKey{}, name), timeout)
		}
		began := time.Now()
		first, cancelFirst := operation("first", time.Minute)
		second, cancelSecond := operation("second", time.Hour)
		defer cancelFirst()
		defer cancelSecond()

		var shared context.Context
		call, wait := startCall(first, WintroName, func(ctx context.Context) (string, error) {
			shared = ctx
			<-ctx.Done()
			return "", ctx.Err()
		})
		synctest.Wait()
		expect := func(name string, timeout time.Duration) {
			t.Helper()
			deadline, _ := shared.Deadline()
			if got := shared.Value(contextKey{}); got != name || deadline.Sub(began) != timeout {
				t.Errorf("value %v and deadline after %s instead of %s and %s", got, deadline.Sub(began), name, timeout)
			}
		}
		expect("first", time.Minute)
		waitSecond, ok := call.join(second)
		if !ok {
			t.Fatal("the second operation can't join")
		}
		expect("first", time.Hour)
		if _, err := wait(); !is[*UnavailableError](err) || time.Since(began) != time.Minute {
			t.Errorf("error %v after %s", err, time.Since(began))
		}
		expect("second", time.Hour)
		if shared.Err() != nil {
			t.Error("the call ended with the first operation")
		}
		cancelSecond()
		_, _ = waitSecond()
		if shared.Err() == nil {
			t.Error("the call continues without an operation")
		}
		if _, ok := call.join(t.Context()); ok {
			t.Error("an operation joined an abandoned call")
		}
		synctest.Wait()
		if _, ok := call.join(t.Context()); ok {
			t.Error("an operation joined an abandoned call after its request had ended")
		}
	})
}
