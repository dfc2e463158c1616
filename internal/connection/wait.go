package connection

import (
	"context"
	"errors"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// maxPollPause is the longest pause between two questions whether something has ended.
const maxPollPause = 15 * time.Second

// wait waits while Wintro's first check of a token goes on, with growing pauses. The error is a *MovedError
// if the connection isn't, or no longer, for the company, and a *NotHealthyError if the check still goes
// on when the time is up, or if Wintro doesn't answer any longer.
func (s *Service) wait(ctx context.Context, conn Connection, companyID string) (Connection, error) {
	began := time.Now()
	last := s.snapshots.latest()
	s.snapshots.waiters.Add(1)
	defer s.snapshots.waiters.Add(-1)
	for pause := s.pollPause; ; pause = min(pause*3/2, maxPollPause) {
		switch {
		case conn.CompanyID != companyID:
			return conn, &MovedError{ID: conn.ID, CompanyID: companyID, Now: conn.CompanyID}
		case conn.Status != Pending:
			return conn, nil
		}
		unfinished := &NotHealthyError{ID: conn.ID, CompanyID: conn.CompanyID, Status: Pending, Healthy: Active}
		select {
		case <-ctx.Done():
			unfinished.Waited, unfinished.Interrupted = time.Since(began), errors.Is(ctx.Err(), context.Canceled)
			return conn, unfinished
		case <-time.After(pause):
		}
		read, err := s.look(ctx, conn.ID, last)
		last = s.snapshots.latest()
		err = s.confirmGone(ctx, conn, err)
		switch {
		case isError[*GoneError](err), isError[*OtherOrganisationError](err):
			return conn, err
		case err != nil && ctx.Err() == nil:
			unfinished.Waited, unfinished.Err = time.Since(began), err
			return conn, unfinished
		case err == nil:
			conn = s.fromWintro(read, conn)
		}
	}
}

// look reads a connection that is waited for: from the list, if that takes fewer requests for all who wait.
// last is the latest reading of the list when the last look ended: it, and those before it, are too old.
func (s *Service) look(ctx context.Context, id string, last *snapshot) (wintro.Connection, error) {
	seen, err := s.snapshots.find(ctx, query{id: id, accepts: s.snapshots.after(last), isWaiting: true})
	if err != nil || seen.ok {
		return seen.connection, err
	}
	return s.wintro.Get(ctx, id)
}

// gracePeriod is how long a request that changes something may still take once a person has interrupted
// the operation, and how long the question may take what became of it. Terraform waits for the provider
// after a first Ctrl-C, but people don't like to.
const gracePeriod = 700 * time.Millisecond

// withGrace returns a context that outlives an interruption of ctx by the grace period, so that what was
// just created gets into state. It ends with ctx's deadline all the same.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	parent := context.WithoutCancel(ctx)
	outliving, cancel := context.WithCancel(parent)
	if deadline, set := ctx.Deadline(); set {
		cancel()
		outliving, cancel = context.WithDeadline(parent, deadline)
	}
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(gracePeriod, cancel) })
	return outliving, func() { stop(); cancel() }
}

// afterInterruption returns a context for one question after an interruption; without one, it is ctx.
func afterInterruption(ctx context.Context) (context.Context, context.CancelFunc) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.WithTimeout(context.WithoutCancel(ctx), gracePeriod)
	}
	return context.WithCancel(ctx)
}
