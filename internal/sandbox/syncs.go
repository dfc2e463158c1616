package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// syncRun is one vacancy sync. It gets on each time that somebody looks at it.
type syncRun struct {
	contract.Sync
	ConnectionID string `json:"connection_id"`
	Looks        int    `json:"looks"`
}

// looksPerSync is after how many looks a sync is over. At the others it is running.
const looksPerSync = 3

// SetVacancies sets how many vacancies a sync reads from Recruitee.
func (s *Sandbox) SetVacancies(n int) {
	s.must(func(st *store) error {
		if n < 0 {
			return fmt.Errorf("a company cannot have %d vacancies", n)
		}
		st.Wintro.Vacancies = n
		return nil
	})
}

// FailSyncs makes syncs fail for this reason. An empty reason lets them succeed again.
func (s *Sandbox) FailSyncs(reason string) {
	s.must(func(st *store) error {
		st.Wintro.SyncsFailBecauseOf = reason
		return nil
	})
}

func (api *wintroAPI) StartSync(
	_ context.Context, request contract.StartSyncRequestObject,
) (contract.StartSyncResponseObject, error) {
	var started contract.Sync
	err := api.s.change(func(st *store) error {
		conn, err := st.Wintro.connection(request.ID)
		if err != nil {
			return notFound(err)
		}
		if !conn.Enabled {
			return newProblem(http.StatusConflict, "The connection is disabled, so it cannot be synced.")
		}
		run := &syncRun{ConnectionID: conn.ID, Sync: contract.Sync{
			ID:        "sync_" + randomHex(10),
			Status:    contract.SyncQueued,
			StartedAt: api.s.timestamp(),
		}}
		st.Wintro.Syncs = append(st.Wintro.Syncs, run)
		started = run.Sync
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.StartSync202JSONResponse(started), nil
}

func (api *wintroAPI) GetSync(
	_ context.Context, request contract.GetSyncRequestObject,
) (contract.GetSyncResponseObject, error) {
	var shown contract.Sync
	err := api.s.change(func(st *store) error {
		conn, err := st.Wintro.connection(request.ID)
		if err != nil {
			return notFound(err)
		}
		for _, run := range st.Wintro.Syncs {
			if run.ID == request.SyncID && run.ConnectionID == conn.ID {
				st.advance(run, conn, api.s.timestamp())
				shown = run.Sync
				return nil
			}
		}
		return newProblem(http.StatusNotFound, "The connection has no sync with the ID %q.", request.SyncID)
	})
	if err != nil {
		return nil, err
	}
	return contract.GetSync200JSONResponse(shown), nil
}

// advance moves a sync one step. Whether it fails shows at its end.
func (st *store) advance(run *syncRun, conn *connection, now time.Time) {
	if run.FinishedAt != nil {
		return
	}
	run.Looks++
	run.Status = contract.SyncRunning
	if run.Looks < looksPerSync {
		run.VacanciesSynced = st.Wintro.Vacancies * run.Looks / looksPerSync
		return
	}
	run.FinishedAt = &now
	reason := st.Wintro.SyncsFailBecauseOf
	if reason == "" && !st.Recruitee.accepts(conn.Token, conn.CompanyID) {
		reason = "Recruitee rejected the API token."
	}
	if reason != "" {
		run.Status, run.Error = contract.SyncFailed, &reason
		return
	}
	run.Status, run.VacanciesSynced = contract.SyncSucceeded, st.Wintro.Vacancies
	conn.LastSyncedAt = &now
}
