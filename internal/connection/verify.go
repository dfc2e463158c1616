package connection

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

// VerifyMode says when tokens are verified with Recruitee.
type VerifyMode string

const (
	// VerifyPlan verifies tokens while planning and again while applying.
	VerifyPlan VerifyMode = "plan"
	// VerifyApply verifies tokens only while applying. It is for machines that plan but can't reach Recruitee.
	VerifyApply VerifyMode = "apply"
	// VerifyOff never verifies tokens.
	VerifyOff VerifyMode = "off"
)

// Phase tells whether a token is verified for a plan or for an apply.
type Phase int

const (
	// Planning verifies a token to show in a plan whether the token works. It uses a cached response of any age.
	Planning Phase = iota
	// Applying verifies a token before an apply uses it. The apply may use the cached response from the plan that
	// Terraform makes right before, in the same process, unless the apply had to wait for so long that the response is
	// too old.
	Applying
)

// maxAge returns the maximum age of a cached response.
func (p Phase) maxAge() time.Duration {
	if p == Applying {
		return 10 * time.Second
	}
	return math.MaxInt64
}

// Verification is Recruitee's judgement of a token for a company. The zero value means that Recruitee wasn't called.
type Verification struct {
	// Err is nil if the token works or wasn't verified. Otherwise Err is a *TokenRejectedError, a
	// *CompanyInaccessibleError, a *NotAdministratorError or, if Recruitee gave no usable response, an
	// *UnavailableError.
	Err error
	// Owner is nil if Recruitee didn't return the token's owner.
	Owner *Owner
}

// IsRejected reports whether Recruitee's response proves that the token can't be used for this connection.
func (v Verification) IsRejected() bool {
	return v.status() != ""
}

// status returns the status of a connection whose token was rejected for this reason, or "" if the token wasn't
// rejected.
func (v Verification) status() Status {
	if _, ok := errors.AsType[*TokenRejectedError](v.Err); ok {
		return TokenRejected
	}
	if _, ok := errors.AsType[*CompanyInaccessibleError](v.Err); ok {
		return CompanyInaccessible
	}
	if _, ok := errors.AsType[*NotAdministratorError](v.Err); ok {
		return NotAdministrator
	}
	return ""
}

// Verify checks with Recruitee whether the token works for the spec's company. It may use a cached response. If the
// VerifyMode excludes this phase, Verify returns the zero value.
func (s *Service) Verify(ctx context.Context, spec Spec, phase Phase) Verification {
	if s.verifyMode == VerifyOff || phase == Planning && s.verifyMode != VerifyPlan {
		return Verification{}
	}
	admin, err := s.verifications.get(ctx, tokenKey{spec.CompanyID, Fingerprint(spec.Token)}, phase.maxAge(), func(ctx context.Context) (recruitee.Admin, error) {
		return s.recruitee.CurrentAdmin(ctx, spec.CompanyID, spec.Token)
	})
	if err != nil {
		return Verification{Err: err}
	}
	v := Verification{Owner: &admin}
	if spec.RequireAdministrator && !admin.IsAdministrator {
		v.Err = &NotAdministratorError{CompanyID: spec.CompanyID, Owner: admin}
	}
	return v
}

// verifications caches Recruitee's responses, so that the refresh and the plan of a resource share one request.
// Resources with the same token and company also share the request.
type verifications struct {
	mu    sync.Mutex
	calls map[tokenKey]*sharedCall[recruitee.Admin]
}

// tokenKey identifies a token and a company. It contains the token's fingerprint instead of the token, so that the
// cache contains no secrets.
type tokenKey struct {
	companyID, fingerprint string
}

// get returns the cached response, or the cached error, if it isn't older than maxAge. Otherwise get sends a request.
// Concurrent callers wait for the request in flight.
func (v *verifications) get(ctx context.Context, key tokenKey, maxAge time.Duration, send func(context.Context) (recruitee.Admin, error)) (recruitee.Admin, error) {
	v.mu.Lock()
	wait, ok := v.calls[key].join(ctx)
	if !ok || v.calls[key].age() > maxAge {
		v.calls[key], wait = startCall(ctx, RecruiteeName, send)
	}
	v.mu.Unlock()
	return wait()
}
