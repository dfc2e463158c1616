package sandbox

import (
	"slices"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A Snapshot is a copy of both systems' contents. Taking a snapshot doesn't count as a read of the connections.
type Snapshot struct {
	Companies     []Company
	People        []Person
	Tokens        []PersonalToken
	Organisations []OrganisationSnapshot
	// WintroLimit is the number of requests that Wintro accepts with one API token in each window, or 0 if there is no
	// limit.
	WintroLimit  int
	WintroWindow time.Duration
	// Connections contains the connections of all organisations, the oldest first.
	Connections []ConnectionSnapshot
}

// A Person is an Owner with the state of the membership.
type Person struct {
	Owner
	Active bool
}

// A PersonalToken is an API token of one owner in Recruitee. The snapshot also contains revoked tokens, because the
// page shows them.
type PersonalToken struct {
	Value     string
	OwnerID   int64
	CompanyID int64
	Revoked   bool
}

// An OrganisationSnapshot is an Organisation with the number of requests that its rate limit still allows.
type OrganisationSnapshot struct {
	Organisation
	Left int
	// ResetAt is the end of the current window, or zero if there is no current window.
	ResetAt time.Time
}

// A ConnectionSnapshot is a connection as Wintro's API shows it, with details that the API doesn't show.
type ConnectionSnapshot struct {
	contract.Connection
	OrganisationID string
	// Fingerprint is the fingerprint of the token stored in Wintro, even if the API reports null.
	Fingerprint string
	// ChangedByHand reports whether the latest change was made in Wintro's settings, not through the API.
	ChangedByHand bool
	Problem       Problem
	// TokenOwner is the ID of the person who owns the token, or 0 if Recruitee doesn't know the token.
	TokenOwner int64
}

// A Problem names the cause that keeps a connection from working. It is "" if the connection works.
type Problem string

// The problems that a connection can have. If a connection has several, Snapshot reports the first in this list.
const (
	ProblemUnknownCompany   Problem = "unknown-company"
	ProblemToken            Problem = "token"
	ProblemOtherCompany     Problem = "other-company"
	ProblemInactive         Problem = "inactive"
	ProblemNotAdministrator Problem = "not-administrator"
	ProblemDisabled         Problem = "disabled"
	ProblemStatus           Problem = "status"
)

// Snapshot returns the contents of both systems.
func (s *Sandbox) Snapshot() (shot Snapshot) {
	now := time.Now()
	s.locked(func(st *store) {
		for _, c := range st.Recruitee.Companies {
			shot.Companies = append(shot.Companies, c.Company)
		}
		for _, o := range st.Recruitee.Owners {
			if !o.Left {
				shot.People = append(shot.People, Person{o.Owner, o.Active})
			}
		}
		for _, t := range st.Recruitee.Tokens {
			shot.Tokens = append(shot.Tokens, *t)
		}
		limit := st.Wintro.RateLimit
		shot.WintroLimit, shot.WintroWindow = limit.Requests, limit.Window
		for _, o := range st.Wintro.Organisations {
			shown := OrganisationSnapshot{Organisation: *o, Left: limit.Requests}
			shown.Scopes = slices.Clone(o.Scopes)
			if window := s.usage[usageKey(Wintro, o.Token)]; window != nil && now.Before(window.resetAt) {
				shown.Left, shown.ResetAt = window.remaining, window.resetAt
			}
			shot.Organisations = append(shot.Organisations, shown)
		}
		for _, conn := range st.Wintro.inOrder() {
			shown := ConnectionSnapshot{
				Connection:     st.Wintro.show(conn),
				OrganisationID: conn.OrganisationID,
				Fingerprint:    Fingerprint(conn.Token),
				ChangedByHand:  conn.ChangedByHand,
			}
			shown.Problem, shown.TokenOwner = st.Recruitee.problem(conn, shown.Status)
			shot.Connections = append(shot.Connections, shown)
		}
	})
	return shot
}

// problem returns the problem of a connection, and the ID of its token's owner, or 0 if Recruitee doesn't know the
// token.
func (r *recruiteeStore) problem(conn *connection, status contract.ConnectionStatus) (problem Problem, tokenOwner int64) {
	t, unknown := find(r.Tokens, func(t *PersonalToken) bool { return t.Value == conn.Token }, "such token")
	if unknown == nil {
		tokenOwner = t.OwnerID
	}
	switch {
	case r.companyName(conn.CompanyID) == nil:
		return ProblemUnknownCompany, tokenOwner
	case unknown != nil || t.Revoked:
		return ProblemToken, tokenOwner
	}
	o, err := r.owner(tokenOwner)
	switch {
	case err != nil || o.Left || strconv.FormatInt(o.CompanyID, 10) != conn.CompanyID:
		return ProblemOtherCompany, tokenOwner
	case !o.Active:
		return ProblemInactive, tokenOwner
	case !o.Administrator:
		return ProblemNotAdministrator, tokenOwner
	case !conn.Enabled:
		return ProblemDisabled, tokenOwner
	case status != contract.ConnectionActive && status != contract.ConnectionPending:
		return ProblemStatus, tokenOwner
	}
	return "", tokenOwner
}
