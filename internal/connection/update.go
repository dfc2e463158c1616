package connection

import (
	"context"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Update makes a connection what the spec asks for. It sends only what changes, and a token only once
// Recruitee has accepted it.
//
// The connection that is returned is what is known of it then, also beside an error, which is one of this
// package's: a *TokenNeededError where a token is needed and not given, a *NotHealthyError where the
// connection still doesn't work, a *ChangedMeanwhileError where it isn't the one that was planned for.
func (s *Service) Update(ctx context.Context, current Connection, spec Spec, reasons Reasons) (Connection, error) {
	change := Compare(current, spec, reasons)
	if change.Token && spec.Token == "" {
		return current, &TokenNeededError{Status: current.Status}
	}
	var verification Verification
	if change.Verify && spec.Token != "" {
		verification = s.Verify(ctx, spec, Applying)
	}
	if verification.Err != nil {
		return current, verification.Err
	}

	conn := current.withVerification(verification, current.Status)
	if body := change.request(spec); body != (wintro.ConnectionChange{}) {
		changed, err := s.patch(ctx, current.ID, body)
		if isNotFound(err) {
			err = s.confirmGone(ctx, current)
		}
		if err != nil {
			return current, err
		}
		if change.Token {
			// Whose the new token is, only a verification can say.
			current.TokenFingerprint, current.Company, current.Owner = Fingerprint(spec.Token), nil, nil
		}
		conn = s.fromWintro(changed, current).withVerification(verification, "")
		if err := changedMeanwhile(conn, spec, current.TokenFingerprint); err != nil {
			return conn, err
		}
	}
	return s.wait(ctx, conn)
}

func (s *Service) patch(ctx context.Context, id string, body wintro.ConnectionChange) (wintro.Connection, error) {
	ctx, cancel := withGrace(ctx)
	defer cancel()
	defer s.snapshots.end()
	return s.wintro.Update(ctx, id, body)
}

// Change is what has to be done to make a connection what a spec asks for.
type Change struct {
	// Name, Enabled and Token report whether these are sent.
	Name, Enabled, Token bool
	// Verify reports whether Recruitee is asked about the token first.
	Verify bool
	// Wait reports whether Wintro's first check has to be waited for.
	Wait bool
}

// IsEmpty reports whether there is nothing to do.
func (c Change) IsEmpty() bool {
	return c == Change{}
}

// Reasons are those for a change that a Connection doesn't show.
type Reasons struct {
	// SendToken: Wintro holds another token than it should.
	SendToken bool
	// Verify: what is asked of the token has grown, or a plan has found that it doesn't work.
	Verify bool
}

// Compare finds what has to be done. Whether a token is there is not asked here: it may not be known yet.
func Compare(current Connection, spec Spec, reasons Reasons) Change {
	change := Change{
		Name: current.Name != spec.Name,
		// Wintro may report an enabled connection as inactive: then it has to be told again.
		Enabled: current.Enabled != spec.Enabled || spec.Enabled && current.Status == Disabled,
		Wait:    spec.Enabled && current.Status == Pending,
	}
	change.Token = reasons.SendToken || spec.Enabled && NeedsToken(current.Status)
	change.Verify = change.Token || reasons.Verify || change.Enabled && spec.Enabled
	return change
}

func (c Change) request(spec Spec) wintro.ConnectionChange {
	var body wintro.ConnectionChange
	if c.Name {
		body.Name = &spec.Name
	}
	if c.Enabled {
		body.Enabled = &spec.Enabled
	}
	if c.Token {
		body.APIToken = &spec.Token
	}
	return body
}

// Rotation is what decides whether Wintro has to get the token that is configured.
type Rotation struct {
	// Configured reports whether there is a token in the configuration.
	Configured bool
	// Token is the configured token; "" while it is not known yet.
	Token string
	// InWintro is the fingerprint of the token that Wintro holds, LastSent that of the token that was last
	// sent from here. Either is "" where it is not known.
	InWintro, LastSent string
	// Versioned reports whether a version stands for the token's value, so that the value doesn't count.
	Versioned bool
	// VersionChanged reports whether that version is another than the one last applied.
	VersionChanged bool
}

// NeedsSending reports whether the token has to be sent. Under a version a new value alone is no reason:
// its source may yield another one at each run. That Wintro holds a token that was not sent from here
// always is.
func (r Rotation) NeedsSending() bool {
	switch {
	case !r.Configured:
		return false
	case r.Versioned:
		return r.VersionChanged || r.LastSent != "" && r.InWintro != r.LastSent
	case r.Token == "":
		return true
	}
	return Fingerprint(r.Token) != r.InWintro
}

// IsNew reports whether somebody has configured another token than the one that was sent last. A token
// that was replaced in Wintro's settings needs sending again, but isn't new.
func (r Rotation) IsNew() bool {
	switch {
	case !r.Configured:
		return false
	case r.Versioned:
		return r.VersionChanged
	case r.Token == "":
		return true
	case r.LastSent != "":
		return Fingerprint(r.Token) != r.LastSent
	}
	return Fingerprint(r.Token) != r.InWintro
}
