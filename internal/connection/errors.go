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

// These errors come from the clients of both systems. Callers distinguish errors by their type.
type (
	// TokenRejectedError means that Recruitee doesn't know the token.
	TokenRejectedError = recruitee.TokenRejectedError
	// CompanyInaccessibleError means that the token gives no access to the company, or no longer does.
	CompanyInaccessibleError = recruitee.CompanyInaccessibleError
	// UnavailableError means that a system gave no usable response. Its System is RecruiteeName or WintroName.
	UnavailableError = transport.UnavailableError
	// APIError means that Wintro responded to a call with an error.
	APIError = wintro.APIError
)

// These are the names of the systems in an UnavailableError.
const (
	RecruiteeName = recruitee.System
	WintroName    = wintro.System
)

// These are the scopes that the provider's API token needs.
const (
	ScopeRead  = wintro.ScopeRead
	ScopeWrite = wintro.ScopeWrite
)

// IsTransient reports whether a call that failed with err may succeed later, because the system gave no usable response,
// or because Wintro returned a 429 or a 5xx.
func IsTransient(err error) bool {
	if _, ok := errors.AsType[*UnavailableError](err); ok {
		return true
	}
	rejected, ok := errors.AsType[*APIError](err)
	return ok && (rejected.Status == http.StatusTooManyRequests || rejected.Status >= http.StatusInternalServerError)
}

// retryAfter returns the wait that a system asked for, or 0 if err isn't from a response that asked for a wait.
func retryAfter(err error) time.Duration {
	if rejected, ok := errors.AsType[*APIError](err); ok {
		return rejected.RetryAfter
	}
	if unavailable, ok := errors.AsType[*UnavailableError](err); ok {
		return unavailable.RetryAfter
	}
	return 0
}

// NotAdministratorError means that the token is valid, but its owner isn't an Administrator although the configuration
// requires one.
type NotAdministratorError struct {
	CompanyID string
	Owner     Owner
}

func (e *NotAdministratorError) Error() string {
	return fmt.Sprintf("the owner of the API token, %s, isn't an Administrator of Recruitee company %s, but has the role %q", e.Owner.Email, e.CompanyID, e.Owner.Role)
}

// ExistsError means that the connection with this ID already links the company.
type ExistsError struct {
	ID, CompanyID string
	// Past tells what this process has done with that connection.
	Past Past
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("Wintro already has the connection %s for Recruitee company %s", e.ID, e.CompanyID)
}

// DuplicateError means that two resources in one plan manage the same connection, or will both create it.
type DuplicateError struct {
	// ID is the connection's ID. It is empty if both resources will create the connection.
	ID, CompanyID string
}

func (e *DuplicateError) Error() string {
	return "two resources manage the connection of Recruitee company " + e.CompanyID
}

// LinkedElsewhereError means that another Wintro organisation has linked the company.
type LinkedElsewhereError struct {
	CompanyID string
}

func (e *LinkedElsewhereError) Error() string {
	return "another Wintro organisation has linked Recruitee company " + e.CompanyID
}

// GoneError means that Wintro has no connection with this ID.
type GoneError struct {
	ID string
	// CompanyID is empty if only the ID was known.
	CompanyID string
	// IsOrganisationKnown reports whether the API token is known to belong to the connection's organisation.
	IsOrganisationKnown bool
}

func (e *GoneError) Error() string {
	return "Wintro has no connection " + e.ID
}

// OtherOrganisationError means that the connection and Wintro's API token belong to different organisations.
type OtherOrganisationError struct {
	ID, Organisation, TokenOrganisation string
}

func (e *OtherOrganisationError) Error() string {
	return fmt.Sprintf("the connection %s belongs to the Wintro organisation %s, and the API token to %s", e.ID, e.Organisation, e.TokenOrganisation)
}

// NoEndpointsError means that the Wintro server has no endpoints for ATS connections.
type NoEndpointsError struct {
	// Message is Wintro's message, safe to print.
	Message string
}

func (e *NoEndpointsError) Error() string {
	return "this Wintro has no endpoints for ATS connections: " + e.Message
}

// OtherSystemError means that the connection with this ID links an applicant tracking system other than Recruitee.
type OtherSystemError struct {
	ID, System string
}

func (e *OtherSystemError) Error() string {
	return fmt.Sprintf("the connection %s links %s with Wintro, not Recruitee", e.ID, e.System)
}

// TokenNeededError means that Update can fix the connection only by sending a token, but has no token that it may
// send.
type TokenNeededError struct {
	CompanyID string
	Status    Status
}

func (e *TokenNeededError) Error() string {
	return fmt.Sprintf("the status of the connection for Recruitee company %s is %s, which only a token can fix", e.CompanyID, e.Status)
}

// NotHealthyError means that a create or an update succeeded, but the connection doesn't have the status of a healthy
// connection.
type NotHealthyError struct {
	ID, CompanyID string
	// Status is the current status. Healthy is the expected status.
	Status, Healthy Status
	// Waited is the time spent polling, if the status is Pending.
	Waited time.Duration
	// Interrupted reports whether the user, rather than the timeout, ended the polling.
	Interrupted bool
	// Err is the error that ended the polling, or the reason why the last poll found no connection. It may be nil.
	Err error
}

func (e *NotHealthyError) Error() string {
	return fmt.Sprintf("the connection %s is %s instead of %s", e.ID, e.Status, e.Healthy)
}

// ChangedMeanwhileError means that another user or process changed the connection after it was planned.
type ChangedMeanwhileError struct {
	ID, CompanyID string
	// Field is the attribute: "name", "enabled" or "api_token_fingerprint".
	Field string
	// Got is the attribute's value. Want is the expected value.
	Got, Want any
}

func (e *ChangedMeanwhileError) Error() string {
	return fmt.Sprintf("the connection %s has %s %#v instead of %#v", e.ID, e.Field, e.Got, e.Want)
}

// MovedError means that the connection was moved to another company after it was planned.
type MovedError struct {
	// CompanyID is the expected company. ActualCompanyID is the current company.
	ID, CompanyID, ActualCompanyID string
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("the connection %s is for Recruitee company %s instead of %s", e.ID, e.ActualCompanyID, e.CompanyID)
}

// NotLinkedError means that Wintro has no connection for the company.
type NotLinkedError struct {
	CompanyID string
}

func (e *NotLinkedError) Error() string {
	return "Wintro has no connection for Recruitee company " + e.CompanyID
}

// MultipleConnectionsError means that Wintro has more than one connection for the company.
type MultipleConnectionsError struct {
	CompanyID string
	IDs       []string
}

func (e *MultipleConnectionsError) Error() string {
	return fmt.Sprintf("Wintro has %d connections for Recruitee company %s", len(e.IDs), e.CompanyID)
}

// DisabledError means that Wintro rejected a sync because the connection is disabled.
type DisabledError struct {
	ID string
}

func (e *DisabledError) Error() string {
	return fmt.Sprintf("the connection %s is disabled", e.ID)
}

// SyncFailedError means that Wintro started a sync, but the sync failed.
type SyncFailedError struct {
	Sync Sync
	// Reason is Wintro's explanation. It is safe to print, and may be empty.
	Reason string
}

func (e *SyncFailedError) Error() string {
	return fmt.Sprintf("the sync %s failed: %s", e.Sync.ID, e.Reason)
}

// SyncUnfinishedError means that the operation ended before the sync finished.
type SyncUnfinishedError struct {
	Sync Sync
	// Waited is the time since Sync was called, which includes the request that starts the sync.
	Waited time.Duration
	// Interrupted reports whether the user, rather than the timeout, ended the polling.
	Interrupted bool
}

func (e *SyncUnfinishedError) Error() string {
	return fmt.Sprintf("the sync %s is still %s after %s", e.Sync.ID, e.Sync.Status, e.Waited)
}
