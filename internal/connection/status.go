package connection

import (
	"slices"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Status says whether a connection works and, if it doesn't, why.
type Status string

// The statuses, in order of precedence: if several hold, the first one counts.
const (
	// Disabled: syncing is paused. While it is, the status says nothing about the credentials.
	Disabled Status = "disabled"
	// TokenRejected: Recruitee doesn't know the token.
	TokenRejected Status = "token_rejected"
	// CompanyInaccessible: the token is not, or no longer, for this company.
	CompanyInaccessible Status = "company_inaccessible"
	// NotAdministrator: the token's owner is not an Administrator, though one is required.
	NotAdministrator Status = "not_administrator"
	// Invalid: Wintro can't log in to Recruitee, though Recruitee accepts the token.
	Invalid Status = wintro.Invalid
	// Pending: Wintro's first check or sync has not finished.
	Pending Status = wintro.Pending
	// Active: the connection works.
	Active Status = wintro.Active
)

// Statuses lists every status, in order of precedence.
func Statuses() []Status {
	return []Status{Disabled, TokenRejected, CompanyInaccessible, NotAdministrator, Invalid, Pending, Active}
}

// HealthyStatus is the status of a healthy connection.
func HealthyStatus(enabled bool) Status {
	if enabled {
		return Active
	}
	return Disabled
}

// NeedsToken reports whether a connection with this status can only be mended with a token.
func NeedsToken(status Status) bool {
	return isRecruitees(status) || status == Invalid
}

// isRecruitees reports whether a status is one that only Recruitee's answer can lead to.
func isRecruitees(status Status) bool {
	return slices.Contains([]Status{TokenRejected, CompanyInaccessible, NotAdministrator}, status)
}

// statusFromWintro is the status as far as Wintro alone knows it.
func statusFromWintro(reported string, enabled bool) Status {
	if !enabled || reported == wintro.Inactive {
		return Disabled
	}
	// One that this version doesn't know is kept as it is.
	return Status(reported)
}

// IsKnown reports whether a status is one of Statuses.
func (s Status) IsKnown() bool {
	return slices.Contains(Statuses(), s)
}

// withVerification is the status once Recruitee's word is added to Wintro's. If Recruitee doesn't
// answer, what it said last still counts: an outage neither raises an alarm nor calls one off.
func (s Status) withVerification(v Verification, last Status) Status {
	switch {
	case s == Disabled:
		return Disabled
	case v.IsRejected():
		return v.status()
	case v.Err != nil && isRecruitees(last):
		return last
	}
	return s
}
