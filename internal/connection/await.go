package connection

import (
	"context"
	"errors"
	"time"
)

// maxPollPause is the longest interval between polls.
const maxPollPause = 15 * time.Second

// nextPause returns the pause after the next poll.
func nextPause(pause time.Duration) time.Duration { return min(pause*3/2, maxPollPause) }

// sleep waits for a pause. It returns false if ctx ends first.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// Await polls a connection that Create has returned until Wintro has finished its first check. It returns the last
// known connection, even with an error.
//
// warnings are changes that another user or process has made in the meantime, as in Update, or a *NotHealthyError if
// Wintro reports a status that this version doesn't know, or hasn't finished its check before the timeout: such a
// connection needs nothing but time. The error is a *NotHealthyError if the connection can't work, a *GoneError if
// it no longer exists, and a *MovedError if it is another company's.
func (s *Service) Await(ctx context.Context, created Connection, spec Spec) (conn Connection, warnings []error, err error) {
	conn, err = s.poll(ctx, created, spec.CompanyID)
	if unfinished, ok := errors.AsType[*NotHealthyError](err); ok {
		return conn, []error{unfinished}, nil
	}
	if err != nil {
		return conn, nil, err
	}
	warnings, err = checkResult(conn, spec, Fingerprint(spec.Token), true)
	return conn, warnings, err
}

// poll polls a connection while it is pending, with growing pauses, until ctx ends. The error is a *MovedError if the
// connection is another company's, and a *NotHealthyError if it is still pending at the end, or if Wintro no longer
// gives a usable response.
func (s *Service) poll(ctx context.Context, conn Connection, companyID string) (Connection, error) {
	began := time.Now()
	poller := s.wintro.NewPoller()
	defer poller.Stop()
	var last error
	for pause := s.pollPause; ; pause = nextPause(pause) {
		switch {
		case conn.CompanyID != companyID:
			return conn, &MovedError{ID: conn.ID, CompanyID: companyID, ActualCompanyID: conn.CompanyID}
		case conn.Status != Pending:
			return conn, nil
		}
		if !sleep(ctx, pause) {
			return conn, &NotHealthyError{
				ID: conn.ID, CompanyID: conn.CompanyID, Status: Pending, Healthy: Active,
				Waited: time.Since(began), Interrupted: errors.Is(ctx.Err(), context.Canceled), Err: last,
			}
		}
		read, err := poller.Poll(ctx, conn)
		last = nil
		_, isGone := errors.AsType[*GoneError](err)
		_, isOther := errors.AsType[*OtherOrganisationError](err)
		_, isUnseen := s.wintro.isUnseen(conn.ID, err)
		switch {
		case err == nil:
			conn = s.fromWintro(read, conn)
		case isUnseen:
			// Wintro has just created the connection: it will find it later.
			last = err
		case isGone, isOther:
			return conn, err
		case ctx.Err() == nil:
			return conn, &NotHealthyError{
				ID: conn.ID, CompanyID: conn.CompanyID, Status: Pending, Healthy: Active,
				Waited: time.Since(began), Err: err,
			}
		}
	}
}

// checkResult compares a connection that was just created or updated with its spec. Call it after poll. fingerprint is
// that of the token which Wintro should have, and sent reports whether this process has just sent that token. The
// error is a *NotHealthyError if Wintro can't use it, no matter what else was changed in the meantime.
func checkResult(conn Connection, spec Spec, fingerprint string, sent bool) (warnings []error, err error) {
	warnings = changedMeanwhile(conn, spec, fingerprint)
	if conn.Status == HealthyStatus(spec.Enabled) {
		return warnings, nil
	}
	unhealthy := &NotHealthyError{ID: conn.ID, CompanyID: conn.CompanyID, Status: conn.Status, Healthy: HealthyStatus(spec.Enabled)}
	switch {
	case sent && conn.Status == Invalid && conn.TokenFingerprint == fingerprint:
		return warnings, unhealthy
	case len(warnings) == 0:
		return []error{unhealthy}, nil
	}
	// The other changes explain the status.
	return warnings, nil
}

// changedMeanwhile returns a *ChangedMeanwhileError for each attribute that another user or process has changed
// since the request. fingerprint is that of the token which Wintro should have, or "" if it isn't known.
func changedMeanwhile(conn Connection, spec Spec, fingerprint string) []error {
	var warnings []error
	warn := func(field string, got, want any) {
		warnings = append(warnings, &ChangedMeanwhileError{ID: conn.ID, CompanyID: conn.CompanyID, Field: field, Got: got, Want: want})
	}
	if !isSameName(conn.Name, spec.Name) {
		warn("name", conn.Name, spec.Name)
	}
	if conn.Enabled != spec.Enabled {
		warn("enabled", conn.Enabled, spec.Enabled)
	}
	if fingerprint != "" && conn.TokenFingerprint != fingerprint {
		warn("api_token_fingerprint", conn.TokenFingerprint, fingerprint)
	}
	return warnings
}

// gracePeriod limits a write after Ctrl-C, and a look-up after the operation has ended. Terraform waits for the provider after the first Ctrl-C, but users don't like to.
const gracePeriod = 700 * time.Millisecond

// withGrace returns a context for a write. It outlives an interruption of ctx by the grace period, so that a
// connection that Wintro is just creating gets into state. It still ends at ctx's deadline.
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

// afterEnd returns a context for one look-up. If ctx has ended, because of a timeout or an interruption, the look-up
// gets the grace period.
func afterEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), gracePeriod)
	}
	return context.WithCancel(ctx)
}
