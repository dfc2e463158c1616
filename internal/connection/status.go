package connection

import (
	"slices"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Status tells whether a connection works and, if it doesn't, why.
type Status string

// These are the statuses, in order of precedence: if several statuses apply, the first status counts.
const (
	// Disabled: syncing is paused, so the status says nothing about the token.
	Disabled Status = "disabled"
	// TokenRejected: Recruitee doesn't know the token.
	TokenRejected Status = "token_rejected"
	// CompanyInaccessible: the token gives no access to the connection's company, or no longer does.
	CompanyInaccessible Status = "company_inaccessible"
	// NotAdministrator: the token's owner isn't an Administrator, although the configuration requires an Administrator.
	NotAdministrator Status = "not_administrator"
	// Invalid: Wintro can't log in to Recruitee, and no verification has shown why.
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

// HealthyStatus returns the status of a healthy connection.
func HealthyStatus(enabled bool) Status {
	if enabled {
		return Active
	}
	return Disabled
}

// NeedsToken reports whether an update can fix a connection with this status only by sending a token.
// requiresAdministrator is the planned value of require_administrator.
func NeedsToken(status Status, requiresAdministrator bool) bool {
	if status == NotAdministrator {
		return requiresAdministrator
	}
	return status.isFromRecruitee() || status == Invalid
}

// isFromRecruitee reports whether only a response from Recruitee can lead to this status.
func (s Status) isFromRecruitee() bool {
	return s == TokenRejected || s == CompanyInaccessible || s == NotAdministrator
}

// statusFromWintro returns the status that follows from Wintro's response alone.
func statusFromWintro(reported string, enabled bool) Status {
	if !enabled || reported == wintro.Inactive {
		return Disabled
	}
	// Keep a status that this version doesn't know.
	return Status(reported)
}

// IsKnown reports whether this version knows a status.
func (s Status) IsKnown() bool {
	return slices.Contains(Statuses(), s)
}

// withVerification combines Wintro's status with Recruitee's verification. If Recruitee gives no usable response, the
// last status stays if it came from Recruitee, because an outage must not change the status.
func (s Status) withVerification(v Verification, last Status) Status {
	switch {
	case s == Disabled:
		return Disabled
	case v.IsRejected():
		return v.status()
	case v.Err != nil && last.isFromRecruitee():
		return last
	}
	return s
}
