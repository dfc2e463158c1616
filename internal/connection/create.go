package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Create creates a connection. The token goes to Wintro only once Recruitee has accepted it and Wintro
// has answered the look-up for an existing connection: so no other address, and no other system, ever
// gets it.
//
// created is called as soon as the connection exists, before anything else can fail. The error is one of
// this package's, or several joined: an *ExistsError where the company is linked already, a
// *NotHealthyError where the connection exists but is still pending when the time is up, or doesn't work.
func (s *Service) Create(ctx context.Context, spec Spec, created func(Connection)) (Connection, error) {
	s.applying.Store(true)
	verified := make(chan Verification, 1)
	go func() { verified <- s.Verify(ctx, spec, Applying) }()
	existing, lookUp := s.lookUp(ctx, spec.CompanyID)
	verification := <-verified

	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, err
	}
	if existing != nil {
		return Connection{}, &ExistsError{ID: existing.ID, CompanyID: spec.CompanyID}
	}

	made, err := s.post(ctx, spec)
	if err != nil {
		return Connection{}, err
	}
	fingerprint := Fingerprint(spec.Token)
	conn := fromWintro(made, Connection{TokenFingerprint: fingerprint}).withVerification(verification, "")
	created(conn)
	if err := changedMeanwhile(conn, spec, fingerprint); err != nil {
		return conn, err
	}
	return s.wait(ctx, conn)
}

// lookUp finds a connection of the company; nil where there is none.
func (s *Service) lookUp(ctx context.Context, companyID string) (*wintro.Connection, error) {
	for found, err := range s.wintro.List(ctx, companyID) {
		if err != nil {
			return nil, err
		}
		return &found, nil
	}
	return nil, nil
}

// post sends the connection to Wintro, under one key for all attempts. Where Wintro's answer is lost all
// the same, the connection that is there now and holds just this token is the one: there was none before.
func (s *Service) post(ctx context.Context, spec Spec) (wintro.Connection, error) {
	if ctx.Err() != nil {
		return wintro.Connection{}, &NoAnswerError{System: WintroName, Reason: "the operation ended before the connection was created"}
	}
	outliving, cancel := withGrace(ctx)
	defer cancel()
	made, err := s.wintro.Create(outliving, rand.Text(), wintro.NewConnection{
		Ats:       wintro.Recruitee,
		Name:      spec.Name,
		CompanyID: spec.CompanyID,
		APIToken:  spec.Token,
		Enabled:   spec.Enabled,
	})
	var refused *APIError
	switch {
	case err == nil:
		return made, nil
	case errors.As(err, &refused) && refused.Status == http.StatusConflict && refused.ExistingID != "":
		return wintro.Connection{}, &ExistsError{ID: refused.ExistingID, CompanyID: spec.CompanyID}
	case errors.As(err, &refused):
		return wintro.Connection{}, err
	}
	// Whoever interrupts the operation now gets to know as well what became of it.
	outliving, cancel = afterInterruption(ctx)
	defer cancel()
	existing, lookUp := s.lookUp(outliving, spec.CompanyID)
	if lookUp != nil || existing == nil || existing.TokenFingerprint == nil || *existing.TokenFingerprint != Fingerprint(spec.Token) {
		return wintro.Connection{}, err
	}
	return *existing, nil
}
