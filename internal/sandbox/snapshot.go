package sandbox

import (
	"slices"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A Snapshot is a copy of both systems' contents. It doesn't count as a read for StayPending and HideNewConnections.
type Snapshot struct {
	Companies     []CompanySnapshot
	Organisations []OrganisationSnapshot
	// WintroLimit is the number of requests that Wintro accepts with one API token in each window, or 0 if there is no
	// limit.
	WintroLimit  int
	WintroWindow time.Duration
	// Connections contains the connections of all organisations, the oldest first.
	Connections []ConnectionSnapshot
}

// A CompanySnapshot is a Company with its users, except users who have left.
type CompanySnapshot struct {
	Company
	People []Person
}

// A Person is an Owner together with the API tokens and the state of the membership.
type Person struct {
	Owner
	Active bool
	// Tokens contains the newest token first. Of the revoked tokens, it contains only the newest.
	Tokens []PersonalToken
}

// A PersonalToken is an API token of one owner in Recruitee.
type PersonalToken struct {
	Value     string
	OwnerID   int64
	CompanyID int64
	Revoked   bool
}

// An OrganisationSnapshot is an Organisation with the state of its token's rate limit. Left is the number of requests
// that Wintro will still accept in the current window.
type OrganisationSnapshot struct {
	Organisation
	Left int
	// ResetAt is the end of the current window, or zero if there is no current window.
	ResetAt time.Time
}

// A ConnectionSnapshot is a connection as Wintro's API shows it, with details that the API doesn't show.
type ConnectionSnapshot struct {
	contract.Connection
	OrganisationID   string
	OrganisationName string
	// Fingerprint is the fingerprint of the token stored in Wintro, even if the API reports null.
	Fingerprint string
	// ChangedByHand reports whether the latest change was made in Wintro's settings, not through the API.
	ChangedByHand bool
	Problem       Problem
	// TokenOwner is the name of the person who owns the token, or "" if Recruitee doesn't know the token.
	TokenOwner string
}

// A Problem names the reason why a connection doesn't work. It is "" if the connection works.
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

// Snapshot returns a copy of the contents of both systems.
func (s *Sandbox) Snapshot() (shot Snapshot) {
	now := time.Now()
	s.locked(func(st *store) {
		for _, c := range st.Recruitee.Companies {
			shot.Companies = append(shot.Companies, CompanySnapshot{c.Company, st.Recruitee.people(c.ID)})
		}
		limit := st.Wintro.RateLimit
		shot.WintroLimit, shot.WintroWindow = limit.Requests, limit.Window
		names := map[string]string{}
		for _, o := range st.Wintro.Organisations {
			names[o.ID] = o.Name
			shown := OrganisationSnapshot{Organisation: *o, Left: limit.Requests}
			shown.Scopes = slices.Clone(o.Scopes)
			if window := s.usage[usageKey(Wintro, o.Token)]; window != nil && now.Before(window.resetAt) {
				shown.Left, shown.ResetAt = window.remaining, window.resetAt
			}
			shot.Organisations = append(shot.Organisations, shown)
		}
		for _, conn := range st.Wintro.inOrder() {
			shown := ConnectionSnapshot{
				Connection:       st.Wintro.show(conn),
				OrganisationID:   conn.OrganisationID,
				OrganisationName: names[conn.OrganisationID],
				Fingerprint:      Fingerprint(conn.Token),
				ChangedByHand:    conn.ChangedByHand,
			}
			shown.Problem, shown.TokenOwner = st.Recruitee.problem(conn, shown.Status)
			shot.Connections = append(shot.Connections, shown)
		}
	})
	return shot
}

// people returns the users of a company, except users who have left.
func (r *recruiteeStore) people(companyID int64) (people []Person) {
	for _, o := range r.Owners {
		if o.CompanyID != companyID || o.Left {
			continue
		}
		person := Person{Owner: o.Owner, Active: o.Active}
		hasRevoked := false
		for _, t := range slices.Backward(r.Tokens) {
			if t.OwnerID == o.ID && (!t.Revoked || !hasRevoked) {
				hasRevoked = hasRevoked || t.Revoked
				person.Tokens = append(person.Tokens, *t)
			}
		}
		people = append(people, person)
	}
	return people
}

// problem returns the problem of a connection, or "" if the connection works. It also returns the name of the token's
// owner, or "" if Recruitee doesn't know the token.
func (r *recruiteeStore) problem(conn *connection, status contract.ConnectionStatus) (problem Problem, tokenOwner string) {
	var o *owner
	t, err := find(r.Tokens, func(t *PersonalToken) bool { return t.Value == conn.Token }, "such token")
	if err == nil {
		o, err = r.owner(t.OwnerID)
	}
	if err == nil {
		tokenOwner = o.FullName()
	}
	switch {
	case r.companyName(conn.CompanyID) == nil:
		problem = ProblemUnknownCompany
	case err != nil || t.Revoked:
		problem = ProblemToken
	case o.Left || strconv.FormatInt(o.CompanyID, 10) != conn.CompanyID:
		problem = ProblemOtherCompany
	case !o.Active:
		problem = ProblemInactive
	case !o.Administrator:
		problem = ProblemNotAdministrator
	case !conn.Enabled:
		problem = ProblemDisabled
	case status != contract.ConnectionActive && status != contract.ConnectionPending:
		problem = ProblemStatus
	}
	return problem, tokenOwner
}
