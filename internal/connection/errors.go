package connection

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Errors of the remote systems, which callers tell apart by their types.
type (
	// TokenRejectedError means that Recruitee doesn't know the token.
	TokenRejectedError = recruitee.TokenRejectedError
	// CompanyInaccessibleError means that the token is not, or no longer, for this company.
	CompanyInaccessibleError = recruitee.CompanyInaccessibleError
	// NoAnswerError means that a system gave no usable answer. Its System is RecruiteeName or WintroName.
	NoAnswerError = transport.NoAnswerError
	// APIError means that Wintro answered a call with a problem.
	APIError = wintro.APIError
)

// The systems' names in a NoAnswerError.
const (
	RecruiteeName = recruitee.System
	WintroName    = wintro.System
)

// Refusal is why a call was refused, by the status of the answer.
type Refusal int

// The refusals that callers tell apart.
const (
	RefusedOtherwise Refusal = iota
	// RefusedToken means that Wintro's own API token isn't valid.
	RefusedToken
	// RefusedRights means that Wintro's own API token may not do this.
	RefusedRights
	// RefusedValues means that something was wrong with what was sent.
	RefusedValues
	// RefusedAddress means that nothing is at this address.
	RefusedAddress
	// RefusedRate means that there were too many requests.
	RefusedRate
)

// RefusalOf tells what the status of a APIError or a NoAnswerError means.
func RefusalOf(status int) Refusal {
	switch status {
	case http.StatusUnauthorized:
		return RefusedToken
	case http.StatusForbidden:
		return RefusedRights
	case http.StatusUnprocessableEntity:
		return RefusedValues
	case http.StatusNotFound:
		return RefusedAddress
	case http.StatusTooManyRequests:
		return RefusedRate
	}
	return RefusedOtherwise
}

// NotAdministratorError says that the token is good but its owner isn't an Administrator.
type NotAdministratorError struct {
	CompanyID string
	Owner     Owner
}

// Error is one sentence without a full stop.
func (e *NotAdministratorError) Error() string {
	return fmt.Sprintf("the owner of the API token, %s, has the role %q in Recruitee company %s, which isn't an Administrator's", e.Owner.Email, e.Owner.Role, e.CompanyID)
}

// ExistsError says that the company is linked already. ID is that link's.
type ExistsError struct {
	ID, CompanyID string
}

// Error is one sentence without a full stop.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("Wintro already has the link %s for Recruitee company %s", e.ID, e.CompanyID)
}

// GoneError says that Wintro has no link with this ID.
type GoneError struct {
	ID string
}

// Error is one sentence without a full stop.
func (e *GoneError) Error() string {
	return "Wintro has no link " + e.ID
}

// OtherSystemError says that the connection with this ID is to another applicant tracking system.
type OtherSystemError struct {
	ID, System string
}

// Error is one sentence without a full stop.
func (e *OtherSystemError) Error() string {
	return fmt.Sprintf("the connection %s in Wintro is to %s, not to Recruitee", e.ID, e.System)
}

// TokenNeededError says that the link can only be mended with a token, and none was given.
type TokenNeededError struct {
	Status Status
}

// Error is one sentence without a full stop.
func (e *TokenNeededError) Error() string {
	return fmt.Sprintf("the link's status is %s, which only a token can mend", e.Status)
}

// NotHealthyError says that a link still isn't what it should be after all that could be done.
type NotHealthyError struct {
	ID     string
	Status Status
	Spec   Status
	// Waited is how long, where the status is Pending.
	Waited time.Duration
	// Err is why waiting ended early; nil where the time was up.
	Err error
}

// Error is one sentence without a full stop.
func (e *NotHealthyError) Error() string {
	return fmt.Sprintf("the link %s is %s instead of %s", e.ID, e.Status, e.Spec)
}

// ChangedMeanwhileError says that somebody else has changed the link between the plan and now.
type ChangedMeanwhileError struct {
	ID string
	// What has another value than expected: "company_id", "name", "enabled" or "api_token_fingerprint".
	What string
	// Is and Spec are the values.
	Is, Spec string
}

// Error is one sentence without a full stop.
func (e *ChangedMeanwhileError) Error() string {
	return fmt.Sprintf("the link %s has %s %q instead of %q", e.ID, e.What, e.Is, e.Spec)
}
