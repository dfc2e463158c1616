package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Create makes a link. The token goes to Wintro only once Recruitee has accepted it and Wintro has
// answered the look-up for an existing link: so no other address, and no other system, ever gets it.
//
// registered is called as soon as the link exists, before anything else can fail. The error is one of
// this package's, or several joined: an *ExistsError where the company is linked already, a
// *NotHealthyError where the link exists but is still pending when the time is up, or doesn't work.
func (s *Service) Create(ctx context.Context, wanted Spec, registered func(Connection)) (Connection, error) {
	s.applying.Store(true)
	checked := make(chan Verification, 1)
	go func() { checked <- s.verifyToSend(ctx, wanted) }()
	existing, lookUp := s.find(ctx, wanted.CompanyID)
	verification := <-checked

	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, err
	}
	if existing != nil {
		return Connection{}, &ExistsError{ID: existing.ID, CompanyID: wanted.CompanyID}
	}

	made, err := s.register(ctx, wanted)
	if err != nil {
		return Connection{}, err
	}
	fingerprint := Fingerprint(wanted.Token)
	conn := reported(made, Connection{TokenFingerprint: fingerprint}).verified(verification, "")
	registered(conn)
	if err := differs(conn, wanted, fingerprint); err != nil {
		return conn, err
	}
	return s.await(ctx, conn)
}

// verifyToSend verifies a token that is about to be sent to Wintro.
func (s *Service) verifyToSend(ctx context.Context, wanted Spec) Verification {
	if s.verification == VerificationOff {
		return Verification{Finding: Unchecked}
	}
	return s.verify(ctx, wanted, justNow)
}

// find looks for a link of the company; nil where there is none.
func (s *Service) find(ctx context.Context, companyID string) (*wintro.Connection, error) {
	for found, err := range s.wintro.List(ctx, companyID) {
		if err != nil {
			return nil, err
		}
		return &found, nil
	}
	return nil, nil
}

// register creates the connection, under one key for all its tries. Where Wintro's answer is lost all the
// same, the connection that is there now and holds just this token is the one: there was none before.
func (s *Service) register(ctx context.Context, wanted Spec) (wintro.Connection, error) {
	if ctx.Err() != nil {
		return wintro.Connection{}, &NoAnswerError{System: WintroName, Reason: "the operation ended before the link was made"}
	}
	outliving, cancel := graced(ctx)
	defer cancel()
	made, err := s.wintro.Create(outliving, rand.Text(), wintro.NewConnection{
		Ats:       wintro.Recruitee,
		Name:      wanted.Name,
		CompanyID: wanted.CompanyID,
		APIToken:  wanted.Token,
		Enabled:   wanted.Enabled,
	})
	var refused *APIError
	switch {
	case err == nil:
		return made, nil
	case errors.As(err, &refused) && refused.Status == http.StatusConflict && refused.ExistingID != "":
		return wintro.Connection{}, &ExistsError{ID: refused.ExistingID, CompanyID: wanted.CompanyID}
	case errors.As(err, &refused):
		return wintro.Connection{}, err
	}
	// Whoever interrupts the operation now gets to know as well what became of it.
	outliving, cancel = lastWord(ctx)
	defer cancel()
	existing, lookUp := s.find(outliving, wanted.CompanyID)
	if lookUp != nil || existing == nil || existing.TokenFingerprint == nil || *existing.TokenFingerprint != Fingerprint(wanted.Token) {
		return wintro.Connection{}, err
	}
	return *existing, nil
}
