package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
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
	RateLimit rateLimit  `json:"rate_limit"`
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
	// Organisations has at least one, the first.
	Organisations      []*Organisation     `json:"organisations"`
	Access             Access              `json:"access"`
	RateLimit          rateLimit           `json:"rate_limit"`
	Connections        []*connection       `json:"connections"`
	Syncs              []*syncRun          `json:"syncs"`
	Successes          []idempotencyRecord `json:"successes"`
	MaxPageSize        int                 `json:"max_page_size"`
	StayPending        int                 `json:"stay_pending"`
	HideFingerprints   bool                `json:"hide_fingerprints"`
	HideOrganisation   bool                `json:"hide_organisation"`
	WithholdAPI        bool                `json:"withhold_api"`
	FailLogins         bool                `json:"fail_logins"`
	HideNewReads       int                 `json:"hide_new_reads"`
	KeepLinkCreates    int                 `json:"keep_link_creates"`
	Deleted            []deletedConnection `json:"deleted"`
	EndlessList        bool                `json:"endless_list"`
	Vacancies          int                 `json:"vacancies"`
	SyncsFailBecauseOf string              `json:"syncs_fail_because_of"`
}

// connection is a connection as Wintro keeps it.
type connection struct {
	ID             string `json:"id"`
	OrganisationID string `json:"organisation_id"`
	Name           string `json:"name"`
	CompanyID      string `json:"company_id"`
	// CompanyName is what Wintro read last, nil before.
	CompanyName *string `json:"company_name"`
	Enabled     bool    `json:"enabled"`
	Token       string  `json:"token"`
	// Status is what is answered as soon as PendingReads is over.
	Status contract.ConnectionStatus `json:"status"`
	// PendingReads is how many more reads answer pending; a negative number means all of them.
	PendingReads int `json:"pending_reads"`
	// HiddenReads is the number of further reads that don't find the connection; a negative number means all.
	HiddenReads  int        `json:"hidden_reads"`
	CreatedAt    time.Time  `json:"created_at"`
	LastSyncedAt *time.Time `json:"last_synced_at"`
	// ChangedByHand is whether somebody has changed it in Wintro's settings since the API last did.
	ChangedByHand bool `json:"changed_by_hand"`
}

// deletedConnection is a deleted connection that still counts as linked.
type deletedConnection struct {
	ID             string `json:"id"`
	OrganisationID string `json:"organisation_id"`
	CompanyID      string `json:"company_id"`
	// Creates is the number of further create requests that conflict with it; a negative number means all.
	Creates int `json:"creates"`
}

func newStore() store {
	return store{
		Version:   storeVersion,
		secrets:   &secretSet{known: map[string]string{}},
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

// storeVersion is the version of the form of state files.
const storeVersion = 2

// stateFile is where a store is kept. A nil one keeps nothing.
type stateFile struct {
	path  string
	saved []byte
	err   error
}

// Open makes a sandbox that keeps its store in a file, and begins with what is there. The file holds
// tokens, and only its owner may read it. The request log and the faults are not kept.
func Open(path string, options ...Option) (*Sandbox, error) {
	s := New(options...)
	s.file = &stateFile{path: path}
	saved, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("reading the state file: %w", err)
	default:
		if err := json.Unmarshal(saved, &s.store); err != nil {
			return nil, fmt.Errorf("reading the state file %s: %w", path, err)
		}
		if s.store.Version != storeVersion {
			return nil, fmt.Errorf("the state file %s has version %d, and only version %d can be read",
				path, s.store.Version, storeVersion)
		}
	}
	s.store.secrets.add(s.Secrets()...)
	s.file.save(&s.store)
	if err := s.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// Err is why the newest change could not be saved, if so. As long as it can't, both systems answer
// each call with 500.
func (s *Sandbox) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.file.err
}

// save writes the store to the file if it has changed.
func (f *stateFile) save(st *store) {
	if f == nil {
		return
	}
	encoded, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		f.err = fmt.Errorf("saving the state: %w", err)
		return
	}
	if f.err == nil && bytes.Equal(encoded, f.saved) {
		return
	}
	if f.err = replaceFile(f.path, encoded); f.err == nil {
		f.saved = encoded
	}
}

// replaceFile puts content into the file so that, whatever happens, either the old or the new content
// is there as a whole.
func replaceFile(path string, content []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
			err = fmt.Errorf("saving the state: %w", err)
		}
	}()
	_, writeErr := temporary.Write(content)
	err = errors.Join(
		temporary.Chmod(0o600),
		writeErr,
		temporary.Sync(),
		temporary.Close(),
	)
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
