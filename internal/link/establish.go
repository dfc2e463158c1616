package link

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Establish makes a link. The token goes to Wintro only once Recruitee has accepted it and Wintro has
// answered the look-up for an existing link: so no other address, and no other system, ever gets it.
//
// registered is called as soon as the link exists, before anything else can fail. The error is one of
// this package's, or several joined: an *ExistsError where the company is linked already, a
// *NotHealthyError where the link exists but is still pending when the time is up, or doesn't work.
func (s *Service) Establish(ctx context.Context, wanted Wanted, registered func(Link)) (Link, error) {
	checked := make(chan Verification, 1)
	go func() { checked <- s.verifyToSend(ctx, wanted) }()
	existing, lookUp := s.find(ctx, wanted.CompanyID)
	verification := <-checked

	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Link{}, err
	}
	if existing != nil {
		return Link{}, &ExistsError{ID: existing.ID, CompanyID: wanted.CompanyID}
	}

	made, err := s.wintro.Create(ctx, rand.Text(), wintro.NewConnection{
		Ats:       wintro.Recruitee,
		Name:      wanted.Name,
		CompanyID: wanted.CompanyID,
		APIToken:  wanted.Token,
		Enabled:   wanted.Enabled,
	})
	if err != nil {
		return Link{}, s.notMade(err, wanted)
	}
	fingerprint := Fingerprint(wanted.Token)
	link := reported(made, Link{TokenFingerprint: fingerprint}).verified(verification, "")
	registered(link)
	if err := differs(link, wanted, fingerprint); err != nil {
		return link, err
	}
	return s.await(ctx, link)
}

// verifyToSend verifies a token that is about to be sent to Wintro.
func (s *Service) verifyToSend(ctx context.Context, wanted Wanted) Verification {
	if s.verification == Never {
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

func (s *Service) notMade(err error, wanted Wanted) error {
	var problem *RefusedError
	if errors.As(err, &problem) && problem.Status == http.StatusConflict && problem.ExistingID != "" {
		return &ExistsError{ID: problem.ExistingID, CompanyID: wanted.CompanyID}
	}
	return err
}
