package connection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// fakes are both systems, in plain Go.
type fakes struct {
	mu sync.Mutex
	// calls lists what was asked, in order.
	calls []string

	// ask answers for Recruitee; nil accepts every token, as an Administrator's.
	ask func(token string) (recruitee.Admin, error)

	connections map[string]wintro.Connection
	tokens      map[string]string
	keys        []string
	created     int
	// organisation is the one that Wintro's API token belongs to; "" if Wintro doesn't report it.
	organisation string
	// reported is what the last success said of it.
	reported string
	// pageSize is how many connections a page of the list has.
	pageSize int
	// pendingReads is how many reads of a connection find it pending after it got a token, and reads how
	// many are left of these.
	pendingReads int
	reads        map[string]int
	// checked is the status once it is no longer pending.
	checked string
	// fail is called before a call is carried out, late after it and before it is answered. If one
	// returns an error, that is the answer.
	fail, late hook
	// meanwhile changes a connection before an answer holds it.
	meanwhile func(*wintro.Connection)
	// syncReads is what following a sync finds, one after the other; after that it is running.
	syncReads []wintro.Sync
	// hideFingerprints leaves them out of the answers.
	hideFingerprints bool
}

type hook func(ctx context.Context, call string) error

func newFakes() *fakes {
	return &fakes{
		connections: map[string]wintro.Connection{},
		tokens:      map[string]string{},
		reads:       map[string]int{},
		pageSize:    100,
		checked:     wintro.Active,
	}
}

func (f *fakes) service(mode VerificationMode) *Service {
	s := newService(mode, f, f)
	s.pollPause = time.Microsecond
	return s
}

// respond is how the fakes answer each call; do carries it out.
func respond[T any](ctx context.Context, f *fakes, call string, do func() (T, error)) (T, error) {
	var none T
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	if f.fail != nil {
		if err := f.fail(ctx, call); err != nil {
			return none, err
		}
	}
	f.mu.Lock()
	response, err := do()
	f.mu.Unlock()
	if f.late != nil {
		if late := f.late(ctx, call); late != nil {
			return none, late
		}
	}
	if err == nil && !strings.HasPrefix(call, "ask") {
		f.mu.Lock()
		f.reported = f.organisation
		f.mu.Unlock()
	}
	return response, err
}

func (f *fakes) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// count is how many calls begin like this.
func (f *fakes) count(beginning string) (n int) {
	for _, call := range f.asked() {
		if strings.HasPrefix(call, beginning) {
			n++
		}
	}
	return n
}

// expectCalls compares the calls so far, in any order: some are made at the same time.
func (f *fakes) expectCalls(t *testing.T, want ...string) {
	t.Helper()
	got := f.asked()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("calls %q instead of %q", got, want)
	}
}

func (f *fakes) CurrentAdmin(ctx context.Context, companyID, token string) (recruitee.Admin, error) {
	return respond(ctx, f, "ask "+companyID, func() (recruitee.Admin, error) {
		switch {
		case ctx.Err() != nil:
			return recruitee.Admin{}, &UnavailableError{System: RecruiteeName, Reason: "interrupted"}
		case f.ask != nil:
			return f.ask(token)
		}
		return admin(true), nil
	})
}

func (f *fakes) Organisation() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reported
}

// List gives whole pages, as the client does.
func (f *fakes) List(ctx context.Context, companyID string, limit int) (*wintro.List, error) {
	call := "list " + companyID
	if limit > 0 {
		call += fmt.Sprint("up to ", limit)
	}
	return respond(ctx, f, call, func() (*wintro.List, error) {
		all := f.list(companyID)
		if pages := (limit + f.pageSize - 1) / f.pageSize; limit > 0 {
			all = all[:min(len(all), pages*f.pageSize)]
		}
		list := &wintro.List{}
		return list, list.Add(wintro.Page{Items: items(f.readAll(all))})
	})
}

func (f *fakes) ListPage(ctx context.Context, companyID string, number int) (wintro.Page, error) {
	return respond(ctx, f, fmt.Sprint("page ", number), func() (wintro.Page, error) {
		all := slices.Collect(slices.Chunk(f.list(companyID), f.pageSize))
		page := wintro.Page{TotalPages: len(all)}
		if number <= len(all) {
			page.Items = items(f.readAll(all[number-1]))
		}
		return page, nil
	})
}

func items(connections []wintro.Connection) (all []wintro.Item) {
	for _, conn := range connections {
		all = append(all, wintro.Item{Connection: conn})
	}
	return all
}

// list is the list as Wintro has it: the oldest first, then by ID.
func (f *fakes) list(companyID string) (all []wintro.Connection) {
	for _, id := range slices.Sorted(maps.Keys(f.connections)) {
		if c := f.connections[id]; companyID == "" || c.AtsCompanyID == companyID {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b wintro.Connection) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all
}

func (f *fakes) Get(ctx context.Context, id string) (wintro.Connection, error) {
	return respond(ctx, f, "get "+id, func() (wintro.Connection, error) {
		c, ok := f.connections[id]
		if !ok {
			return wintro.Connection{}, notFound()
		}
		return f.read(c), nil
	})
}

func (f *fakes) Create(ctx context.Context, key string, wanted wintro.NewConnection) (wintro.Connection, error) {
	return respond(ctx, f, "create", func() (wintro.Connection, error) {
		f.keys = append(f.keys, key)
		for id, c := range f.connections {
			if c.AtsCompanyID == wanted.AtsCompanyID {
				return wintro.Connection{}, alreadyLinked(id)
			}
		}
		f.created++
		id := "conn_new"
		if f.created > 1 {
			id = fmt.Sprintf("conn_new_%d", f.created)
		}
		return f.take(wintro.Connection{
			ID: id, Ats: wintro.Recruitee, AtsCompanyID: wanted.AtsCompanyID, Name: wanted.Name,
			Enabled: wanted.Enabled, CreatedAt: time.Unix(1+int64(f.created), 0).UTC(),
		}, wanted.APIToken), nil
	})
}

func (f *fakes) Update(ctx context.Context, id string, change wintro.ConnectionChange) (wintro.Connection, error) {
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
	return respond(ctx, f, call, func() (wintro.Connection, error) {
		c, ok := f.connections[id]
		if !ok {
			return wintro.Connection{}, notFound()
		}
		if change.Name != nil {
			c.Name = *change.Name
		}
		if change.Enabled != nil {
			c.Enabled = *change.Enabled
		}
		token := f.tokens[id]
		if change.APIToken != nil {
			token = *change.APIToken
		}
		if change.APIToken != nil || change.Enabled != nil {
			return f.take(c, token), nil
		}
		f.connections[id] = c
		return f.shown(c), nil
	})
}

func (f *fakes) Delete(ctx context.Context, id string) error {
	_, err := respond(ctx, f, "delete "+id, func() (any, error) {
		if _, ok := f.connections[id]; !ok {
			return nil, notFound()
		}
		delete(f.connections, id)
		return nil, nil
	})
	return err
}

func (f *fakes) StartSync(ctx context.Context, connectionID string) (wintro.Sync, error) {
	return respond(ctx, f, "sync "+connectionID, func() (wintro.Sync, error) {
		return wintro.Sync{ID: "sync_1", Status: "queued"}, nil
	})
}

func (f *fakes) GetSync(ctx context.Context, _, id string) (wintro.Sync, error) {
	return respond(ctx, f, "follow "+id, func() (wintro.Sync, error) {
		if len(f.syncReads) == 0 {
			return wintro.Sync{ID: "sync_1", Status: "running"}, nil
		}
		next := f.syncReads[0]
		f.syncReads = f.syncReads[1:]
		return next, nil
	})
}

// take stores a connection that gets this token, or is enabled with it.
func (f *fakes) take(c wintro.Connection, token string) wintro.Connection {
	f.tokens[c.ID] = token
	f.reads[c.ID] = f.pendingReads
	c.Status = f.checked
	switch {
	case !c.Enabled:
		c.Status = wintro.Inactive
	case f.pendingReads > 0:
		c.Status = wintro.Pending
	}
	c.TokenFingerprint = new(Fingerprint(token))
	f.connections[c.ID] = c
	return f.shown(c)
}

// read is the connection as it is read: one that is pending comes closer to the end of Wintro's check.
func (f *fakes) read(c wintro.Connection) wintro.Connection {
	if c.Status == wintro.Pending {
		if f.reads[c.ID]--; f.reads[c.ID] <= 0 {
			c.Status = f.checked
			f.connections[c.ID] = c
		}
	}
	return f.shown(c)
}

func (f *fakes) readAll(all []wintro.Connection) []wintro.Connection {
	for i := range all {
		all[i] = f.read(all[i])
	}
	return all
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

// add puts the connection conn_1 into the fake, and returns it as Terraform knows it.
func (f *fakes) add(token string) Connection {
	c := wintro.Connection{
		ID: "conn_1", Ats: wintro.Recruitee, AtsCompanyID: "816", Name: "Recruitee", Enabled: true,
		Status: wintro.Active, CreatedAt: time.Unix(1, 0).UTC(), TokenFingerprint: new(Fingerprint(token)),
	}
	f.connections[c.ID] = c
	f.tokens[c.ID] = token
	return f.service(VerificationOff).fromWintro(c, Connection{})
}

// addMany puts the connections conn_0000, conn_0001 and so on into the fake, for the companies 1000, 1001
// and so on. They are the oldest.
func (f *fakes) addMany(size int) (all []Connection) {
	for i := range size {
		c := wintro.Connection{
			ID: fmt.Sprintf("conn_%04d", i), Ats: wintro.Recruitee, AtsCompanyID: fmt.Sprint(1000 + i), Name: "Recruitee",
			Enabled: true, Status: wintro.Active, CreatedAt: time.Unix(0, int64(i)).UTC(),
		}
		f.connections[c.ID] = c
		all = append(all, f.service(VerificationOff).fromWintro(c, Connection{}))
	}
	return all
}

func (f *fakes) change(id string, how func(*wintro.Connection)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.connections[id]
	how(&c)
	f.connections[id] = c
}

func (f *fakes) rename(id, name string) {
	f.change(id, func(c *wintro.Connection) { c.Name = name })
}

// failing answers a call with an error.
func failing(call string, err error) hook {
	return func(_ context.Context, made string) error {
		if made == call {
			return err
		}
		return nil
	}
}

// taking makes calls that begin like this take some time, unless they are cancelled.
func taking(beginning string, time time.Duration) hook {
	return func(ctx context.Context, call string) error {
		if !strings.HasPrefix(call, beginning) {
			return nil
		}
		return pass(ctx, time)
	}
}

// pass lets some time pass.
func pass(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return &UnavailableError{System: WintroName, Reason: "cancelled"}
	case <-time.After(duration):
		return nil
	}
}

func notFound() error {
	return &APIError{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "There is nothing here"}
}

func alreadyLinked(id string) error {
	return &APIError{Status: http.StatusConflict, Code: wintro.CodeAlreadyLinked, Message: "Linked already", ConnectionID: id}
}

func down(system string) error {
	return &UnavailableError{System: system, Host: "example.com", Reason: "the connection was refused"}
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
	case v.IsRejected():
		return string(v.status())
	case v.Err != nil:
		return unanswered
	case v.Owner == nil:
		return unverified
	}
	return accepted
}

// expectError compares an error with what is expected of it: nil for none.
func expectError(t *testing.T, err error, want func(error) bool) {
	t.Helper()
	if want == nil && err != nil || want != nil && !want(err) {
		t.Errorf("unexpected error %T: %v", err, err)
	}
}

// expectNotes compares notes with what is expected of them, each by what it is about: the field that somebody
// has changed, or the status that isn't as it should be.
func expectNotes(t *testing.T, notes []error, want ...string) {
	t.Helper()
	var got []string
	for _, note := range notes {
		var changed *ChangedMeanwhileError
		var unhealthy *NotHealthyError
		switch {
		case errors.As(note, &changed):
			got = append(got, changed.Field)
		case errors.As(note, &unhealthy):
			got = append(got, string(unhealthy.Status))
		default:
			got = append(got, note.Error())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("notes %q instead of %q", got, want)
	}
}

// isUnhealthy is an error that says so of a status.
func isUnhealthy(status Status) func(error) bool {
	return func(err error) bool {
		var unhealthy *NotHealthyError
		return errors.As(err, &unhealthy) && unhealthy.Status == status
	}
}

// modeOf is the mode in which a case of a table verifies tokens.
func modeOf(mode VerificationMode) VerificationMode {
	return cmp.Or(mode, VerificationPlan)
}

// composed and decomposed are the same name in two encodings.
const composed, decomposed = "Caf\u00e9", "Cafe\u0301"

var acme = Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, RequireAdministrator: true, Token: "good"}
