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
	running := func(vacancies int) wintro.Sync {
		return wintro.Sync{ID: "sync_1", Status: "running", VacanciesSynced: vacancies}
	}
	succeeded := wintro.Sync{ID: "sync_1", Status: wintro.SyncSucceeded, VacanciesSynced: 7}
	failed := wintro.Sync{ID: "sync_1", Status: wintro.SyncFailed, Error: new("vacancy 3 has no title")}
	for _, test := range []struct {
		name     string
		reads    []wintro.Sync
		fail     hook
		noWait   bool
		progress []string
		calls    []string
		err      func(error) bool
	}{
		{
			name: "a sync that succeeds", reads: []wintro.Sync{running(0), running(0), running(4), succeeded},
			progress: []string{"queued 0", "running 0", "running 4", "succeeded 7"},
			calls:    []string{"sync conn_1", "follow sync_1", "follow sync_1", "follow sync_1", "follow sync_1"},
		},
		{name: "nobody waits", noWait: true, progress: []string{"queued 0"}, calls: []string{"sync conn_1"}},
		{
			name: "a sync that fails", reads: []wintro.Sync{failed}, progress: []string{"queued 0", "failed 0"},
			calls: []string{"sync conn_1", "follow sync_1"}, err: func(err error) bool {
				var failure *SyncFailedError
				return errors.As(err, &failure) && failure.Reason == "vacancy 3 has no title"
			},
		},
		{
			name: "a connection that is gone", fail: failing("sync conn_1", notFound()), calls: []string{"sync conn_1", "list "}, err: isError[*GoneError],
		},
		{
			name: "a connection that is disabled", fail: failing("sync conn_1", &APIError{Status: 409, Code: wintro.CodeDisabled}), calls: []string{"sync conn_1"}, err: isError[*DisabledError],
		},
		{
			name: "409 with another code", fail: failing("sync conn_1", &APIError{Status: 409, Code: "SYNC_RUNNING"}), calls: []string{"sync conn_1"}, err: isError[*APIError],
		},
		{name: "Wintro doesn't answer", fail: failing("sync conn_1", down(WintroName)), calls: []string{"sync conn_1"}, err: isError[*UnavailableError]},
		{
			name: "Wintro doesn't answer later", fail: failing("follow sync_1", down(WintroName)), progress: []string{"queued 0"},
			calls: []string{"sync conn_1", "follow sync_1"}, err: isError[*UnavailableError],
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			fake.fail, fake.syncReads = test.fail, test.reads
			var progress []string
			err := fake.service(VerificationPlan).Sync(t.Context(), "conn_1", !test.noWait, func(s Sync) {
				progress = append(progress, fmt.Sprintf("%s %d", s.Status, s.Vacancies))
			})
			expectError(t, err, test.err)
			if !slices.Equal(progress, test.progress) {
				t.Errorf("progress %q instead of %q", progress, test.progress)
			}
			fake.expectCalls(t, test.calls...)
		})
	}
}

func TestSyncWaitsNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		service := fake.service(VerificationPlan)
		service.pollPause = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		began := time.Now()
		err := service.Sync(ctx, "conn_1", true, func(Sync) {})
		var unfinished *SyncUnfinishedError
		if !errors.As(err, &unfinished) || unfinished.Interrupted || time.Since(began) != 15*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if polls := fake.count("follow sync_1"); polls > 80 {
			t.Errorf("%d requests in 15 minutes", polls)
		}
	})
}

func TestSyncThatAPersonInterrupts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		service := fake.service(VerificationPlan)
		service.pollPause = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute+time.Millisecond, cancel)
		err := service.Sync(ctx, "conn_1", true, func(Sync) {})
		var unfinished *SyncUnfinishedError
		if !errors.As(err, &unfinished) || !unfinished.Interrupted {
			t.Errorf("error %v", err)
		}
	})
}
