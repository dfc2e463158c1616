// Package contract describes Wintro's endpoints for ATS connections. It contains the OpenAPI document, Go types that are
// generated from the document, and declarations of the values and rules that the document contains.
package contract

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"regexp"
)

//go:generate go tool -modfile=../../tools/dev/go.mod oapi-codegen -config types.yaml openapi.yaml

// OpenAPI is the OpenAPI document.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Recruitee is the value of Connection.Ats for Recruitee, the only applicant tracking system that the document
// describes.
const Recruitee = "recruitee"

// CompanyIDPattern matches a value of Connection.AtsCompanyID.
var CompanyIDPattern = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// MaxNameLength is the maximum length of Connection.Name, in characters.
const MaxNameLength = 100

// Fingerprint returns Connection.TokenFingerprint for a token: "SHA256:" and the unpadded base64 of the token's SHA-256.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// These are the statuses of a connection that the document defines. Wintro may report others.
const (
	// ConnectionPending means that Wintro has not finished its first check or sync.
	ConnectionPending = "pending"
	// ConnectionActive means that Wintro syncs the connection.
	ConnectionActive = "active"
	// ConnectionInvalid means that Wintro's own login to Recruitee fails.
	ConnectionInvalid = "invalid"
	// ConnectionInactive means that the connection is not enabled.
	ConnectionInactive = "inactive"
)

// These are the statuses of a sync that the document defines. Wintro may report others.
const (
	SyncQueued    = "queued"
	SyncRunning   = "running"
	SyncSucceeded = "succeeded"
	SyncFailed    = "failed"
)

// These are the scopes that an API token can have. ScopeWrite doesn't include ScopeRead.
const (
	ScopeRead  = "ats-connections:read"
	ScopeWrite = "ats-connections:write"
)

// These are the error codes that the document defines. Wintro may return others.
const (
	// CodeBadRequest is the code of a 400. Error.Fields may name the invalid fields.
	CodeBadRequest = "BAD_REQUEST"
	// CodeUnauthorized is the code of a 401. It means that the API token is missing, invalid or revoked.
	CodeUnauthorized = "UNAUTHORIZED"
	// CodeMissingScope is the code of a 403. It means that the API token lacks the scope that the call needs.
	CodeMissingScope = "MISSING_SCOPE"
	// CodeNotFound is the code of a 404.
	CodeNotFound = "NOT_FOUND"
	// CodeMethodNotAllowed is the code of a 405.
	CodeMethodNotAllowed = "METHOD_NOT_ALLOWED"
	// CodeAlreadyLinked is the code of a 409. It means that the company already has a connection. If that connection is
	// in the same organisation, Error.ConnectionID contains its ID.
	CodeAlreadyLinked = "ALREADY_LINKED"
	// CodeIdempotencyKeyReused is the code of a 409. It means that an earlier request had the same Idempotency-Key and
	// another body.
	CodeIdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
	// CodeIdempotencyKeyInUse is the code of a 409. It means that the first request with the Idempotency-Key is still
	// in flight.
	CodeIdempotencyKeyInUse = "IDEMPOTENCY_KEY_IN_USE"
	// CodeDisabled is the code of a 409. It means that Wintro can't start a sync, because the connection is not
	// enabled.
	CodeDisabled = "DISABLED"
	// CodeRateLimited is the code of a 429.
	CodeRateLimited = "RATE_LIMITED"
	// CodeInternalError is the code of a 500.
	CodeInternalError = "INTERNAL_ERROR"
)
