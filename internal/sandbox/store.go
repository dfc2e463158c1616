package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// store is everything that the two systems remember.
type store struct {
	Recruitee recruiteeStore
	Wintro    wintroStore
}

type recruiteeStore struct {
	Companies []*company
	Owners    []*owner
	Tokens    []*token
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

// token is an API token of one owner. The page shows revoked tokens, too.
type token struct {
	Value   string
	OwnerID int64
	Revoked bool
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

// connection is a connection as Wintro keeps it.
type connection struct {
	ID             string
	OrganisationID string
	Name           string
	CompanyID      string
	// CompanyName is what Wintro read last, nil before.
	CompanyName *string
	Enabled     bool
	Token       string
	// Status is what is answered as soon as PendingReads is over.
	Status contract.ConnectionStatus
	// PendingReads is how many more reads answer pending; a negative number means all of them.
	PendingReads int
	// HiddenReads is the number of further reads that don't find the connection; a negative number means all.
	HiddenReads  int
	CreatedAt    time.Time
	LastSyncedAt *time.Time
	// ChangedByHand is whether somebody has changed it in Wintro's settings since the API last did.
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
	for _, c := range r.Companies {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no company with the ID %d", id)
}

func (r *recruiteeStore) owner(id int64) (*owner, error) {
	for _, o := range r.Owners {
		if o.ID == id {
			return o, nil
		}
	}
	return nil, fmt.Errorf("there is no owner with the ID %d", id)
}

// token finds a token that has not been revoked.
func (r *recruiteeStore) token(value string) (*token, bool) {
	for _, t := range r.Tokens {
		if t.Value == value && !t.Revoked {
			return t, true
		}
	}
	return nil, false
}

func (w *wintroStore) connection(id string) (*connection, error) {
	for _, conn := range w.Connections {
		if conn.ID == id {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("there is no connection with the ID %q", id)
}

// organisation finds an organisation by its ID.
func (w *wintroStore) organisation(id string) (*Organisation, error) {
	for _, o := range w.Organisations {
		if o.ID == id {
			return o, nil
		}
	}
	return nil, fmt.Errorf("there is no organisation with the ID %q", id)
}

// organisationOf finds the organisation that an API token belongs to, with what the token may do.
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

// inOrder is the connections in the order of the API's list: the oldest first, then by ID.
func (w *wintroStore) inOrder() []*connection {
	return slices.SortedFunc(slices.Values(w.Connections), func(a, b *connection) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
}

func (w *wintroStore) remove(id string) {
	w.Connections = slices.DeleteFunc(w.Connections, func(conn *connection) bool { return conn.ID == id })
	w.Syncs = slices.DeleteFunc(w.Syncs, func(run *syncRun) bool { return run.ConnectionID == id })
}
