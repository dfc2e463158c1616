package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// store contains the data and the settings of both simulated systems.
type store struct {
	Recruitee recruiteeStore
	Wintro    wintroStore
}

type recruiteeStore struct {
	Companies []*company
	Owners    []*owner
	Tokens    []*PersonalToken
	LastID    int64
	RateLimit rateLimit
}

type company struct {
	Company
	CreatedAt time.Time
}

type owner struct {
	Owner
	Active            bool
	Left              bool
	MembershipID      int64
	SocketToken       string
	CalendarSyncToken string
	CreatedAt         time.Time
}

type wintroStore struct {
	// Organisations is never empty. Methods without an organisation as an argument use the first organisation.
	Organisations      []*Organisation
	Access             Access
	RateLimit          rateLimit
	Connections        []*connection
	Syncs              []*syncRun
	Successes          []idempotencyRecord
	MaxPageSize        int
	StayPending        int
	HideFingerprints   bool
	HideOrganisation   bool
	WithholdAPI        bool
	FailLogins         bool
	HideNewReads       int
	KeepLinkCreates    int
	Deleted            []deletedConnection
	EndlessList        bool
	Vacancies          int
	SyncsFailBecauseOf string
}

// connection is a stored connection of Wintro.
type connection struct {
	ID             string
	OrganisationID string
	Name           string
	CompanyID      string
	// CompanyName is the name that Wintro last read from Recruitee, or nil if it has never read a name.
	CompanyName *string
	Enabled     bool
	Token       string
	// Status is the status that Wintro reports. But as long as the connection is enabled and PendingReads isn't 0,
	// Wintro reports pending instead.
	Status contract.ConnectionStatus
	// PendingReads is the number of further reads that will report pending. If it is negative, all further reads will.
	PendingReads int
	// HiddenReads is the number of further reads that won't find the connection. If it is negative, no read will find
	// the connection.
	HiddenReads  int
	CreatedAt    time.Time
	LastSyncedAt *time.Time
	// ChangedByHand reports whether the latest change came from changeConnection, and not from the API.
	ChangedByHand bool
}

// deletedConnection is a deleted connection that Wintro treats as linked to its company until Creates is 0.
type deletedConnection struct {
	ID             string
	OrganisationID string
	CompanyID      string
	// Creates is the number of further create requests that will conflict with the deleted connection. If it is
	// negative, all further create requests will.
	Creates int
}

func newStore() store {
	return store{
		Recruitee: recruiteeStore{LastID: 999},
		Wintro: wintroStore{
			Organisations: []*Organisation{newOrganisation("Acme Europe")},
			Access:        AccessGranted,
			MaxPageSize:   defaultMaxPageSize,
			Vacancies:     12,
		},
	}
}

func (r *recruiteeStore) company(id int64) (*company, error) {
	return find(r.Companies, func(c *company) bool { return c.ID == id }, "company with the ID %d", id)
}

func (r *recruiteeStore) owner(id int64) (*owner, error) {
	return find(r.Owners, func(o *owner) bool { return o.ID == id }, "owner with the ID %d", id)
}

// token returns the token with the given value, or an error if the token is unknown or revoked.
func (r *recruiteeStore) token(value string) (*PersonalToken, error) {
	return find(r.Tokens, func(t *PersonalToken) bool { return t.Value == value && !t.Revoked }, "such token, or it has been revoked")
}

func (w *wintroStore) connection(id string) (*connection, error) {
	return find(w.Connections, func(conn *connection) bool { return conn.ID == id }, "connection with the ID %q", id)
}

func (w *wintroStore) organisation(id string) (*Organisation, error) {
	return find(w.Organisations, func(o *Organisation) bool { return o.ID == id }, "organisation with the ID %q", id)
}

// find returns the first matching element. If no element matches, it returns the error "there is no", followed by the
// formatted text.
func find[T any](list []*T, matches func(*T) bool, format string, args ...any) (*T, error) {
	if i := slices.IndexFunc(list, matches); i >= 0 {
		return list[i], nil
	}
	return nil, fmt.Errorf("there is no "+format, args...)
}

// organisationOf returns the organisation to which an API token belongs. For a read-only token, it returns a copy of
// the organisation whose only scope is the read scope.
func (w *wintroStore) organisationOf(token string) (*Organisation, bool) {
	for _, o := range w.Organisations {
		if o.Token == token {
			return o, true
		}
		if o.ReadOnlyToken == token && token != "" {
			reader := *o
			reader.Scopes = []string{contract.ScopeRead}
			return &reader, true
		}
	}
	return nil, false
}

// inOrder returns the connections in the order of the API's list, which is sorted by CreatedAt and then by ID.
func (w *wintroStore) inOrder() []*connection {
	return slices.SortedFunc(slices.Values(w.Connections), func(a, b *connection) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
}

func (w *wintroStore) remove(id string) {
	w.Connections = slices.DeleteFunc(w.Connections, func(conn *connection) bool { return conn.ID == id })
	w.Syncs = slices.DeleteFunc(w.Syncs, func(run *syncRun) bool { return run.ConnectionID == id })
}
