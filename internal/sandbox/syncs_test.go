package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

func (r *remote) startSync(id string) contract.Sync {
	r.t.Helper()
	return decode[contract.Sync](r.wintro(http.MethodPost, "/ats-connections/"+id+"/syncs", "").want(http.StatusAccepted))
}

func (r *remote) followSync(id, sync string) contract.Sync {
	r.t.Helper()
	answer := r.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/"+sync, "")
	return decode[contract.Sync](answer.want(http.StatusOK))
}

func TestSync(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, sandbox.WithClock(clock.Now))
	r.box.SetVacancies(40)
	id := r.connect().ID
	started := r.startSync(id)
	if started.Status != contract.SyncQueued || started.VacanciesSynced != 0 || started.FinishedAt != nil {
		t.Errorf("started: %+v", started)
	}
	clock.pass(time.Second)
	for i, want := range []struct {
		status    contract.SyncStatus
		vacancies int
	}{
		{contract.SyncRunning, 13}, {contract.SyncRunning, 26}, {contract.SyncSucceeded, 40}, {contract.SyncSucceeded, 40},
	} {
		got := r.followSync(id, started.ID)
		if got.Status != want.status || got.VacanciesSynced != want.vacancies || got.Error != nil {
			t.Errorf("look %d: %+v", i+1, got)
		}
		finished := want.status == contract.SyncSucceeded
		if (got.FinishedAt != nil) != finished || (r.get(id).LastSyncedAt != nil) != finished {
			t.Errorf("look %d: finished at %v, last synced at %v", i+1, got.FinishedAt, r.get(id).LastSyncedAt)
		}
	}
	if got, want := *r.get(id).LastSyncedAt, started.StartedAt.Add(time.Second); !got.Equal(want) {
		t.Errorf("last synced at %s instead of %s", got, want)
	}
	expectPanic(t, "-1 vacancies", func() { r.box.SetVacancies(-1) })
}

func TestFailedSync(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happened func(*remote)
		reason   string
	}{
		"for a reason":  {func(r *remote) { r.box.FailSyncs("No answer.") }, "No answer."},
		"token revoked": {func(r *remote) { r.box.RevokeToken(r.token) }, "Recruitee rejected the API token."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			id := r.connect().ID
			started := r.startSync(id)
			test.happened(r)
			for range 2 {
				r.followSync(id, started.ID)
			}
			got := r.followSync(id, started.ID)
			if got.Status != contract.SyncFailed || got.Error == nil || *got.Error != test.reason || got.FinishedAt == nil {
				t.Errorf("%+v", got)
			}
			if after := r.get(id); after.LastSyncedAt != nil || after.Status != contract.ConnectionActive {
				t.Errorf("%+v", after)
			}
		})
	}
}

func TestSyncRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	id, other := r.connect().ID, r.box.Connect(817, "Globex", "token")
	started := r.startSync(id)
	r.wintro(http.MethodGet, "/ats-connections/"+other+"/syncs/"+started.ID, "").problem(http.StatusNotFound)
	r.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/unknown", "").problem(http.StatusNotFound)
	r.wintro(http.MethodGet, "/ats-connections/unknown/syncs/"+started.ID, "").problem(http.StatusNotFound)
	r.wintro(http.MethodPost, "/ats-connections/unknown/syncs", "").problem(http.StatusNotFound)
	r.patch(id, `{"enabled":false}`)
	r.wintro(http.MethodPost, "/ats-connections/"+id+"/syncs", "").problem(http.StatusConflict)
	r.followSync(id, started.ID)
	r.box.Disconnect(id)
	r.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/"+started.ID, "").problem(http.StatusNotFound)
}
