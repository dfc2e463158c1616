package connection

import (
	"context"
	"errors"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Sync is a run in which Wintro reads the vacancies of a connection's company.
type Sync struct {
	// ID is Wintro's ID of the run.
	ID string
	// Status is "queued", "running", "succeeded", "failed", or a status that this version doesn't know.
	Status string
	// Vacancies counts the vacancies that Wintro has read so far.
	Vacancies int
}

// Sync starts a vacancy sync and, if wait is set, polls it until it has finished or ctx ends. It calls progress after
// the start and after each change. The error is a *GoneError if Wintro has no such connection, a *DisabledError if the
// connection is disabled, a *SyncFailedError if the polled sync failed, and a *SyncUnfinishedError if ctx ended during
// the polling.
func (s *Service) Sync(ctx context.Context, connectionID string, wait bool, progress func(Sync)) error {
	began := time.Now()
	outliving, cancel := withGrace(ctx)
	defer cancel()
	started, err := s.wintro.StartSync(outliving, Connection{ID: connectionID})
	if rejected, ok := errors.AsType[*APIError](err); ok && rejected.Code == wintro.CodeDisabled {
		return &DisabledError{ID: connectionID}
	}
	if err != nil {
		return err
	}
	last := syncFromWintro(started)
	progress(last)
	if !wait {
		return nil
	}
	for pause := s.pollPause; !isFinished(started); pause = nextPause(pause) {
		if !transport.Sleep(ctx, pause) {
			return &SyncUnfinishedError{Sync: last, Waited: time.Since(began), Interrupted: errors.Is(ctx.Err(), context.Canceled)}
		}
		read, err := s.wintro.GetSync(ctx, connectionID, started.ID)
		if ctx.Err() != nil {
			continue
		}
		if err != nil {
			return err
		}
		if current := syncFromWintro(read); current != last {
			progress(current)
			last = current
		}
		started = read
	}
	if started.Status != wintro.SyncFailed {
		return nil
	}
	failed := &SyncFailedError{Sync: last}
	if started.Error != nil {
		failed.Reason = *started.Error
	}
	return failed
}

func isFinished(sync wintro.Sync) bool {
	return sync.Status == wintro.SyncSucceeded || sync.Status == wintro.SyncFailed
}

func syncFromWintro(sync wintro.Sync) Sync {
	return Sync{ID: sync.ID, Status: sync.Status, Vacancies: sync.VacanciesSynced}
}
