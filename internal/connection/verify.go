package connection

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

const (
	// inThisRun: one plan asks once, however long it takes.
	inThisRun time.Duration = math.MaxInt64
	// justNow: Terraform plans each resource again right before it applies it, in the same process.
	// Applying may build on that check, but not on one from before a long wait.
	justNow = 10 * time.Second
)

// Verification is what Recruitee said of a token for a company.
type Verification struct {
	Finding Finding
	// Err says why Finding is neither Accepted nor Unchecked: a *TokenRejectedError, a
	// *CompanyInaccessibleError, a *NotAdministratorError or a *NoAnswerError.
	Err error
	// Company and Owner are set where Recruitee named them.
	Company *Company
	Owner   *Owner
}

// VerifyUnlessOff verifies a token whatever is being done, except where nothing is ever verified.
func (s *Service) VerifyUnlessOff(ctx context.Context, wanted Spec) Verification {
	if s.verification == VerificationOff {
		return Verification{Finding: Unchecked}
	}
	return s.Verify(ctx, wanted)
}

// VerifyPlanned verifies the token of a planned link, where that is done while planning at all.
//
// Terraform plans each link once more right before it applies it. Create then asks about the token of a
// new one itself, beside its look-up, so that nothing is gained by asking first.
func (s *Service) VerifyPlanned(ctx context.Context, wanted Spec, isNew bool) Verification {
	if s.verification != VerificationPlan || isNew && s.applying.Load() {
		return Verification{Finding: Unchecked}
	}
	return s.Verify(ctx, wanted)
}

// Verify asks Recruitee who owns the token, unless it was asked in this run already.
func (s *Service) Verify(ctx context.Context, wanted Spec) Verification {
	return s.verify(ctx, wanted, inThisRun)
}

func (s *Service) verify(ctx context.Context, wanted Spec, oldest time.Duration) Verification {
	q := question{wanted.CompanyID, Fingerprint(wanted.Token)}
	admin, err := s.answers.once(ctx, q, oldest, func() (recruitee.Admin, error) {
		return s.recruitee.CurrentAdmin(ctx, wanted.CompanyID, wanted.Token)
	})
	return verdict(admin, err, wanted)
}

func verdict(admin recruitee.Admin, err error, wanted Spec) Verification {
	var rejected *TokenRejectedError
	var inaccessible *CompanyInaccessibleError
	switch {
	case errors.As(err, &rejected):
		return Verification{Finding: FoundRejected, Err: err}
	case errors.As(err, &inaccessible):
		return Verification{Finding: FoundInaccessible, Err: err}
	case err != nil:
		return Verification{Finding: Unanswered, Err: err}
	}
	owner := Owner{ID: admin.ID, Email: admin.Email, Name: admin.Name, Role: admin.Role, Administrator: admin.Administrator}
	found := Verification{Finding: Accepted, Company: &admin.Company, Owner: &owner}
	if wanted.RequireAdministrator && !admin.Administrator {
		found.Finding = FoundNotAdministrator
		found.Err = &NotAdministratorError{CompanyID: wanted.CompanyID, Owner: owner}
	}
	return found
}
