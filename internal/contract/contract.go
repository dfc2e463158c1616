// Package contract describes Wintro's endpoints for ATS connections. It contains the OpenAPI document, the Go
// types that are generated from it, and constants for the values that it names.
package contract

import _ "embed"

//go:generate go tool -modfile=../../tools/dev/go.mod oapi-codegen -config types.yaml openapi.yaml

// OpenAPI is the OpenAPI document.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Recruitee is the applicant tracking system that the document describes.
const Recruitee = "recruitee"

// The statuses of a connection. Wintro may report others.
const (
	// ConnectionPending means that the first check or sync has not finished.
	ConnectionPending = "pending"
	// ConnectionActive means that Wintro is syncing.
	ConnectionActive = "active"
	// ConnectionInvalid means that Wintro's own login to Recruitee fails.
	ConnectionInvalid = "invalid"
	// ConnectionInactive means that the connection is not enabled.
	ConnectionInactive = "inactive"
)

// The statuses of a sync. Wintro may report others.
const (
	SyncQueued    = "queued"
	SyncRunning   = "running"
	SyncSucceeded = "succeeded"
	SyncFailed    = "failed"
)

// The scopes of an API token. ScopeWrite doesn't include ScopeRead.
const (
	ScopeRead  = "ats-connections:read"
	ScopeWrite = "ats-connections:write"
)

// The codes of errors. Wintro may return others.
const (
	// CodeBadRequest is 400. Error.Fields may name the invalid fields.
	CodeBadRequest = "BAD_REQUEST"
	// CodeUnauthorized is 401: the API token is missing, invalid or revoked.
	CodeUnauthorized = "UNAUTHORIZED"
	// CodeMissingScope is 403: the API token lacks the scope for the call.
	CodeMissingScope = "MISSING_SCOPE"
	// CodeNotFound is 404.
	CodeNotFound = "NOT_FOUND"
	// CodeAlreadyLinked is 409. Error.ConnectionID is the existing connection, if it is in the same organisation.
	CodeAlreadyLinked = "ALREADY_LINKED"
	// CodeIdempotencyKeyReused is 409: the key was used with another body.
	CodeIdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
	// CodeIdempotencyKeyInUse is 409: the first request with the key is in flight.
	CodeIdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE"
	// CodeDisabled is 409: a connection that is not enabled can't be synced.
	CodeDisabled = "DISABLED"
	// CodeRateLimited is 429.
	CodeRateLimited = "RATE_LIMITED"
	// CodeInternalError is 500.
	CodeInternalError = "INTERNAL_ERROR"
)
