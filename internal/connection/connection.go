// Package connection implements all operations on connections between Recruitee companies and Wintro, and decides
// whether a connection is healthy. It doesn't depend on Terraform, and sends requests only through packages recruitee
// and wintro.
//
// Like most errors in Go, the errors of this package begin with a lower-case letter unless a name comes first, and have
// no full stop, although a system's own words at the end may have one. Only the errors in messages_input.go are full
// sentences, because users see them unchanged.
package connection

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Connection contains the last known attributes of a connection. Status may combine the responses of both systems.
type Connection struct {
	// ID is Wintro's ID of the connection.
	ID string
	// CompanyID is the numeric ID of the Recruitee company.
	CompanyID string
	// CompanyName is the name that Wintro last read from Recruitee; "" if Wintro hasn't read a name yet.
	CompanyName string
	// OrganisationID is the ID of the connection's Wintro organisation; "" if Wintro hasn't reported the ID.
	OrganisationID string
	// Name is the connection's label in Wintro's settings.
	Name string
	// Enabled is false if syncing is paused.
	Enabled bool
	// Status tells whether the connection works.
	Status Status
	// TokenFingerprint is the Fingerprint of the token that Wintro has; "" if that token isn't known.
	TokenFingerprint string
	CreatedAt        time.Time
	// LastSyncedAt is the time at which Wintro last read the vacancies; nil before the first sync.
	LastSyncedAt *time.Time
}

// Owner is the Recruitee user who owns a token.
type Owner = recruitee.Admin

// Spec describes the connection that a configuration asks for.
type Spec struct {
	// CompanyID, Name and Enabled have the same meaning as in Connection.
	CompanyID, Name string
	Enabled         bool
	// RequireAdministrator reports whether the token's owner must be an Administrator.
	RequireAdministrator bool
	// Token is the Recruitee API token; "" keeps Wintro's current token.
	Token string
}

// Fingerprint returns "SHA256:" and the unpadded base64 of the token's SHA-256, as OpenSSH does for keys. Nobody can
// guess a token from its fingerprint, because tokens have at least 128 random bits.
func Fingerprint(token string) string { return wintro.Fingerprint(token) }

// fromWintro converts a connection from Wintro's response. before is the connection's last known state, or the zero
// value. The result keeps the known fingerprint and organisation if Wintro doesn't report them, and the known name if
// Wintro's name differs only in its Unicode encoding. fromWintro removes secrets from both names.
func (s *Service) fromWintro(c wintro.Connection, before Connection) Connection {
	conn := Connection{
		ID:               c.ID,
		CompanyID:        c.AtsCompanyID,
		OrganisationID:   cmp.Or(s.wintro.Organisation(), before.OrganisationID),
		Name:             c.Name,
		Enabled:          c.Enabled,
		Status:           statusFromWintro(c.Status, c.Enabled),
		TokenFingerprint: before.TokenFingerprint,
		CreatedAt:        c.CreatedAt,
		LastSyncedAt:     c.LastSyncedAt,
	}
	if isSameName(c.Name, before.Name) {
		conn.Name = before.Name
	}
	if c.TokenFingerprint != nil {
		conn.TokenFingerprint = *c.TokenFingerprint
	}
	if c.AtsCompanyName != nil {
		conn.CompanyName = *c.AtsCompanyName
	}
	conn.Name = withoutToken(conn.Name, conn.TokenFingerprint)
	conn.CompanyName = withoutToken(conn.CompanyName, conn.TokenFingerprint)
	return conn
}

// RememberSecret makes Redact remove a token from texts. Call RememberSecret when the token enters the process.
func RememberSecret(token string) { transport.RememberSecret(token) }

// Redact replaces each remembered secret in a text with "(secret)".
func Redact(text string) string { return transport.Redact(text) }

// PrintableLines redacts a text, and replaces control and invisible characters, except line breaks, with "�".
func PrintableLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && transport.IsInvisible(r) {
			return unicode.ReplacementChar
		}
		return r
	}, Redact(text))
}

// withoutToken removes the connection's token and all remembered secrets from a text in Wintro's response. A process
// that only reads the connection doesn't know the token, so withoutToken compares the fingerprints of each word and of
// the whole text. It doesn't call RememberSecret, because a server chooses both the fingerprint and the words. A faulty
// server could therefore make the process remember arbitrary words, which would push real secrets out of the bounded
// set.
func withoutToken(text, tokenFingerprint string) string {
	for _, word := range append(strings.Fields(text), text) {
		if tokenFingerprint != "" && Fingerprint(word) == tokenFingerprint {
			text = strings.ReplaceAll(text, word, "(secret)")
		}
	}
	return Redact(text)
}
