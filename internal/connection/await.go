package connection

import (
	"context"
	"errors"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// Await polls a connection returned by Create, until Wintro has finished its first check or ctx ends. It returns the
// last known connection, even with an error.
//
// Await returns warnings about changes by another user or process, as Update does. It returns a *NotHealthyError as a
// warning if polling ends before Wintro has finished the check, or if Wintro reports an unexpected status that no other
// warning explains. The error may be one of these:
//
//   - a *NotHealthyError if Wintro can't use the token
//   - a *GoneError if the connection no longer exists
//   - a *MovedError if the connection now belongs to another company
//   - an *OtherOrganisationError if the connection and the API token belong to different organisations
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

// poll polls a connection, with growing pauses, as long as its status is Pending. The error is a *MovedError, a
// *GoneError or an *OtherOrganisationError if the connection belongs to another company, no longer exists, or belongs
// to another organisation. The error is a *NotHealthyError if ctx ends first, or if a poll fails for another reason. If
// Wintro doesn't find a new connection yet, polling continues.
func (s *Service) poll(ctx context.Context, conn Connection, companyID string) (Connection, error) {
	poller := s.wintro.startPolling()
	defer poller.stop()
	began := time.Now()
	stillPending := func(err error) error {
		return &NotHealthyError{
			ID: conn.ID, CompanyID: conn.CompanyID, Status: Pending, Healthy: Active,
			Waited: time.Since(began), Interrupted: errors.Is(ctx.Err(), context.Canceled), Err: err,
		}
	}
	var unseen error
	for pause := s.pollPause; ; pause = nextPause(pause) {
		switch {
		case conn.CompanyID != companyID:
			return conn, &MovedError{ID: conn.ID, CompanyID: companyID, ActualCompanyID: conn.CompanyID}
		case conn.Status != Pending:
			return conn, nil
		case !transport.Sleep(ctx, pause):
			return conn, stillPending(unseen)
		}
		read, err := poller.poll(ctx, conn)
		unseen = nil
		_, isGone := errors.AsType[*GoneError](err)
		_, isOther := errors.AsType[*OtherOrganisationError](err)
		switch {
		case err == nil:
			conn = s.fromWintro(read, conn)
		case errors.Is(err, errUnseen):
			unseen = err
		case isGone, isOther:
			return conn, err
		case ctx.Err() == nil:
			return conn, stillPending(err)
		}
	}
}

// checkResult compares a connection that was just created or updated with its spec. Call it after poll. fingerprint is
// the fingerprint of the token that Wintro should have, or "" if that token isn't known. sent reports whether this
// process has just sent that token. If no attribute differs from the spec, but the status is unexpected, checkResult
// returns a *NotHealthyError as a warning. The error is a *NotHealthyError if Wintro can't use a token that was just
// sent, even if another user has changed other attributes in the meantime.
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
	// The changes probably explain the status, so don't add another warning.
	return warnings, nil
}

// changedMeanwhile returns a *ChangedMeanwhileError for each attribute that differs from its expected value, because
// another user or process has changed the attribute. fingerprint has the same meaning as in checkResult.
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
