package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestSync(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		fails    string
		fail     hook
		noWait   bool
		progress []string
		calls    []string
		err      func(error) bool
	}{
		{
			name:     "a sync that succeeds",
			progress: []string{"queued 0", "running 3", "running 6", "succeeded 9"},
			calls:    []string{"sync conn_1", "follow", "follow", "follow"},
		},
		{name: "nobody waits", noWait: true, progress: []string{"queued 0"}, calls: []string{"sync conn_1"}},
		{
			name: "a sync that fails", fails: "vacancy 3 has no title", progress: []string{"queued 0", "running 3", "running 6", "failed 6"},
			calls: []string{"sync conn_1", "follow", "follow", "follow"}, err: func(err error) bool {
				var failure *SyncFailedError
				return errors.As(err, &failure) && failure.Reason == "vacancy 3 has no title"
			},
		},
		{
			name: "a connection that no longer exists", fail: failing("sync conn_1", notFound()), calls: []string{"sync conn_1", "page 1"}, err: is[*GoneError],
		},
		{
			name: "a connection that is disabled", fail: failing("sync conn_1", &APIError{Status: 409, Code: wintro.CodeDisabled}), calls: []string{"sync conn_1"}, err: is[*DisabledError],
		},
		{
			name: "409 with another code", fail: failing("sync conn_1", &APIError{Status: 409, Code: "SYNC_RUNNING"}), calls: []string{"sync conn_1"}, err: is[*APIError],
		},
		{name: "Wintro doesn't answer", fail: failing("sync conn_1", errDown), calls: []string{"sync conn_1"}, err: is[*UnavailableError]},
		{
			name: "Wintro doesn't answer later", fail: failing("follow", errDown), progress: []string{"queued 0"},
			calls: []string{"sync conn_1", "follow"}, err: is[*UnavailableError],
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.add("good")
			if test.name == "a connection that no longer exists" {
				env.remove("conn_1")
			}
			env.SetVacancies(9)
			env.FailSyncs(test.fails)
			env.before = test.fail
			var progress []string
			err := env.service(VerifyPlan).Sync(t.Context(), "conn_1", !test.noWait, func(s Sync) {
				progress = append(progress, fmt.Sprintf("%s %d", s.Status, s.Vacancies))
			})
			expectError(t, err, test.err)
			if !slices.Equal(progress, test.progress) {
				t.Errorf("progress %q instead of %q", progress, test.progress)
			}
			env.expectCalls(t, test.calls...)
		})
	}
}

func TestSyncWaitsNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.add("good")
		env.syncsForever = true

		service := env.service(VerifyPlan)
		service.setPollPause(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		began := time.Now()
		err := service.Sync(ctx, "conn_1", true, func(Sync) {})
		var unfinished *SyncUnfinishedError
		if !errors.As(err, &unfinished) || unfinished.Interrupted || time.Since(began) != 15*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if polls := env.count("follow"); polls > 80 {
			t.Errorf("%d requests in 15 minutes", polls)
		}
	})
}

func TestSyncThatAPersonInterrupts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.add("good")
		env.syncsForever = true

		service := env.service(VerifyPlan)
		service.setPollPause(time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute+time.Millisecond, cancel)
		err := service.Sync(ctx, "conn_1", true, func(Sync) {})
		var unfinished *SyncUnfinishedError
		if !errors.As(err, &unfinished) || !unfinished.Interrupted {
			t.Errorf("error %v", err)
		}
	})
}
