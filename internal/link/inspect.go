package link

import (
	"context"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Inspect reads a link from Wintro and, where the token is given and checks while planning are on, asks
// Recruitee about it, both at once. last is what is known of the link; only its ID is needed. The
// error is a *GoneError where Wintro says that there is no such link.
//
// A link that was switched off, or now belongs to another company, is reported as Wintro has it: the
// token has nothing to do with either.
func (s *Service) Inspect(ctx context.Context, last Link, token string, requireAdministrator bool) (Link, Verification, error) {
	checked := make(chan Verification, 1)
	go func() {
		if token == "" || !last.Enabled || s.verification != WhenPlanned {
			checked <- Verification{Finding: Unchecked}
			return
		}
		checked <- s.Verify(ctx, Wanted{CompanyID: last.CompanyID, Token: token, RequireAdministrator: requireAdministrator})
	}()
	read, err := s.connection(ctx, last.ID)
	verification := <-checked
	if gone(err) {
		return Link{}, Verification{}, &GoneError{ID: last.ID}
	}
	if err != nil {
		return Link{}, Verification{}, err
	}
	if read.Ats != wintro.Recruitee {
		return Link{}, Verification{}, &OtherSystemError{ID: last.ID, System: string(read.Ats)}
	}
	link := reported(read, last)
	if last.CompanyID != "" && link.CompanyID != last.CompanyID {
		link.Company, link.Owner = nil, nil
		verification = Verification{Finding: Unchecked}
	}
	if !link.Enabled {
		verification = Verification{Finding: Unchecked}
	}
	return link.verified(verification, last.Status), verification, nil
}

// gone tells whether Wintro said, in the contract's form, that there is no such link.
func gone(err error) bool {
	return refusal(err) == http.StatusNotFound
}
