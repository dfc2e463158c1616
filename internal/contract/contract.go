// Package contract is Wintro's ATS connections as Go: types, client and server, all generated from
// openapi.yaml, and the values that the document names. Package wintro wraps the client; the sandbox
// implements the server.
package contract

//go:generate go tool -modfile=../../tools/dev/go.mod oapi-codegen -config types.yaml openapi.yaml
//go:generate go tool -modfile=../../tools/dev/go.mod oapi-codegen -config client.yaml openapi.yaml
//go:generate go tool -modfile=../../tools/dev/go.mod oapi-codegen -config server.yaml openapi.yaml

// Recruitee is the applicant tracking system that the contract is about.
const Recruitee Ats = "recruitee"

// What Wintro reports of a connection. There may be other statuses.
const (
	// ConnectionPending means that the first check or sync has not finished.
	ConnectionPending ConnectionStatus = "pending"
	// ConnectionActive means that Wintro is syncing.
	ConnectionActive ConnectionStatus = "active"
	// ConnectionInvalid means that Wintro's own login to Recruitee fails.
	ConnectionInvalid ConnectionStatus = "invalid"
	// ConnectionInactive means that the connection is not enabled.
	ConnectionInactive ConnectionStatus = "inactive"
)

// What Wintro reports of a sync. There may be other statuses.
const (
	SyncQueued    SyncStatus = "queued"
	SyncRunning   SyncStatus = "running"
	SyncSucceeded SyncStatus = "succeeded"
	SyncFailed    SyncStatus = "failed"
)

// The scopes of an API token. The one doesn't include the other.
const (
	ScopeRead  = "ats-connections:read"
	ScopeWrite = "ats-connections:write"
)

// The codes of errors. There may be others.
const (
	// CodeBadRequest is 400; Error.Fields may say which field is wrong.
	CodeBadRequest = "BAD_REQUEST"
	// CodeUnauthorized is 401: the API token is missing, invalid or revoked.
	CodeUnauthorized = "UNAUTHORIZED"
	// CodeMissingScope is 403.
	CodeMissingScope = "MISSING_SCOPE"
	// CodeNotFound is 404.
	CodeNotFound = "NOT_FOUND"
	// CodeAlreadyLinked is 409; Error.ConnectionID says by which connection, if it is the same organisation's.
	CodeAlreadyLinked = "ALREADY_LINKED"
	// CodeIdempotencyKeyReused is 409: the key came with another body before.
	CodeIdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
	// CodeIdempotencyKeyInUse is 409: the first request with the key is under way.
	CodeIdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE"
	// CodeDisabled is 409: a connection that is not enabled can't be synced.
	CodeDisabled = "DISABLED"
	// CodeRateLimited is 429.
	CodeRateLimited = "RATE_LIMITED"
	// CodeInternalError is 500.
	CodeInternalError = "INTERNAL_ERROR"
)
