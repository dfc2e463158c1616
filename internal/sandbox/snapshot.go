package sandbox

import (
	"slices"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A Snapshot is all that both systems hold at one moment, for somebody who looks at them. Looking doesn't count as
// a read.
type Snapshot struct {
	Companies     []Company
	People        []Person
	Tokens        []PersonalToken
	Organisations []OrganisationSnapshot
	// WintroLimit is how many requests Wintro takes with one API token in each window, 0 for any number.
	WintroLimit  int
	WintroWindow time.Duration
	// Connections has those of all organisations, the oldest first.
	Connections []ConnectionSnapshot
}

// A Person is an Owner with what Recruitee's settings show.
type Person struct {
	Owner
	Active bool
}

// A PersonalToken is an API token of a person in Recruitee.
type PersonalToken struct {
	Value   string
	OwnerID int64
	Revoked bool
}

// An OrganisationSnapshot is an Organisation and what is left of its rate limit.
type OrganisationSnapshot struct {
	Organisation
	Left int
	// ResetAt is when all requests are left again, zero if they are.
	ResetAt time.Time
}

// A ConnectionSnapshot is a connection as Wintro's API shows it, and what is wrong with it.
type ConnectionSnapshot struct {
	contract.Connection
	OrganisationID string
	// Fingerprint is of the token that Wintro holds, even if the API reports none.
	Fingerprint string
	// ChangedByHand is whether somebody has changed it in Wintro's settings since the API last did.
	ChangedByHand bool
	// Problem is what keeps it from working, or "".
	Problem Problem
	// TokenOwner is the ID of the person who owns the token, 0 if Recruitee doesn't know the token.
	TokenOwner int64
}

// A Problem is what keeps a connection from working.
type Problem string

// What keeps connections from working. Of several, the first is shown.
const (
	ProblemUnknownCompany   Problem = "unknown-company"
	ProblemToken            Problem = "token"
	ProblemOtherCompany     Problem = "other-company"
	ProblemInactive         Problem = "inactive"
	ProblemNotAdministrator Problem = "not-administrator"
	ProblemDisabled         Problem = "disabled"
	ProblemStatus           Problem = "status"
)

// Snapshot looks at both systems.
func (s *Sandbox) Snapshot() (shot Snapshot) {
	now := s.now()
	s.read(func(st *store) {
		for _, c := range st.Recruitee.Companies {
			shot.Companies = append(shot.Companies, c.Company)
		}
		for _, o := range st.Recruitee.Owners {
			if !o.Left {
				shot.People = append(shot.People, Person{o.Owner, o.Active})
			}
		}
		for _, t := range st.Recruitee.Tokens {
			shot.Tokens = append(shot.Tokens, PersonalToken(*t))
		}
		limit := st.Wintro.RateLimit
		shot.WintroLimit, shot.WintroWindow = limit.Requests, limit.Window
		for _, o := range st.Wintro.Organisations {
			shown := OrganisationSnapshot{Organisation: *o, Left: limit.Requests}
			shown.Scopes = slices.Clone(o.Scopes)
			if window := s.usage.window(Wintro, o.Token); window != nil && now.Before(window.resetAt) {
				shown.Left, shown.ResetAt = window.remaining, window.resetAt
			}
			shot.Organisations = append(shot.Organisations, shown)
		}
		find := newProblemFinder(&st.Recruitee)
		for _, conn := range st.Wintro.inOrder() {
			shown := ConnectionSnapshot{
				Connection:     st.Wintro.show(conn),
				OrganisationID: conn.OrganisationID,
				Fingerprint:    Fingerprint(conn.Token),
				ChangedByHand:  conn.ChangedByHand,
			}
			shown.Problem, shown.TokenOwner = find.problem(conn, shown.Status)
			shot.Connections = append(shot.Connections, shown)
		}
	})
	return shot
}

// problemFinder finds the problems of many connections.
type problemFinder struct {
	companies map[string]bool
	owners    map[int64]*owner
	tokens    map[string]*token
}

func newProblemFinder(r *recruiteeStore) problemFinder {
	f := problemFinder{map[string]bool{}, map[int64]*owner{}, map[string]*token{}}
	for _, c := range r.Companies {
		f.companies[strconv.FormatInt(c.ID, 10)] = true
	}
	for _, o := range r.Owners {
		f.owners[o.ID] = o
	}
	for _, t := range r.Tokens {
		f.tokens[t.Value] = t
	}
	return f
}

func (f problemFinder) problem(conn *connection, status contract.ConnectionStatus) (problem Problem, tokenOwner int64) {
	t, known := f.tokens[conn.Token]
	if known {
		tokenOwner = t.OwnerID
	}
	switch {
	case !f.companies[conn.CompanyID]:
		return ProblemUnknownCompany, tokenOwner
	case !known || t.Revoked:
		return ProblemToken, tokenOwner
	}
	o := f.owners[tokenOwner]
	switch {
	case o == nil || o.Left || strconv.FormatInt(o.CompanyID, 10) != conn.CompanyID:
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
