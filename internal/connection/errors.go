package connection

import (
	"errors"
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
	// UnavailableError means that a system gave no usable response. Its System is RecruiteeName or WintroName.
	UnavailableError = transport.UnavailableError
	// APIError means that Wintro refused a call.
	APIError = wintro.APIError
)

// The systems' names in a UnavailableError.
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
	// RefusedScope means that Wintro's own API token may not do this.
	RefusedScope
	// RefusedValues means that something was wrong with what was sent.
	RefusedValues
	// RefusedAddress means that nothing is at this address.
	RefusedAddress
	// RefusedRate means that there were too many requests.
	RefusedRate
)

// RefusalOf is what the status of an APIError or a UnavailableError means.
func RefusalOf(status int) Refusal {
	switch status {
	case http.StatusUnauthorized:
		return RefusedToken
	case http.StatusForbidden:
		return RefusedScope
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return RefusedValues
	case http.StatusNotFound:
		return RefusedAddress
	case http.StatusTooManyRequests:
		return RefusedRate
	}
	return RefusedOtherwise
}

// IsTransient reports whether the reason for a refusal is one that time removes, by the status of the answer.
func IsTransient(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// NotAdministratorError says that the token is good but its owner isn't an Administrator.
type NotAdministratorError struct {
	CompanyID string
	Owner     Owner
}

func (e *NotAdministratorError) Error() string {
	return fmt.Sprintf("the owner of the API token, %s, has the role %q in Recruitee company %s, which isn't an Administrator's", e.Owner.Email, e.Owner.Role, e.CompanyID)
}

// ExistsError says that the company is linked already. ID is that connection's.
type ExistsError struct {
	ID, CompanyID string
	// WasRead reports whether Read has read that connection in this process: it is in Terraform's state.
	WasRead bool
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("Wintro already has the connection %s for Recruitee company %s", e.ID, e.CompanyID)
}

// LinkedElsewhereError says that another organisation of Wintro's has linked the company.
type LinkedElsewhereError struct {
	CompanyID string
}

func (e *LinkedElsewhereError) Error() string {
	return "another Wintro organisation has linked Recruitee company " + e.CompanyID
}

// GoneError says that Wintro has no connection with this ID.
type GoneError struct {
	ID string
	// CompanyID is "" if only the ID was known.
	CompanyID string
	// IsOrganisationKnown reports whether it is certain that Wintro looked in the connection's organisation.
	IsOrganisationKnown bool
}

func (e *GoneError) Error() string {
	return "Wintro has no connection " + e.ID
}

// OtherOrganisationError says that Wintro's API token belongs to another organisation than the connection.
type OtherOrganisationError struct {
	ID, Organisation, TokenOrganisation string
}

func (e *OtherOrganisationError) Error() string {
	return fmt.Sprintf("the connection %s belongs to the Wintro organisation %s, and the API token to %s", e.ID, e.Organisation, e.TokenOrganisation)
}

// NoEndpointsError says that this Wintro has no endpoints for ATS connections.
type NoEndpointsError struct {
	// Message is what Wintro said, fit for printing.
	Message string
}

func (e *NoEndpointsError) Error() string {
	return "this Wintro has no endpoints for ATS connections: " + e.Message
}

// OtherSystemError says that the connection with this ID is to another applicant tracking system.
type OtherSystemError struct {
	ID, System string
}

func (e *OtherSystemError) Error() string {
	return fmt.Sprintf("the connection %s in Wintro is to %s, not to Recruitee", e.ID, e.System)
}

// TokenNeededError says that the connection can only be mended with a token, and that there is none.
type TokenNeededError struct {
	CompanyID string
	Status    Status
}

func (e *TokenNeededError) Error() string {
	return fmt.Sprintf("the status of the connection for Recruitee company %s is %s, which only a token can mend", e.CompanyID, e.Status)
}

// NotHealthyError says that a connection isn't what it should be after all that could be done.
type NotHealthyError struct {
	ID, CompanyID string
	// Status is what it is, Healthy what it should be.
	Status, Healthy Status
	// Waited is how long, if the status is Pending.
	Waited time.Duration
	// Interrupted reports whether a person ended the wait, rather than the time being up.
	Interrupted bool
	// Err is set if waiting ended because Wintro gave no usable response.
	Err error
}

func (e *NotHealthyError) Error() string {
	return fmt.Sprintf("the connection %s is %s instead of %s", e.ID, e.Status, e.Healthy)
}

// ChangedMeanwhileError says that somebody else has changed the connection between the plan and now.
type ChangedMeanwhileError struct {
	ID, CompanyID string
	// Field has another value than expected: "name", "enabled" or "api_token_fingerprint".
	Field string
	// Got is its value, Want the expected one.
	Got, Want any
}

func (e *ChangedMeanwhileError) Error() string {
	return fmt.Sprintf("the connection %s has %s %#v instead of %#v", e.ID, e.Field, e.Got, e.Want)
}

// MovedError says that somebody has moved the connection to another company between the plan and now.
type MovedError struct {
	// CompanyID is the company that it should be for, Now the one that it is for.
	ID, CompanyID, Now string
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("the connection %s is for Recruitee company %s instead of %s", e.ID, e.Now, e.CompanyID)
}

// NotLinkedError says that Wintro has no connection for the company.
type NotLinkedError struct {
	CompanyID string
}

func (e *NotLinkedError) Error() string {
	return "Wintro has no connection for Recruitee company " + e.CompanyID
}

// MultipleConnectionsError says that Wintro has more than one connection for the company.
type MultipleConnectionsError struct {
	CompanyID string
	IDs       []string
}

func (e *MultipleConnectionsError) Error() string {
	return fmt.Sprintf("Wintro has %d connections for Recruitee company %s", len(e.IDs), e.CompanyID)
}

// DisabledError says that a connection is disabled.
type DisabledError struct {
	ID string
}

func (e *DisabledError) Error() string {
	return fmt.Sprintf("the connection %s is disabled", e.ID)
}

// SyncFailedError says that a sync has failed.
type SyncFailedError struct {
	Sync Sync
	// Reason is Wintro's, fit for printing. It may be empty.
	Reason string
}

func (e *SyncFailedError) Error() string {
	return fmt.Sprintf("the sync %s failed: %s", e.Sync.ID, e.Reason)
}

// SyncUnfinishedError says that a sync goes on, though nobody waits for it any longer.
type SyncUnfinishedError struct {
	Sync Sync
	// Waited is how long.
	Waited time.Duration
	// Interrupted reports whether a person ended the wait, rather than the time being up.
	Interrupted bool
}

func (e *SyncUnfinishedError) Error() string {
	return fmt.Sprintf("the sync %s is still %s after %s", e.Sync.ID, e.Sync.Status, e.Waited)
}

// statusOf is the HTTP status with which Wintro refused a call, 0 if it didn't.
func statusOf(err error) int {
	if refused, ok := errors.AsType[*APIError](err); ok {
		return refused.Status
	}
	return 0
}

// hasCode reports whether Wintro refused a call with this code.
func hasCode(err error, code string) bool {
	refused, ok := errors.AsType[*APIError](err)
	return ok && refused.Code == code
}

// isNotFound reports whether Wintro said, in the contract's form, that there is no such connection.
func isNotFound(err error) bool {
	return statusOf(err) == http.StatusNotFound
}

// listError is the error of a list. There is no list only if Wintro doesn't have these endpoints.
func listError(err error) error {
	if refused, ok := errors.AsType[*APIError](err); ok && isNotFound(err) {
		return &NoEndpointsError{Message: refused.Message}
	}
	return err
}

func isError[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}
