// Package connection knows what a healthy connection between a Recruitee company and Wintro is, and how
// to create, read, update, delete, list, verify and sync one. It is plain Go: nothing here knows
// Terraform, and requests are made by the clients only.
//
// The text of its errors is one sentence without a full stop.
package connection

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Connection is a connection as it is now, on both sides.
type Connection struct {
	// ID is Wintro's ID of the connection.
	ID string
	// CompanyID is the numeric ID of the Recruitee company.
	CompanyID string
	// CompanyName is the company's name as Wintro last read it, "" if it hasn't.
	CompanyName string
	// OrganisationID is the ID of the Wintro organisation that the connection belongs to, "" if Wintro
	// doesn't report it.
	OrganisationID string
	// Name is the label in Wintro's settings.
	Name string
	// Enabled is false if syncing is paused.
	Enabled bool
	// Status says whether the connection works.
	Status Status
	// TokenFingerprint is that of the token that Wintro holds, as Fingerprint makes it; "" if it is
	// not known.
	TokenFingerprint string
	// CreatedAt is when the connection was created.
	CreatedAt time.Time
	// LastSyncedAt is when Wintro last read the vacancies, nil before the first time.
	LastSyncedAt *time.Time
}

// Company is a Recruitee company as the token's owner sees it.
type Company = recruitee.Company

// Owner is the Recruitee user who owns a token.
type Owner = recruitee.Admin

// Spec is the connection that a configuration asks for.
type Spec struct {
	// CompanyID, Name and Enabled are as in Connection.
	CompanyID, Name string
	Enabled         bool
	// RequireAdministrator is false if a token of another role suffices.
	RequireAdministrator bool
	// Token is the Recruitee API token; "" if the one that Wintro holds is to stay.
	Token string
}

// Fingerprint is "SHA256:" and the unpadded base64 of the token's SHA-256, the way OpenSSH writes key
// fingerprints. Tokens have 128 random bits, so it gives nothing away.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// fromWintro is the connection as Wintro reports it. If it doesn't report fingerprints, the token that was
// last sent counts as the one that it holds. A name that only differs in how it is encoded stays as it was.
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
