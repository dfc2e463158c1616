package connection

import (
	"context"
	"errors"

	"golang.org/x/text/unicode/norm"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Change is an update that a user has planned. Update decides again which changes to send, because both systems and
// the token may have changed since the plan.
type Change struct {
	// Spec is the connection that the plan asks for, with the token from the configuration.
	Spec
	// Arguments and Planned come from the plan. Of Planned, Update uses only Fingerprint and IsFingerprintUnknown.
	Arguments Arguments
	Planned   Planned
	// IsMarked reports whether the plan was empty except that WithRejectedToken marked the status and the fingerprint
	// as unknown.
	IsMarked bool
}

// maySend reports whether the plan lets Update send the token: the planned fingerprint is either unknown or the
// fingerprint of this token.
func (c Change) maySend() bool {
	return c.Token != "" && (c.Planned.IsFingerprintUnknown || c.Planned.Fingerprint == Fingerprint(c.Token))
}

// needsVerification reports whether the plan gives Update a reason to verify a token that Update doesn't send.
func (c Change) needsVerification() bool {
	return c.IsMarked || c.Arguments.RaisingRole || c.Arguments.VersionChanged
}

// UpdateResult describes what Update has achieved, even if Update failed.
type UpdateResult struct {
	// Connection is the last known connection, even if Update failed.
	Connection Connection
	// HasToken reports whether Wintro has accepted the token that Update sent, even if another user has replaced this
	// token since. After a successful Update, HasToken is also true if Wintro already had the token.
	HasToken bool
	// Warnings contains a *ChangedMeanwhileError for each attribute that another user or process has changed in the
	// meantime. The next plan proposes to undo these changes. If nothing has changed but the connection is unhealthy,
	// Warnings contains a *NotHealthyError.
	Warnings []error
}

// Update makes a connection match its spec. It sends only the differences. Unless verification is off, it sends a
// token only after Recruitee has accepted the token. The error may be one of these:
//
//   - a *TokenNeededError if the connection needs a token that Update may not send
//   - the error of a Verification if Recruitee doesn't accept the token
//   - a *NotHealthyError if Wintro can't use the sent token, or if polling ends before Wintro has finished its check
//   - a *GoneError if the connection no longer exists
//   - a *MovedError if the connection now belongs to another company
//   - an *OtherOrganisationError if the connection and the API token belong to different organisations
func (s *Service) Update(ctx context.Context, current Connection, change Change) (UpdateResult, error) {
	result := UpdateResult{Connection: current}
	fingerprint := ""
	if change.Token != "" {
		fingerprint = Fingerprint(change.Token)
	}
	needsToken := change.Enabled && NeedsToken(current.Status, change.RequireAdministrator)
	sends := change.maySend() && (needsToken || fingerprint != current.TokenFingerprint)
	// If Wintro reports an enabled connection as inactive, enable the connection again.
	switches := current.Enabled != change.Enabled || change.Enabled && current.Status == Disabled
	if needsToken && !sends {
		return result, &TokenNeededError{CompanyID: current.CompanyID, Status: current.Status}
	}

	// A token that Wintro already has doesn't need to work while the connection is disabled, because Wintro doesn't
	// use the token.
	verifies := change.Enabled && (change.needsVerification() || switches) && fingerprint != "" && fingerprint == current.TokenFingerprint
	if sends || verifies {
		if verification := s.Verify(ctx, change.Spec, Applying); verification.Err != nil {
			return result, verification.Err
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
	if body != (wintro.ConnectionChange{}) {
		outliving, cancel := withGrace(ctx)
		defer cancel()
		updated, err := s.wintro.Update(outliving, current, body)
		if err != nil {
			return result, err
		}
		if sends {
			result.HasToken = true
			current.TokenFingerprint = fingerprint
		}
		result.Connection = s.fromWintro(updated, current)
	} else if current.Status == NotAdministrator {
		// The role no longer matters, so use the status that Wintro reports.
		read, err := s.wintro.Refresh(ctx, current)
		if err != nil {
			return result, err
		}
		result.Connection = s.fromWintro(read, current)
	}
	var err error
	if result.Connection, err = s.poll(ctx, result.Connection, current.CompanyID); err != nil {
		return result, err
	}
	result.Warnings, err = checkResult(result.Connection, change.Spec, current.TokenFingerprint, sends)
	if err == nil && fingerprint != "" && fingerprint == result.Connection.TokenFingerprint {
		result.HasToken = true
	}
	return result, err
}

// Delete removes a connection. The error is a *GoneError if the connection no longer exists.
func (s *Service) Delete(ctx context.Context, current Connection) error {
	outliving, cancel := withGrace(ctx)
	defer cancel()
	err := s.wintro.Delete(outliving, current)
	if _, isGone := errors.AsType[*GoneError](err); err == nil || isGone {
		s.history.record(current.ID, WasDeleted)
	}
	return err
}

// isSameName reports whether two names are the same text, even if their accents are encoded differently.
func isSameName(a, b string) bool {
	return norm.NFC.String(a) == norm.NFC.String(b)
}
