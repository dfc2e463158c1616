package connection

import (
	"context"
	"errors"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Sync is a run in which Wintro reads the vacancies of a connection's company.
type Sync struct {
	// ID is Wintro's ID of the run.
	ID string
	// Status is how far it has come: "queued", "running", "succeeded" or "failed".
	Status string
	// Vacancies is how many have been read so far.
	Vacancies int
}

// Sync starts a vacancy sync and, if wait is set, follows it to its end. progress is called with each
// change. The error is a *GoneError if there is no such connection, a *DisabledError if it is
// disabled, a *SyncFailedError if Wintro says that the sync has failed, and a *SyncUnfinishedError if it
// goes on when the time is up.
func (s *Service) Sync(ctx context.Context, connectionID string, wait bool, progress func(Sync)) error {
	began := time.Now()
	started, err := s.wintro.StartSync(ctx, connectionID)
	s.snapshots.end()
	switch {
	case hasCode(err, wintro.CodeDisabled):
		return &DisabledError{ID: connectionID}
	case err != nil:
		return s.confirmGone(ctx, Connection{ID: connectionID}, err)
	}
	last := syncFromWintro(started)
	progress(last)
	if !wait {
		return nil
	}
	for pause := s.pollPause; !isEnded(started); pause = min(pause*3/2, maxPollPause) {
		select {
		case <-ctx.Done():
			return &SyncUnfinishedError{Sync: last, Waited: time.Since(began), Interrupted: errors.Is(ctx.Err(), context.Canceled)}
		case <-time.After(pause):
		}
		read, err := s.wintro.GetSync(ctx, connectionID, started.ID)
		if ctx.Err() != nil {
			continue
		}
		if err != nil {
			return err
		}
		if now := syncFromWintro(read); now != last {
			progress(now)
			last = now
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

func isEnded(sync wintro.Sync) bool {
	return sync.Status == wintro.SyncSucceeded || sync.Status == wintro.SyncFailed
}

func syncFromWintro(sync wintro.Sync) Sync {
	return Sync{ID: sync.ID, Status: sync.Status, Vacancies: sync.VacanciesSynced}
}
