package connection

import "github.com/wintro-ai/terraform-provider-wintro/internal/wintro"

// Status says whether a link works and, where it doesn't, why.
type Status string

// The statuses, in order of precedence: where several hold, the first one counts.
const (
	// Disabled: syncing is paused. While it is, nothing is said of the credentials.
	Disabled Status = "disabled"
	// TokenRejected: Recruitee doesn't know the token.
	TokenRejected Status = "token_rejected"
	// CompanyInaccessible: the token is not, or no longer, for this company.
	CompanyInaccessible Status = "company_inaccessible"
	// NotAdministrator: the token's owner is not an Administrator, though one is required.
	NotAdministrator Status = "not_administrator"
	// Invalid: Wintro can't log in to Recruitee, though Recruitee accepts the token.
	Invalid Status = "invalid"
	// Pending: Wintro's first check or sync has not finished.
	Pending Status = "pending"
	// Active: the link works.
	Active Status = "active"
)

// Statuses lists every status, in order of precedence.
func Statuses() []Status {
	return []Status{Disabled, TokenRejected, CompanyInaccessible, NotAdministrator, Invalid, Pending, Active}
}

// HealthyStatus is the status of a healthy link.
func HealthyStatus(enabled bool) Status {
	if enabled {
		return Active
	}
	return Disabled
}

// Finding is what Recruitee said of a token for a company.
type Finding string

// The findings.
const (
	// Unchecked: Recruitee was not asked.
	Unchecked Finding = "unchecked"
	// Unanswered: Recruitee was asked and gave no usable answer.
	Unanswered Finding = "unanswered"
	// Accepted: nothing is wrong with the token.
	Accepted Finding = "accepted"
	// FoundRejected, FoundInaccessible and FoundNotAdministrator lead to the statuses TokenRejected,
	// CompanyInaccessible and NotAdministrator.
	FoundRejected         Finding = "rejected"
	FoundInaccessible     Finding = "inaccessible"
	FoundNotAdministrator Finding = "not administrator"
)

// Refuted tells whether something is provably wrong with the token.
func (f Finding) Refuted() bool {
	_, refuted := refutedBy[f]
	return refuted
}

var refutedBy = map[Finding]Status{
	FoundRejected:         TokenRejected,
	FoundInaccessible:     CompanyInaccessible,
	FoundNotAdministrator: NotAdministrator,
}

// assess is the status as far as Wintro alone knows it.
func assess(said wintro.Status, enabled bool) Status {
	if !enabled {
		return Disabled
	}
	switch said {
	case wintro.Active:
		return Active
	case wintro.Pending:
		return Pending
	case wintro.Inactive:
		return Disabled
	}
	return Invalid
}

// with is the status once Recruitee's word is added to Wintro's. Where Recruitee doesn't answer, what
// it said last still counts: an outage neither raises an alarm nor calls one off.
func (s Status) with(finding Finding, last Status) Status {
	if s == Disabled {
		return Disabled
	}
	if found, refuted := refutedBy[finding]; refuted {
		return found
	}
	if finding == Unanswered {
		for _, kept := range refutedBy {
			if last == kept {
				return last
			}
		}
	}
	return s
}
