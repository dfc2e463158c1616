package wintro

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

type (
	// Connection is a connection in Wintro. openapi.yaml describes the fields of this type and the following types.
	Connection = contract.Connection
	// NewConnection is the body of a create request. It contains a token: never log or print it.
	NewConnection = contract.NewConnection
	// ConnectionChange is the body of an update request. It may contain a token: never log or print it.
	ConnectionChange = contract.ConnectionChange
	// Sync is a run in which Wintro reads a company's vacancies.
	Sync = contract.Sync
	// FieldError describes the problem with one field of a request.
	FieldError = contract.FieldError
)

// These are the contract's values that callers need. Package contract describes them.
const (
	Recruitee         = contract.Recruitee
	MaxNameLength     = contract.MaxNameLength
	Pending           = contract.ConnectionPending
	Active            = contract.ConnectionActive
	Invalid           = contract.ConnectionInvalid
	Inactive          = contract.ConnectionInactive
	SyncSucceeded     = contract.SyncSucceeded
	SyncFailed        = contract.SyncFailed
	CodeAlreadyLinked = contract.CodeAlreadyLinked
	CodeDisabled      = contract.CodeDisabled
	ScopeRead         = contract.ScopeRead
	ScopeWrite        = contract.ScopeWrite
)

// These patterns describe IDs and fingerprints. IsID and received.connection check the lengths of opaque IDs and
// fingerprints, because compiling patterns with long repetitions would double the provider's start-up time.
var (
	opaqueID    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]+$`)
)

// Fingerprint returns the fingerprint of a token, as the contract defines it.
func Fingerprint(token string) string { return contract.Fingerprint(token) }

// IsID reports whether text has the form of a connection's ID: 1 to 128 characters from A-Z, a-z, 0-9, _ and -.
func IsID(text string) bool {
	return len(text) <= 128 && opaqueID.MatchString(text)
}

// isUsableID reports whether text has the form of an ID and contains no secret.
func isUsableID(text string) bool {
	return IsID(text) && transport.Redact(text) == text
}

// received is a connection in a response.
type received struct {
	Connection
	// Enabled is nil if the response lacks the field, so that a missing value doesn't count as false.
	Enabled *bool `json:"enabled"`
}

// connection returns the connection with texts that are safe to print. If the connection violates the contract,
// problem is a clause such as "has no status".
func (r received) connection() (c Connection, problem string) {
	c = r.Connection
	c.Ats = transport.Printable(c.Ats, 40)
	c.Status = transport.Printable(c.Status, 40)
	switch {
	case !isUsableID(c.ID):
		return Connection{}, "has no valid id"
	case c.Ats == "":
		return Connection{}, "has no ats"
	case c.CreatedAt.IsZero():
		return Connection{}, "has no createdAt"
	case c.Ats != contract.Recruitee:
		// For a connection to another system, the contract describes only these fields.
		return Connection{ID: c.ID, Ats: c.Ats, CreatedAt: c.CreatedAt}, ""
	case !contract.CompanyIDPattern.MatchString(c.AtsCompanyID):
		return Connection{}, "has no numeric atsCompanyId"
	case r.Enabled == nil:
		return Connection{}, "has no enabled"
	case c.Status == "":
		return Connection{}, "has no status"
	}
	c.Enabled = *r.Enabled
	c.Name = printableName(transport.Redact(c.Name))
	if name := c.AtsCompanyName; name != nil {
		c.AtsCompanyName = new(transport.Printable(*name, 255))
	}
	if f := c.TokenFingerprint; f != nil && (len(*f) != len("SHA256:")+43 || !fingerprint.MatchString(*f)) {
		// A fingerprint in an unknown form can't be compared, so ignore it.
		c.TokenFingerprint = nil
	}
	return c, ""
}

// printableName replaces control and invisible characters with "�", so that a plan shows them, and cuts long names.
// The provider compares names with the configuration, so printableName must not change a name that a configuration may
// contain.
func printableName(name string) string {
	name = strings.Map(func(r rune) rune {
		if transport.IsInvisible(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > MaxNameLength {
		return string(runes[:MaxNameLength-1]) + "…"
	}
	return name
}
