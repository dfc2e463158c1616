package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// syncRun is one vacancy sync. It advances each time that somebody looks at it.
type syncRun struct {
	contract.Sync
	ConnectionID string `json:"connection_id"`
	Looks        int    `json:"looks"`
}

// looksPerSync is how many looks a sync takes. Until the last one it is running.
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

// StartSync answers POST /ats-connections/{id}/syncs.
func (api *wintroAPI) StartSync(
	ctx context.Context, request contract.StartSyncRequestObject,
) (contract.StartSyncResponseObject, error) {
	data, meta, err := withConnection(ctx, api, request.ID, func(st *store, conn *connection) (contract.Sync, error) {
		if !conn.Enabled {
			return contract.Sync{}, newError(http.StatusConflict, contract.CodeDisabled,
				"The connection is disabled, so it cannot be synced.")
		}
		run := &syncRun{ConnectionID: conn.ID, Sync: contract.Sync{
			ID:        "sync_" + randomHex(10),
			Status:    contract.SyncQueued,
			StartedAt: api.s.timestamp(),
		}}
		st.Wintro.Syncs = append(st.Wintro.Syncs, run)
		return run.Sync, nil
	})
	if err != nil {
		return nil, err
	}
	return contract.StartSync202JSONResponse{Body: contract.SyncResponse{Data: data, Meta: meta}}, nil
}

// GetSync answers GET /ats-connections/{id}/syncs/{syncId}.
func (api *wintroAPI) GetSync(
	ctx context.Context, request contract.GetSyncRequestObject,
) (contract.GetSyncResponseObject, error) {
	data, meta, err := withConnection(ctx, api, request.ID, func(st *store, conn *connection) (contract.Sync, error) {
		for _, run := range st.Wintro.Syncs {
			if run.ID == request.SyncID && run.ConnectionID == conn.ID {
				st.advance(run, conn, api.s.timestamp())
				return run.Sync, nil
			}
		}
		return contract.Sync{}, newError(http.StatusNotFound, contract.CodeNotFound,
			"The connection has no sync with the ID %q.", request.SyncID)
	})
	if err != nil {
		return nil, err
	}
	return contract.GetSync200JSONResponse{Body: contract.SyncResponse{Data: data, Meta: meta}}, nil
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
	if reason := st.sync(conn, now); reason != "" {
		run.Status, run.Error = contract.SyncFailed, &reason
		return
	}
	run.Status, run.VacanciesSynced = contract.SyncSucceeded, st.Wintro.Vacancies
}

// sync reads the vacancies of a connection, and its company's name. It returns why that failed, if so.
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
