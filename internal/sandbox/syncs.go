package sandbox

import (
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// syncRun is a vacancy sync. Each read through the API advances the sync by one step, so that tests don't have to wait
// for a sync.
type syncRun struct {
	contract.Sync
	ConnectionID string
	Reads        int
}

// readsPerSync is the number of reads after which a sync ends.
const readsPerSync = 3

// SetVacancies sets the number of vacancies that a sync reads from Recruitee.
func (s *Sandbox) SetVacancies(n int) {
	if n < 0 {
		refuse("a company cannot have %d vacancies", n)
	}
	s.set(func(w *wintroStore) { w.Vacancies = n })
}

// FailSyncs makes syncs fail with the given reason. An empty reason lets syncs succeed again.
func (s *Sandbox) FailSyncs(reason string) {
	s.set(func(w *wintroStore) { w.SyncsFailBecauseOf = reason })
}

func startSync(st *store, r *wintroRequest, conn *connection) (int, any, error) {
	if !conn.Enabled {
		return 0, nil, newError(http.StatusConflict, contract.CodeDisabled,
			"The connection is disabled, so it cannot be synced.")
	}
	run := &syncRun{ConnectionID: conn.ID, Sync: contract.Sync{
		ID:        "sync_" + randomHex(10),
		Status:    contract.SyncQueued,
		StartedAt: timestamp(),
	}}
	st.Wintro.Syncs = append(st.Wintro.Syncs, run)
	return http.StatusAccepted, contract.SyncResponse{Data: run.Sync, Meta: st.Wintro.meta(r.organisationID)}, nil
}

func getSync(st *store, r *wintroRequest, conn *connection) (int, any, error) {
	for _, run := range st.Wintro.Syncs {
		if run.ID == r.PathValue("syncId") && run.ConnectionID == conn.ID {
			st.advance(run, conn, timestamp())
			return http.StatusOK, contract.SyncResponse{Data: run.Sync, Meta: st.Wintro.meta(r.organisationID)}, nil
		}
	}
	return 0, nil, newError(http.StatusNotFound, contract.CodeNotFound,
		"The connection has no sync with the ID %q.", r.PathValue("syncId"))
}

// advance advances a sync by one step, if the sync hasn't finished. Only the last step can fail.
func (st *store) advance(run *syncRun, conn *connection, now time.Time) {
	if run.FinishedAt != nil {
		return
	}
	run.Reads++
	run.Status = contract.SyncRunning
	if run.Reads < readsPerSync {
		run.VacanciesSynced = st.Wintro.Vacancies * run.Reads / readsPerSync
		return
	}
	run.FinishedAt = &now
	if reason := st.sync(conn, now); reason != "" {
		run.Status, run.Error = contract.SyncFailed, &reason
		return
	}
	run.Status, run.VacanciesSynced = contract.SyncSucceeded, st.Wintro.Vacancies
}

// sync updates a connection as a sync of its vacancies does: it sets the time of the last sync and the company's name.
// If the sync fails, it returns the reason and changes nothing.
func (st *store) sync(conn *connection, now time.Time) (failure string) {
	if st.Wintro.SyncsFailBecauseOf != "" {
		return st.Wintro.SyncsFailBecauseOf
	}
	if !st.Recruitee.accepts(conn.Token, conn.CompanyID) {
		return "Recruitee rejected the API token."
	}
	conn.LastSyncedAt, conn.CompanyName = &now, st.Recruitee.companyName(conn.CompanyID)
	return ""
}
