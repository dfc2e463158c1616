package connection

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

// VerificationMode says when tokens are verified with Recruitee.
type VerificationMode string

// The modes.
const (
	// VerificationPlan: while planning and again while applying.
	VerificationPlan VerificationMode = "plan"
	// VerificationApply: only while applying, if the machine that plans can't reach Recruitee.
	VerificationApply VerificationMode = "apply"
	// VerificationOff: never.
	VerificationOff VerificationMode = "off"
)

// Phase is what a verification is for.
type Phase int

// The phases.
const (
	// Planning: to show in a plan what works. One plan asks once, however long it takes.
	Planning Phase = iota
	// Applying: before the token is used. Terraform plans each connection again right before it applies it,
	// in the same process. Applying may build on that answer, but not on one from before a long wait.
	Applying
)

// maxAge is how old an answer of Recruitee's may be.
func (p Phase) maxAge() time.Duration {
	if p == Applying {
		return 10 * time.Second
	}
	return math.MaxInt64
}

// Verification is what Recruitee said of a token for a company. The zero value is one that wasn't made.
type Verification struct {
	// Err is nil if nothing is known to be wrong with the token. Otherwise it is a *TokenRejectedError,
	// a *CompanyInaccessibleError, a *NotAdministratorError or, if Recruitee gave no usable response, a
	// *UnavailableError.
	Err error
	// Company and Owner are set if Recruitee named them.
	Company *Company
	Owner   *Owner
}

// IsRejected reports whether something is provably wrong with the token.
func (v Verification) IsRejected() bool {
	return v.status() != ""
}

// status is that of a connection with a token that was refuted, "" if it wasn't.
func (v Verification) status() Status {
	switch {
	case isError[*TokenRejectedError](v.Err):
		return TokenRejected
	case isError[*CompanyInaccessibleError](v.Err):
		return CompanyInaccessible
	case isError[*NotAdministratorError](v.Err):
		return NotAdministrator
	}
	return ""
}

// Verify asks Recruitee who owns the token, unless this phase isn't one in which tokens are verified.
func (s *Service) Verify(ctx context.Context, spec Spec, phase Phase) Verification {
	if s.verification == VerificationOff || phase == Planning && s.verification != VerificationPlan {
		return Verification{}
	}
	admin, err := s.answers.get(ctx, question{spec.CompanyID, Fingerprint(spec.Token)}, phase.maxAge(), func() (recruitee.Admin, error) {
		return s.recruitee.CurrentAdmin(ctx, spec.CompanyID, spec.Token)
	})
	return verificationFrom(admin, err, spec)
}

func verificationFrom(admin recruitee.Admin, err error, spec Spec) Verification {
	if err != nil {
		return Verification{Err: err}
	}
	v := Verification{Company: &admin.Company, Owner: &admin}
	if spec.RequireAdministrator && !admin.IsAdministrator {
		v.Err = &NotAdministratorError{CompanyID: spec.CompanyID, Owner: admin}
	}
	return v
}

// answers remembers what Recruitee said of each token and company in this process, so that refreshing and
// planning, and several resources with the same pair, share one request.
type answers struct {
	mu  sync.Mutex
	all map[question]*answer
}

// question holds the token's fingerprint rather than the token.
type question struct {
	companyID, fingerprint string
}

type answer struct {
	// turn holds a value while somebody reads the rest, or asks for it.
	turn  chan struct{}
	admin recruitee.Admin
	err   error
	// at is when that was answered, zero if nothing was that counts.
	at time.Time
}

// get returns the remembered answer if it isn't older than maxAge, or else asks. Whoever comes while
// somebody is asking waits for that answer.
func (a *answers) get(ctx context.Context, q question, maxAge time.Duration, ask func() (recruitee.Admin, error)) (recruitee.Admin, error) {
	known := a.to(q)
	select {
	case known.turn <- struct{}{}:
	default:
		// Somebody is asking.
		select {
		case known.turn <- struct{}{}:
		case <-ctx.Done():
			return recruitee.Admin{}, ended(ctx, RecruiteeName)
		}
	}
	defer func() { <-known.turn }()
	if !known.at.IsZero() && time.Since(known.at) <= maxAge {
		return known.admin, known.err
	}
	known.admin, known.err = ask()
	known.at = time.Now()
	if ctx.Err() != nil {
		// That this caller was interrupted says nothing to those who wait.
		known.at = time.Time{}
	}
	return known.admin, known.err
}

// to is the answer to a question, which may not have been asked yet.
func (a *answers) to(q question) *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[question]*answer{}
	}
	if a.all[q] == nil {
		a.all[q] = &answer{turn: make(chan struct{}, 1)}
	}
	return a.all[q]
}
