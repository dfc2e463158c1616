package connection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
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
		{name: "without waiting", noWait: true, progress: []string{"queued 0"}, calls: []string{"sync conn_1"}},
		{
			name: "a sync that fails", fails: "vacancy 3 has no title", progress: []string{"queued 0", "running 3", "running 6", "failed 6"},
			calls: []string{"sync conn_1", "follow", "follow", "follow"}, err: func(err error) bool {
				failure, ok := errors.AsType[*SyncFailedError](err)
				return ok && failure.Reason == "vacancy 3 has no title"
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
		{name: "Wintro is down", fail: failing("sync conn_1", errDown), calls: []string{"sync conn_1"}, err: is[*UnavailableError]},
		{
			name: "Wintro is down later", fail: failing("follow", errDown), progress: []string{"queued 0"},
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

func TestSyncEndReportsTimeoutOrInterruption(t *testing.T) {
	t.Parallel()
	for _, isInterrupted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			env := newEnvironment(t)
			env.add("good")
			env.Fail(sandbox.Fault{Method: http.MethodGet, Path: "/syncs/", Edit: map[string]any{"data.status": "running"}})
			service := env.service(VerifyPlan).setPollPause(time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
			defer cancel()
			want := 15 * time.Minute
			if isInterrupted {
				want = time.Minute
				time.AfterFunc(want, cancel)
			}
			began := time.Now()
			err := service.Sync(ctx, "conn_1", true, func(Sync) {})
			unfinished, ok := errors.AsType[*SyncUnfinishedError](err)
			if !ok || unfinished.Interrupted != isInterrupted || unfinished.Waited != want || time.Since(began) != want {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			if polls := env.count("follow"); polls > 80 {
				t.Errorf("%d requests in 15 minutes", polls)
			}
		})
	}
}
