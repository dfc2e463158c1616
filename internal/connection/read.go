package connection

import (
	"context"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Read reads a link from Wintro and, where the token is given and checks while planning are on, asks
// Recruitee about it, both at once. last is what is known of the link; only its ID is needed. The
// error is a *GoneError where Wintro says that there is no such link.
//
// A link that was switched off, or now belongs to another company, is reported as Wintro has it: the
// token has nothing to do with either.
func (s *Service) Read(ctx context.Context, last Connection, token string, requireAdministrator bool) (Connection, Verification, error) {
	checked := make(chan Verification, 1)
	go func() {
		if token == "" || !last.Enabled || s.verification != VerificationPlan {
			checked <- Verification{Finding: Unchecked}
			return
		}
		checked <- s.Verify(ctx, Spec{CompanyID: last.CompanyID, Token: token, RequireAdministrator: requireAdministrator})
	}()
	read, err := s.connection(ctx, last.ID)
	verification := <-checked
	if gone(err) {
		return Connection{}, Verification{}, &GoneError{ID: last.ID}
	}
	if err != nil {
		return Connection{}, Verification{}, err
	}
	if read.Ats != wintro.Recruitee {
		return Connection{}, Verification{}, &OtherSystemError{ID: last.ID, System: string(read.Ats)}
	}
	conn := reported(read, last)
	if last.CompanyID != "" && conn.CompanyID != last.CompanyID {
		conn.Company, conn.Owner = nil, nil
		verification = Verification{Finding: Unchecked}
	}
	if !conn.Enabled {
		verification = Verification{Finding: Unchecked}
	}
	return conn.verified(verification, last.Status), verification, nil
}

// gone tells whether Wintro said, in the contract's form, that there is no such link.
func gone(err error) bool {
	return refusal(err) == http.StatusNotFound
}
