package connection

import (
	"context"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Update makes a link what it should be. It sends only what changes, and a token only once Recruitee
// has accepted it.
//
// The link that is returned is what is known of it then, also beside an error, which is one of this
// package's: a *TokenNeededError where a token is needed and not given, a *NotHealthyError where the
// link still doesn't work, a *ChangedMeanwhileError where it isn't the link that was planned for.
func (s *Service) Update(ctx context.Context, is Connection, wanted Spec, due Due) (Connection, error) {
	s.applying.Store(true)
	change := Compare(is, wanted, due)
	if change.SendToken && wanted.Token == "" {
		return is, &TokenNeededError{Status: is.Status}
	}
	verification := Verification{Finding: Unchecked}
	if change.Verify && wanted.Token != "" {
		verification = s.verifyToSend(ctx, wanted)
	}
	if verification.Err != nil {
		return is, verification.Err
	}

	conn := is.verified(verification, is.Status)
	if send := request(change, wanted); send != (wintro.ConnectionChange{}) {
		changed, err := s.update(ctx, is.ID, send)
		if gone(err) {
			return is, &GoneError{ID: is.ID}
		}
		if err != nil {
			return is, err
		}
		if change.SendToken {
			// Whose the new token is, only a verification can tell.
			is.TokenFingerprint, is.Company, is.Owner = Fingerprint(wanted.Token), nil, nil
		}
		conn = reported(changed, is).verified(verification, "")
		if err := differs(conn, wanted, is.TokenFingerprint); err != nil {
			return conn, err
		}
	}
	return s.await(ctx, conn)
}

func (s *Service) update(ctx context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error) {
	ctx, cancel := graced(ctx)
	defer cancel()
	return s.wintro.Update(ctx, id, change)
}

func request(change Change, wanted Spec) wintro.ConnectionChange {
	var send wintro.ConnectionChange
	if change.Name {
		send.Name = &wanted.Name
	}
	if change.Enabled {
		send.Enabled = &wanted.Enabled
	}
	if change.SendToken {
		send.APIToken = &wanted.Token
	}
	return send
}
