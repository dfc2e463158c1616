package wintro

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// The contract's own types: openapi.yaml says what each field means.
type (
	// Connection links a company in an applicant tracking system with Wintro.
	Connection = contract.Connection
	// NewConnection is what a connection is created from. It holds a token: never log or print it.
	NewConnection = contract.NewConnection
	// ConnectionChange holds what a change changes. It may hold a token: never log or print it.
	ConnectionChange = contract.ConnectionChange
)

// Recruitee is the applicant tracking system that this provider links.
const Recruitee = contract.Recruitee

// The statuses of a connection that the contract knows. Others are kept as they are.
const (
	Pending  = contract.ConnectionPending
	Active   = contract.ConnectionActive
	Invalid  = contract.ConnectionInvalid
	Inactive = contract.ConnectionInactive
)

var (
	opaqueID    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	companyID   = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]+$`)
)

// Lengths are compared apart: as repetitions, these expressions would take as long to compile as all else that
// is done before the provider answers.
const (
	longestID         = 128
	fingerprintLength = len("SHA256:") + 43
)

// IsID reports whether text can be the ID of a connection: 1 to 128 of A-Z a-z 0-9 _ and -.
func IsID(text string) bool {
	return len(text) <= longestID && opaqueID.MatchString(text)
}

// received is a connection as it arrives.
type received struct {
	Connection
	// Enabled is nil if it isn't there: that is no proof of anything and must not be read as false.
	Enabled *bool `json:"enabled"`
}

// connection returns a valid connection whose texts are safe to print. The error is a clause.
func (r received) connection() (Connection, error) {
	r.Ats = transport.Printable(r.Ats, 40)
	r.Status = transport.Printable(r.Status, 40)
	if err := r.check(); err != nil {
		return Connection{}, err
	}
	if r.Ats != Recruitee {
		// What the rest of another system's connection looks like is not in the contract.
		return Connection{ID: r.ID, Ats: r.Ats, CreatedAt: r.CreatedAt}, nil
	}
	c := r.Connection
	c.Enabled = *r.Enabled
	c.Name = label(transport.Redact(c.Name))
	if name := c.AtsCompanyName; name != nil {
		c.AtsCompanyName = new(transport.Printable(*name, 255))
	}
	if f := c.TokenFingerprint; f != nil && (len(*f) != fingerprintLength || !fingerprint.MatchString(*f)) {
		// A form that isn't known can't be compared.
		c.TokenFingerprint = nil
	}
	return c, nil
}

// check finds what the generated types let through. The error is a clause.
func (r received) check() error {
	switch {
	case !isNewID(r.ID):
		return errors.New("its connection has no valid id")
	case r.Ats == "":
		return errors.New("its connection has no ats")
	case r.CreatedAt.IsZero():
		return errors.New("its connection has no createdAt")
	case r.Ats != Recruitee:
		return nil
	case !companyID.MatchString(r.AtsCompanyID):
		return errors.New("its connection has no numeric atsCompanyId")
	case r.Enabled == nil:
		return errors.New("its connection has no enabled")
	case r.Status == "":
		return errors.New("its connection has no status")
	}
	return nil
}

// isNewID reports whether text can be an ID that Wintro has given out: a secret that it was sent is none.
func isNewID(text string) bool {
	return IsID(text) && transport.Redact(text) == text
}

// longestName is the most that the contract allows.
const longestName = 100

// label is a connection's name. It stays as it is but for control characters, which no name that
// Terraform sets has, and which would reach a terminal, and for what is longer than a name can be.
func label(name string) string {
	name = strings.Map(func(char rune) rune {
		if unicode.IsControl(char) {
			return ' '
		}
		return char
	}, name)
	if runes := []rune(name); len(runes) > longestName {
		return string(runes[:longestName-1]) + "…"
	}
	return name
}
