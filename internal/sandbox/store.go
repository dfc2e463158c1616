package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// store has the data of both systems.
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
	// Organisations has at least one, the first.
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
	// CompanyName is the name that Wintro read last, or nil.
	CompanyName *string
	Enabled     bool
	Token       string
	// Status is the reported status after PendingReads.
	Status contract.ConnectionStatus
	// PendingReads is the number of further reads that report pending; a negative number means all.
	PendingReads int
	// HiddenReads is the number of further reads that don't find the connection; a negative number means all.
	HiddenReads  int
	CreatedAt    time.Time
	LastSyncedAt *time.Time
	// ChangedByHand is whether the newest change was made in Wintro's settings, not with the API.
	ChangedByHand bool
}

// deletedConnection is a deleted connection that still counts as linked.
type deletedConnection struct {
	ID             string
	OrganisationID string
	CompanyID      string
	// Creates is the number of further create requests that conflict with it; a negative number means all.
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

// token finds a token that isn't revoked.
func (r *recruiteeStore) token(value string) (*PersonalToken, error) {
	return find(r.Tokens, func(t *PersonalToken) bool { return t.Value == value && !t.Revoked }, "such token, or it has been revoked")
}

func (w *wintroStore) connection(id string) (*connection, error) {
	return find(w.Connections, func(conn *connection) bool { return conn.ID == id }, "connection with the ID %q", id)
}

func (w *wintroStore) organisation(id string) (*Organisation, error) {
	return find(w.Organisations, func(o *Organisation) bool { return o.ID == id }, "organisation with the ID %q", id)
}

// find returns the first matching element, or an error with its description.
func find[T any](list []*T, matches func(*T) bool, format string, args ...any) (*T, error) {
	if i := slices.IndexFunc(list, matches); i >= 0 {
		return list[i], nil
	}
	return nil, fmt.Errorf("there is no "+format, args...)
}

// organisationOf finds the organisation of an API token, with the token's scopes.
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

// inOrder returns the connections in the order of the API's list: the oldest first, then by ID.
func (w *wintroStore) inOrder() []*connection {
	return slices.SortedFunc(slices.Values(w.Connections), func(a, b *connection) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
}

func (w *wintroStore) remove(id string) {
	w.Connections = slices.DeleteFunc(w.Connections, func(conn *connection) bool { return conn.ID == id })
	w.Syncs = slices.DeleteFunc(w.Syncs, func(run *syncRun) bool { return run.ConnectionID == id })
}
