package connection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Sync is a run in which Wintro reads the vacancies of a link's company.
type Sync struct {
	// ID is Wintro's ID of the run.
	ID string
	// Status is how far it has come: "queued", "running", "succeeded" or "failed".
	Status string
	// Vacancies is how many have been read so far.
	Vacancies int
}

// Sync starts a vacancy sync and, if wait is set, follows it to its end. progress is called with each
// change. The error is a *GoneError where there is no such link, a *DisabledError where it is switched
// off, a *SyncFailedError where Wintro says that the sync has failed, and a *SyncUnfinishedError where it
// goes on when the time is up.
func (s *Service) Sync(ctx context.Context, connectionID string, wait bool, progress func(Sync)) error {
	began := time.Now()
	started, err := s.wintro.StartSync(ctx, connectionID)
	switch status := refusal(err); {
	case status == http.StatusNotFound:
		return &GoneError{ID: connectionID}
	case status == http.StatusConflict:
		return &DisabledError{ID: connectionID}
	case err != nil:
		return err
	}
	last := shown(started)
	progress(last)
	if !wait {
		return nil
	}
	for pause := s.pollPause; !ended(started); pause = min(pause*3/2, longestPollPause) {
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
		if now := shown(read); now != last {
			progress(now)
			last = now
		}
		started = read
	}
	if started.Status == wintro.SyncFailed {
		return syncFailed(started)
	}
	return nil
}

func ended(sync wintro.Sync) bool {
	return sync.Status == wintro.SyncSucceeded || sync.Status == wintro.SyncFailed
}

func shown(sync wintro.Sync) Sync {
	return Sync{ID: sync.ID, Status: string(sync.Status), Vacancies: sync.VacanciesSynced}
}

func syncFailed(sync wintro.Sync) error {
	failed := &SyncFailedError{Sync: shown(sync)}
	if sync.Error != nil {
		failed.Reason = *sync.Error
	}
	return failed
}

// refusal is the status with which Wintro refused a call, 0 where it didn't.
func refusal(err error) int {
	var problem *APIError
	if errors.As(err, &problem) {
		return problem.Status
	}
	return 0
}

// DisabledError says that a link is switched off.
type DisabledError struct {
	ID string
}

// Error is one sentence without a full stop.
func (e *DisabledError) Error() string {
	return fmt.Sprintf("the link %s is switched off", e.ID)
}

// SyncFailedError says that a sync has failed.
type SyncFailedError struct {
	Sync Sync
	// Reason is Wintro's, fit for printing. It may be empty.
	Reason string
}

// Error is one sentence without a full stop.
func (e *SyncFailedError) Error() string {
	return fmt.Sprintf("the sync %s failed: %s", e.Sync.ID, e.Reason)
}

// SyncUnfinishedError says that a sync goes on, though nobody waits for it any more.
type SyncUnfinishedError struct {
	Sync Sync
	// Waited is how long.
	Waited time.Duration
	// Interrupted tells whether a person ended the wait, rather than the time being up.
	Interrupted bool
}

// Error is one sentence without a full stop.
func (e *SyncUnfinishedError) Error() string {
	return fmt.Sprintf("the sync %s is still %s after %s", e.Sync.ID, e.Sync.Status, e.Waited)
}
