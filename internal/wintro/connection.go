package wintro

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// The contract's own types. openapi.yaml describes their fields. NewConnection and ConnectionChange contain a
// token: never log or print them.
type (
	Connection       = contract.Connection
	NewConnection    = contract.NewConnection
	ConnectionChange = contract.ConnectionChange
	Sync             = contract.Sync
)

// The contract's values that callers need. Package contract describes them.
const (
	Recruitee = contract.Recruitee

	Pending  = contract.ConnectionPending
	Active   = contract.ConnectionActive
	Invalid  = contract.ConnectionInvalid
	Inactive = contract.ConnectionInactive

	SyncSucceeded = contract.SyncSucceeded
	SyncFailed    = contract.SyncFailed

	CodeMissingScope  = contract.CodeMissingScope
	CodeAlreadyLinked = contract.CodeAlreadyLinked
	CodeDisabled      = contract.CodeDisabled
)

// MaxNameLength is the longest name of a connection, in characters. Longer names, which only other clients of Wintro
// can set, are cut.
const MaxNameLength = 100

// The forms of IDs and fingerprints. Their lengths are checked separately: repetitions take as long to compile
// as the rest of the provider's start.
var (
	opaqueID    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	companyID   = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]+$`)
)

const fingerprintLength = len("SHA256:") + 43

// IsID reports whether text has the form of a connection's ID: 1 to 128 of A-Z a-z 0-9 _ and -.
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
	// Enabled is nil if it is missing, which must not be read as false.
	Enabled *bool `json:"enabled"`
}

// connection validates a received connection and makes its texts safe to print. The error is a clause
// that continues "its connection …".
func (r received) connection() (Connection, error) {
	r.Ats = transport.Printable(r.Ats, 40)
	r.Status = transport.Printable(r.Status, 40)
	if err := r.check(); err != nil {
		return Connection{}, err
	}
	if r.Ats != contract.Recruitee {
		// The contract doesn't describe the other fields of another system's connection.
		return Connection{ID: r.ID, Ats: r.Ats, CreatedAt: r.CreatedAt}, nil
	}
	c := r.Connection
	c.Enabled = *r.Enabled
	c.Name = printableName(transport.Redact(c.Name))
	if name := c.AtsCompanyName; name != nil {
		c.AtsCompanyName = new(transport.Printable(*name, 255))
	}
	if f := c.TokenFingerprint; f != nil && (len(*f) != fingerprintLength || !fingerprint.MatchString(*f)) {
		// An unknown form can't be compared.
		c.TokenFingerprint = nil
	}
	return c, nil
}

// check finds missing and invalid fields that the generated types accept.
func (r received) check() error {
	switch {
	case !isUsableID(r.ID):
		return errors.New("has no valid id")
	case r.Ats == "":
		return errors.New("has no ats")
	case r.CreatedAt.IsZero():
		return errors.New("has no createdAt")
	case r.Ats != contract.Recruitee:
		return nil
	case !companyID.MatchString(r.AtsCompanyID):
		return errors.New("has no numeric atsCompanyId")
	case r.Enabled == nil:
		return errors.New("has no enabled")
	case r.Status == "":
		return errors.New("has no status")
	}
	return nil
}

// printableName makes a connection's name safe for a terminal. A name that Terraform can set stays unchanged,
// with its white space: the provider compares it with the configuration. Elsewhere, "�" stands for each control or
// invisible character, so a plan shows the difference.
func printableName(name string) string {
	name = strings.Map(func(r rune) rune {
		if IsInvisible(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > MaxNameLength {
		return string(runes[:MaxNameLength-1]) + "…"
	}
	return name
}

// IsInvisible reports whether a character must not be in a name: it controls a terminal, turns the direction
// of text, or can't be seen, such as a zero-width space.
func IsInvisible(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point, unicode.Other_Default_Ignorable_Code_Point)
}
