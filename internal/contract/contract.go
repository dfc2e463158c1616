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

// These are the statuses of a connection. Wintro may report others.
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

// These are the statuses of a sync. Wintro may report others.
const (
	SyncQueued    = "queued"
	SyncRunning   = "running"
	SyncSucceeded = "succeeded"
	SyncFailed    = "failed"
)

// These are the scopes of an API token. ScopeWrite doesn't include ScopeRead.
const (
	ScopeRead  = "ats-connections:read"
	ScopeWrite = "ats-connections:write"
)

// These are the codes of errors. Wintro may return others.
const (
	// CodeBadRequest is the code of a 400. Error.Fields may name the invalid fields.
	CodeBadRequest = "BAD_REQUEST"
	// CodeUnauthorized is the code of a 401: the API token is missing, invalid or revoked.
	CodeUnauthorized = "UNAUTHORIZED"
	// CodeMissingScope is the code of a 403: the API token lacks the scope for the call.
	CodeMissingScope = "MISSING_SCOPE"
	// CodeNotFound is the code of a 404.
	CodeNotFound = "NOT_FOUND"
	// CodeAlreadyLinked is the code of a 409: the company already has a connection. Error.ConnectionID is the
	// existing connection, if it is in the same organisation.
	CodeAlreadyLinked = "ALREADY_LINKED"
	// CodeIdempotencyKeyReused is the code of a 409: the key was used with another body.
	CodeIdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
	// CodeIdempotencyKeyInUse is the code of a 409: the first request with the key is in flight.
	CodeIdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE"
	// CodeDisabled is the code of a 409: a connection that is not enabled can't be synced.
	CodeDisabled = "DISABLED"
	// CodeRateLimited is the code of a 429.
	CodeRateLimited = "RATE_LIMITED"
	// CodeInternalError is the code of a 500.
	CodeInternalError = "INTERNAL_ERROR"
)
