package sandbox

import (
	"fmt"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// store is everything that the two systems remember, in the form in which it is kept in a file.
type store struct {
	Version   int            `json:"version"`
	Recruitee recruiteeStore `json:"recruitee"`
	Wintro    wintroStore    `json:"wintro"`

	// secrets is told of each new one, for the request log.
	secrets *secretSet
}

type recruiteeStore struct {
	Companies []*company `json:"companies"`
	Owners    []*owner   `json:"owners"`
	Tokens    []*token   `json:"tokens"`
	LastID    int64      `json:"last_id"`
	RateLimit int        `json:"rate_limit"`
}

type company struct {
	Company
	CreatedAt time.Time `json:"created_at"`
}

type owner struct {
	Owner
	Active            bool      `json:"active"`
	Left              bool      `json:"left"`
	MembershipID      int64     `json:"membership_id"`
	SocketToken       string    `json:"socket_token"`
	CalendarSyncToken string    `json:"calendar_sync_token"`
	CreatedAt         time.Time `json:"created_at"`
}

// token is an API token of one owner. Revoked ones stay, so that they count as secrets for ever.
type token struct {
	Value   string `json:"value"`
	OwnerID int64  `json:"owner_id"`
	Revoked bool   `json:"revoked"`
}

type wintroStore struct {
	Token              string        `json:"token"`
	Access             Access        `json:"access"`
	Connections        []*connection `json:"connections"`
	Syncs              []*syncRun    `json:"syncs"`
	Remembered         []remembered  `json:"remembered"`
	LastSequence       int64         `json:"last_sequence"`
	StayPending        int           `json:"stay_pending"`
	HideFingerprints   bool          `json:"hide_fingerprints"`
	FailLogins         bool          `json:"fail_logins"`
	Vacancies          int           `json:"vacancies"`
	SyncsFailBecauseOf string        `json:"syncs_fail_because_of"`
}

// connection is a link as Wintro keeps it.
type connection struct {
	ID        string `json:"id"`
	Sequence  int64  `json:"sequence"`
	Name      string `json:"name"`
	CompanyID string `json:"company_id"`
	Enabled   bool   `json:"enabled"`
	Token     string `json:"token"`
	// Status is what is answered as soon as PendingReads is over.
	Status contract.ConnectionStatus `json:"status"`
	// PendingReads is how many more reads answer pending; a negative number means all of them.
	PendingReads int        `json:"pending_reads"`
	CreatedAt    time.Time  `json:"created_at"`
	LastSyncedAt *time.Time `json:"last_synced_at"`
}

func newStore() store {
	return store{
		Version:   storeVersion,
		secrets:   &secretSet{known: map[string]bool{}},
		Recruitee: recruiteeStore{LastID: 999},
		Wintro: wintroStore{
			Token:     "wintro_" + randomHex(20),
			Access:    AccessGranted,
			Vacancies: 12,
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
	for _, link := range w.Connections {
		if link.ID == id {
			return link, nil
		}
	}
	return nil, fmt.Errorf("there is no connection with the ID %q", id)
}

func (w *wintroStore) remove(id string) {
	w.Connections = slices.DeleteFunc(w.Connections, func(link *connection) bool { return link.ID == id })
	w.Syncs = slices.DeleteFunc(w.Syncs, func(run *syncRun) bool { return run.ConnectionID == id })
}
