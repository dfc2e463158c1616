package connection

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// maxPollPause is the longest pause between two questions whether something has ended.
const maxPollPause = 15 * time.Second

// wait waits while Wintro's first check of a token goes on, with growing pauses. The error is a
// *NotHealthyError where the connection ends in another status than a healthy one, or is still pending
// when the time is up or Wintro doesn't answer any more.
func (s *Service) wait(ctx context.Context, conn Connection) (Connection, error) {
	began := time.Now()
	last := s.snapshots.newest()
	defer s.snapshots.startWaiting()()
	for pause := s.pollPause; conn.Status == Pending; pause = min(pause*3/2, maxPollPause) {
		select {
		case <-ctx.Done():
			return conn, notHealthy(conn, time.Since(began), nil)
		case <-time.After(pause):
		}
		read, err := s.look(ctx, conn.ID, last)
		last = s.snapshots.newest()
		if isNotFound(err) {
			return conn, s.confirmGone(ctx, conn)
		}
		if err != nil && ctx.Err() == nil {
			return conn, notHealthy(conn, time.Since(began), err)
		}
		if err != nil {
			continue
		}
		conn = s.fromWintro(read, conn)
	}
	if conn.Status != HealthyStatus(conn.Enabled) {
		return conn, notHealthy(conn, 0, nil)
	}
	return conn, nil
}

// look reads a connection that is waited for: from the list, where that takes fewer requests for all who wait.
// last is the newest reading of the list when the last look ended: it, and those before it, are too old.
func (s *Service) look(ctx context.Context, id string, last int) (wintro.Connection, error) {
	seen, err := s.snapshots.find(ctx, query{id: id, accepts: s.snapshots.after(last), isWaiting: true})
	if err != nil || seen.ok {
		return seen.connection, err
	}
	return s.wintro.Get(ctx, id)
}

func notHealthy(conn Connection, waited time.Duration, err error) error {
	return &NotHealthyError{ID: conn.ID, Status: conn.Status, Healthy: HealthyStatus(conn.Enabled), Waited: waited, Err: err}
}

// changedMeanwhile finds what of a connection that was just created or updated is not as it should be by
// now: somebody else has changed it at the same time.
func changedMeanwhile(conn Connection, spec Spec, fingerprint string) error {
	for _, field := range []struct{ name, got, want string }{
		{"company_id", conn.CompanyID, spec.CompanyID},
		{"name", conn.Name, spec.Name},
		{"api_token_fingerprint", conn.TokenFingerprint, fingerprint},
		{"enabled", strconv.FormatBool(conn.Enabled), strconv.FormatBool(spec.Enabled)},
	} {
		if field.got != field.want {
			return &ChangedMeanwhileError{ID: conn.ID, Field: field.name, Got: field.got, Want: field.want}
		}
	}
	return nil
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
