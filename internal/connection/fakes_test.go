package connection

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// fakes are both systems, in plain Go. calls lists what was asked, in order.
type fakes struct {
	mu    sync.Mutex
	calls []string

	// ask answers for Recruitee; nil accepts every token, as an Administrator's.
	ask func(token string) (recruitee.Admin, error)

	connections map[string]wintro.Connection
	tokens      map[string]string
	keys        []string
	// pendingReads is how many reads of a new connection find it pending.
	pendingReads int
	// after is the status once it is no longer pending.
	after wintro.Status
	// fail answers a call instead, where it returns an error.
	fail func(call string) error
	// meanwhile changes a connection before an answer holds it.
	meanwhile func(*wintro.Connection)
	// syncReads is what following a sync finds, one after the other; after that it is running.
	syncReads []wintro.Sync
	// lostAnswer loses the answer to a creation.
	lostAnswer bool
	// hideFingerprints leaves them out of the answers.
	hideFingerprints bool
}

func newFakes() *fakes {
	return &fakes{
		connections: map[string]wintro.Connection{},
		tokens:      map[string]string{},
		after:       wintro.Active,
	}
}

func (f *fakes) service(when VerificationMode) *Service {
	return &Service{verification: when, recruitee: f, wintro: f, pollPause: time.Microsecond}
}

func (f *fakes) called(call string) error {
	f.calls = append(f.calls, call)
	if f.fail != nil {
		return f.fail(call)
	}
	return nil
}

func (f *fakes) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

func (f *fakes) count(call string) int {
	n := 0
	for _, c := range f.asked() {
		if c == call {
			n++
		}
	}
	return n
}

// asynchronous calls may come in any order.
func (f *fakes) expectCalls(t *testing.T, expected ...string) {
	t.Helper()
	is := f.asked()
	slices.Sort(is)
	slices.Sort(expected)
	if !slices.Equal(is, expected) {
		t.Errorf("calls %q instead of %q", is, expected)
	}
}

func (f *fakes) CurrentAdmin(ctx context.Context, companyID, token string) (recruitee.Admin, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("ask " + companyID); err != nil {
		return recruitee.Admin{}, err
	}
	if ctx.Err() != nil {
		return recruitee.Admin{}, &NoAnswerError{System: RecruiteeName, Reason: "interrupted"}
	}
	if f.ask != nil {
		return f.ask(token)
	}
	return admin(true), nil
}

func (f *fakes) List(_ context.Context, companyID string) iter.Seq2[wintro.Connection, error] {
	return func(yield func(wintro.Connection, error) bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := f.called("list " + companyID); err != nil {
			yield(wintro.Connection{}, err)
			return
		}
		for _, c := range f.connections {
			if (companyID == "" || c.CompanyID == companyID) && !yield(f.shown(c), nil) {
				return
			}
		}
	}
}

// fakePage is how many connections a page of the list has.
const fakePage = 20

func (f *fakes) Page(_ context.Context, cursor string) (wintro.Page, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("page " + cursor); err != nil {
		return wintro.Page{}, err
	}
	var page wintro.Page
	for _, id := range slices.Sorted(maps.Keys(f.connections)) {
		switch {
		case id < cursor:
		case len(page.Connections) == fakePage:
			page.Next = id
			return page, nil
		default:
			page.Connections = append(page.Connections, f.shown(f.connections[id]))
		}
	}
	return page, nil
}

func (f *fakes) Get(_ context.Context, id string) (wintro.Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("get " + id); err != nil {
		return wintro.Connection{}, err
	}
	c, found := f.connections[id]
	if !found {
		return wintro.Connection{}, notFound()
	}
	if c.Status == wintro.Pending {
		if f.pendingReads--; f.pendingReads <= 0 {
			c.Status = f.after
			f.connections[id] = c
		}
	}
	return f.shown(c), nil
}

func (f *fakes) Create(_ context.Context, key string, wanted wintro.NewConnection) (wintro.Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys = append(f.keys, key)
	if err := f.called("create"); err != nil {
		return wintro.Connection{}, err
	}
	c := wintro.Connection{
		ID: "conn_new", Ats: wintro.Recruitee, CompanyID: wanted.CompanyID, Name: wanted.Name,
		Enabled: wanted.Enabled, CreatedAt: time.Unix(1, 0).UTC(),
	}
	f.take(&c, wanted.APIToken)
	if f.lostAnswer {
		return wintro.Connection{}, down(WintroName)
	}
	return f.shown(c), nil
}

func (f *fakes) Update(_ context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := "update"
	if change.Name != nil {
		call += " name"
	}
	if change.Enabled != nil {
		call += " enabled"
	}
	if change.APIToken != nil {
		call += " token"
	}
	if err := f.called(call); err != nil {
		return wintro.Connection{}, err
	}
	c, found := f.connections[id]
	if !found {
		return wintro.Connection{}, notFound()
	}
	if change.Name != nil {
		c.Name = *change.Name
	}
	token := f.tokens[id]
	if change.APIToken != nil {
		token = *change.APIToken
	}
	if change.Enabled != nil {
		c.Enabled = *change.Enabled
	}
	if change.APIToken != nil || change.Enabled != nil {
		f.take(&c, token)
	}
	f.connections[id] = c
	return f.shown(c), nil
}

func (f *fakes) Delete(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("delete " + id); err != nil {
		return err
	}
	if _, found := f.connections[id]; !found {
		return notFound()
	}
	delete(f.connections, id)
	return nil
}

func (f *fakes) StartSync(_ context.Context, connectionID string) (wintro.Sync, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return wintro.Sync{ID: "sync_1", Status: wintro.SyncQueued}, f.called("sync " + connectionID)
}

func (f *fakes) GetSync(_ context.Context, _, id string) (wintro.Sync, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.called("follow " + id); err != nil {
		return wintro.Sync{}, err
	}
	if len(f.syncReads) == 0 {
		return wintro.Sync{ID: "sync_1", Status: wintro.SyncRunning}, nil
	}
	next := f.syncReads[0]
	f.syncReads = f.syncReads[1:]
	return next, nil
}

func (f *fakes) take(c *wintro.Connection, token string) {
	f.tokens[c.ID] = token
	c.Status = f.after
	switch {
	case !c.Enabled:
		c.Status = wintro.Inactive
	case f.pendingReads > 0:
		c.Status = wintro.Pending
	}
	c.TokenFingerprint = new(Fingerprint(token))
	f.connections[c.ID] = *c
}

func (f *fakes) shown(c wintro.Connection) wintro.Connection {
	if f.meanwhile != nil {
		f.meanwhile(&c)
	}
	if f.hideFingerprints {
		c.TokenFingerprint = nil
	}
	return c
}

// has puts a connection into the fake, and returns it as Terraform knows it.
func (f *fakes) has(token string) Connection {
	c := wintro.Connection{
		ID: "conn_1", Ats: wintro.Recruitee, CompanyID: "816", Name: "Recruitee", Enabled: true,
		Status: wintro.Active, CreatedAt: time.Unix(1, 0).UTC(), TokenFingerprint: new(Fingerprint(token)),
	}
	f.connections[c.ID] = c
	f.tokens[c.ID] = token
	return fromWintro(c, Connection{})
}

func (f *fakes) change(id string, how func(*wintro.Connection)) {
	c := f.connections[id]
	how(&c)
	f.connections[id] = c
}

func notFound() error {
	return &APIError{Status: http.StatusNotFound, Title: "Not Found"}
}

func down(system string) error {
	return &NoAnswerError{System: system, Host: "example.com", Reason: "the connection was refused"}
}

func rejectedToken(string) (recruitee.Admin, error) {
	return recruitee.Admin{}, &TokenRejectedError{CompanyID: "816", Said: "invalid_token: Token not found."}
}

// The outcomes of a verification. One that refutes the token is the status that it leads to.
const (
	accepted   = "accepted"
	unverified = "not verified"
	unanswered = "unanswered"
)

func outcome(v Verification) string {
	switch {
	case v.Refuted():
		return string(v.status())
	case v.Err != nil:
		return unanswered
	case v.Owner == nil:
		return unverified
	}
	return accepted
}

func isError[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

var acme = Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, RequireAdministrator: true, Token: "good"}
