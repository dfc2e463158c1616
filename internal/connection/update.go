package connection

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Change is what an update is to bring about. It decides again what that takes: since the plan was made, both
// systems and the token may have changed.
type Change struct {
	Spec
	// MaySend reports whether the plan lets the token be sent: it left the fingerprint open, or said that it is
	// this token's.
	MaySend bool
	// Verify reports whether the token must be verified even if it isn't sent: the plan has raised the
	// alarm, its version has changed, or more is required of its owner.
	Verify bool
}

// Update makes a connection what the change asks for. It sends only what differs, and a token only once
// Recruitee has accepted it.
//
// The connection that is returned is what is known of it then, also beside an error. notes are what somebody
// else has done in the meantime, which the next plan mends: a *ChangedMeanwhileError for each attribute, or a
// *NotHealthyError. The error is one of this package's: a *TokenNeededError if a token is needed and there
// is none that may be sent, a *NotHealthyError if Wintro can't use the token, or hasn't found out when
// the time is up, a *MovedError if the connection is another company's by now.
func (s *Service) Update(ctx context.Context, current Connection, change Change) (conn Connection, notes []error, err error) {
	fingerprint := ""
	if change.Token != "" {
		fingerprint = Fingerprint(change.Token)
	}
	needsToken := change.Enabled && NeedsToken(current.Status)
	sends := change.MaySend && fingerprint != "" && (needsToken || fingerprint != current.TokenFingerprint)
	// Wintro may report an enabled connection as inactive: then it must be told again.
	switches := current.Enabled != change.Enabled || change.Enabled && current.Status == Disabled
	if needsToken && !sends {
		return current, nil, &TokenNeededError{CompanyID: current.CompanyID, Status: current.Status}
	}

	// The credentials of a connection that is to be disabled don't matter.
	checks := change.Enabled && (change.Verify || switches) && fingerprint != "" && fingerprint == current.TokenFingerprint
	if sends || checks {
		if verification := s.Verify(ctx, change.Spec, Applying); verification.Err != nil {
			return current, nil, verification.Err
		}
	}

	var body wintro.ConnectionChange
	if !isSameName(current.Name, change.Name) {
		body.Name = &change.Name
	}
	if switches {
		body.Enabled = &change.Enabled
	}
	if sends {
		body.APIToken = &change.Token
	}
	conn = current
	if body != (wintro.ConnectionChange{}) {
		changed, err := s.patch(ctx, current, body)
		if err != nil {
			return current, nil, err
		}
		if sends {
			current.TokenFingerprint = fingerprint
		}
		conn = s.fromWintro(changed, current)
	}
	conn, err = s.wait(ctx, conn, current.CompanyID)
	if err != nil {
		return conn, nil, err
	}
	notes, err = judge(conn, change.Spec, current.TokenFingerprint, sends)
	return conn, notes, err
}

// judge finds what isn't as it should be with a connection that was just created or updated, once nothing is
// waited for any longer. fingerprint is that of the token that it should hold, sent reports whether that was
// sent just now. The error is a *NotHealthyError if Wintro can't use the one that was sent, whatever else
// was changed in the meantime.
func judge(conn Connection, spec Spec, fingerprint string, sent bool) (notes []error, err error) {
	notes = changedMeanwhile(conn, spec, fingerprint)
	if conn.Status == HealthyStatus(spec.Enabled) {
		return notes, nil
	}
	unhealthy := &NotHealthyError{ID: conn.ID, CompanyID: conn.CompanyID, Status: conn.Status, Healthy: HealthyStatus(spec.Enabled)}
	switch {
	case sent && conn.Status == Invalid && conn.TokenFingerprint == fingerprint:
		return notes, unhealthy
	case len(notes) == 0:
		return []error{unhealthy}, nil
	}
	// What somebody else has changed explains the status.
	return notes, nil
}

func (s *Service) patch(ctx context.Context, current Connection, body wintro.ConnectionChange) (wintro.Connection, error) {
	outliving, cancel := withGrace(ctx)
	defer cancel()
	changed, err := s.wintro.Update(outliving, current.ID, body)
	s.snapshots.end()
	return changed, s.confirmGone(ctx, current, err)
}

// isSameName reports whether two names are the same to a reader, however their accents are encoded.
func isSameName(a, b string) bool {
	return norm.NFC.String(a) == norm.NFC.String(b)
}

// changedMeanwhile finds what of a connection that was just created or updated somebody else has changed at
// the same time. fingerprint is that of the token that it should hold.
func changedMeanwhile(conn Connection, spec Spec, fingerprint string) []error {
	var notes []error
	note := func(field string, got, want any) {
		notes = append(notes, &ChangedMeanwhileError{ID: conn.ID, CompanyID: conn.CompanyID, Field: field, Got: got, Want: want})
	}
	if !isSameName(conn.Name, spec.Name) {
		note("name", conn.Name, spec.Name)
	}
	if conn.Enabled != spec.Enabled {
		note("enabled", conn.Enabled, spec.Enabled)
	}
	if fingerprint != "" && conn.TokenFingerprint != fingerprint {
		note("api_token_fingerprint", conn.TokenFingerprint, fingerprint)
	}
	return notes
}
