// Package link knows what a healthy link between a Recruitee company and Wintro is, and how to make,
// check, change and remove one. It is plain Go: nothing here knows Terraform or HTTP.
package connection

import (
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Connection is a link as it is now, on both sides.
type Connection struct {
	// ID is Wintro's ID of the connection.
	ID string
	// CompanyID is the numeric ID of the Recruitee company.
	CompanyID string
	// Name is the label in Wintro's settings.
	Name string
	// Enabled is false where syncing is paused.
	Enabled bool
	// Status says whether the link works.
	Status Status
	// TokenFingerprint is that of the token that Wintro holds, as Fingerprint makes it; "" where it is
	// not known.
	TokenFingerprint string
	// CreatedAt is when the link was made.
	CreatedAt time.Time
	// LastSyncedAt is when Wintro last read the vacancies, nil before the first time.
	LastSyncedAt *time.Time
	// Company is what Recruitee last said of the company, nil where it was never asked.
	Company *Company
	// Owner is whom Recruitee last named as the token's owner, nil where it was never asked.
	Owner *Owner
}

// Company is a Recruitee company as the token's owner sees it.
type Company = recruitee.Company

// Owner is the Recruitee user who owns the token.
type Owner struct {
	// ID is the user's numeric ID.
	ID string
	// Email is the address that the user logs in with.
	Email string
	// Name is first and last name.
	Name string
	// Role is the name of the user's role, free text.
	Role string
	// Administrator tells whether the role has an Administrator's rights.
	Administrator bool
}

// Spec is the link that somebody wants.
type Spec struct {
	// CompanyID, Name and Enabled are as in Connection.
	CompanyID, Name string
	Enabled         bool
	// RequireAdministrator is false where a token of another role suffices.
	RequireAdministrator bool
	// Token is the Recruitee API token; "" where the one that Wintro holds is to stay.
	Token string
}

// reported is the link as Wintro reports it, with what is known of the token from before: Wintro may
// not report fingerprints, and knows nothing of the owner.
func reported(c wintro.Connection, before Connection) Connection {
	conn := Connection{
		ID:               c.ID,
		CompanyID:        c.CompanyID,
		Name:             c.Name,
		Enabled:          c.Enabled,
		Status:           assess(c.Status, c.Enabled),
		TokenFingerprint: before.TokenFingerprint,
		CreatedAt:        c.CreatedAt,
		LastSyncedAt:     c.LastSyncedAt,
		Company:          before.Company,
		Owner:            before.Owner,
	}
	if c.TokenFingerprint != nil {
		conn.TokenFingerprint = *c.TokenFingerprint
	}
	return conn
}

// verified is the link with what a verification has found out.
func (l Connection) verified(v Verification, last Status) Connection {
	l.Status = l.Status.with(v.Finding, last)
	if v.Company != nil {
		l.Company, l.Owner = v.Company, v.Owner
	}
	return l
}
