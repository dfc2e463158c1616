package connection

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// environment runs the sandbox in the test process. It replaces the sandbox's IDs with short names, and records each
// request as a short text, such as "get conn_1" (see callOf).
//
// The connection from add has the name conn_1. Connections from addMany have the names conn_0000, conn_0001 and so on,
// and connections from Service.Create the names conn_new, conn_new_2 and so on.
type environment struct {
	*sandbox.Sandbox
	t testing.TB

	mu sync.Mutex
	// calls contains the recorded requests, in order.
	calls []string
	// names maps each short name to the sandbox's ID, and each ID to its short name.
	names map[string]string
	// keys contains the idempotency keys of the create requests.
	keys []string
	// created is the number of connections from Service.Create. added is the number of connections from addMany.
	created, added int

	// before runs before the sandbox serves a call, and after runs when the sandbox has served it. If a hook returns
	// an error, the call fails: an *APIError or errPage becomes the response, and any other error becomes a network
	// error.
	before, after hook
	// replace alternates between a text in the responses and its replacement.
	replace []string
}

type hook func(ctx context.Context, call string) error

func newEnvironment(t testing.TB) *environment {
	s := sandbox.New()
	s.Seed()
	s.ReportOrganisation(false)
	e := &environment{Sandbox: s, t: t, names: map[string]string{}}
	for _, token := range []string{"good", "held", "old", "other", "theirs", "t"} {
		s.AddToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID, token)
	}
	return e
}

func (e *environment) service(mode VerifyMode) *Service {
	return e.serviceWith(func(s *Settings) { s.VerifyMode = mode })
}

func (e *environment) serviceWith(change func(*Settings)) *Service {
	settings := Settings{
		WintroEndpoint: "http://localhost" + sandbox.WintroPath, RecruiteeEndpoint: "http://localhost" + sandbox.RecruiteePath,
		WintroToken: e.WintroToken(), RequestTimeout: 24 * time.Hour, PollPause: time.Microsecond, RoundTripper: e,
	}
	change(&settings)
	service, err := New(settings)
	if err != nil {
		e.t.Fatal(err)
	}
	return service
}

// setPollPause changes the first pause between polls, and returns the service.
func (s *Service) setPollPause(pause time.Duration) *Service {
	s.pollPause, s.wintro.pollPause = pause, pause
	return s
}

// RoundTrip records a request, runs the hooks around it, and returns the sandbox's response with short names instead of
// IDs.
func (e *environment) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	call := callOf(req, body)
	e.mu.Lock()
	e.calls = append(e.calls, call)
	if key := req.Header.Get("Idempotency-Key"); key != "" {
		e.keys = append(e.keys, key)
	}
	e.mu.Unlock()
	if e.before != nil {
		if err := e.before(req.Context(), call); err != nil {
			return failure(req, err)
		}
	}
	address := anyID.ReplaceAllStringFunc(req.URL.String(), e.id)
	served := httptest.NewRequestWithContext(req.Context(), req.Method, address, bytes.NewReader(body))
	served.Header = req.Header
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, served)
	response := recorder.Result()
	response.Request = req
	content := anyID.ReplaceAllStringFunc(recorder.Body.String(), e.name)
	response.Body = io.NopCloser(strings.NewReader(strings.NewReplacer(e.replace...).Replace(content)))
	response.ContentLength = -1
	if e.after != nil {
		if err := e.after(req.Context(), call); err != nil {
			return failure(req, err)
		}
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return response, nil
}

// callOf returns the short name of a request, such as "get conn_1".
func callOf(req *http.Request, body []byte) string {
	if company, isRecruitee := strings.CutPrefix(req.URL.Path, sandbox.RecruiteePath+"/c/"); isRecruitee {
		return "ask " + strings.TrimSuffix(company, "/admin")
	}
	parts := strings.Split(strings.TrimPrefix(req.URL.Path, sandbox.WintroPath+"/ats-connections"), "/")[1:]
	switch {
	case len(parts) == 3:
		return "follow"
	case len(parts) == 2:
		return "sync " + parts[0]
	case req.Method == http.MethodPost:
		return "create"
	case req.Method == http.MethodDelete:
		return "delete " + parts[0]
	case req.Method == http.MethodPatch:
		call := "update"
		for _, field := range []struct{ json, name string }{{`"name":`, " name"}, {`"enabled":`, " enabled"}, {`"apiToken":`, " token"}} {
			if bytes.Contains(body, []byte(field.json)) {
				call += field.name
			}
		}
		return call
	case len(parts) == 1:
		return "get " + parts[0]
	case req.URL.Query().Has("atsCompanyId"):
		return "list " + req.URL.Query().Get("atsCompanyId")
	}
	return "page " + req.URL.Query().Get("page")
}

// failure returns the response for an *APIError or errPage, and any other error unchanged.
func failure(req *http.Request, err error) (*http.Response, error) {
	if errors.Is(err, errPage) {
		return &http.Response{
			StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"text/html"}}, Body: http.NoBody, Request: req,
		}, nil
	}
	rejected, ok := errors.AsType[*APIError](err)
	if !ok {
		return nil, err
	}
	content, _ := json.Marshal(map[string]any{"error": map[string]any{
		"code": cmp.Or(rejected.Code, "OTHER"), "message": cmp.Or(rejected.Message, "No."), "connectionId": rejected.ConnectionID,
	}})
	header := http.Header{"Content-Type": {"application/json"}}
	if rejected.RetryAfter > 0 {
		header.Set("Retry-After", fmt.Sprint(rejected.RetryAfter.Seconds()))
	}
	return &http.Response{
		StatusCode: rejected.Status, Header: header,
		Body: io.NopCloser(bytes.NewReader(content)), Request: req,
	}, nil
}

// anyID matches an ID or a short name of a connection or an organisation.
var anyID = regexp.MustCompile(`(conn|org)_\w+`)

// id returns the sandbox's ID for a short name, and the short name for an ID that has one. It returns any other text
// unchanged.
func (e *environment) id(name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return cmp.Or(e.names[name], name)
}

// name returns the short name for the sandbox's ID. If the ID belongs to a new connection that has no short name yet,
// name assigns one.
func (e *environment) name(id string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.names[id] == "" && len(id) == len("conn_")+20 {
		e.created++
		name := "conn_new"
		if e.created > 1 {
			name = fmt.Sprintf("conn_new_%d", e.created)
		}
		e.names[name], e.names[id] = id, name
	}
	return cmp.Or(e.names[id], id)
}

// give assigns a short name to an ID, and returns the name.
func (e *environment) give(id, name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.names[name], e.names[id] = id, name
	return name
}

// setOrganisation makes Wintro report its organisation under a short name, or no organisation if name is empty.
func (e *environment) setOrganisation(name string) {
	e.ReportOrganisation(name != "")
	e.give(e.Organisations()[0].ID, name)
}

// add adds the connection conn_1 for company 816. It returns the connection that Terraform's state would contain.
func (e *environment) add(token string) Connection {
	return e.addTo("conn_1", sandbox.SeedCompanyID, token)
}

func (e *environment) addTo(name string, companyID int64, token string) Connection {
	id := e.Connect(companyID, "Recruitee", token)
	c, _ := e.Connection(id)
	c.ID = e.give(id, name)
	return e.service(VerifyOff).fromWintro(c, Connection{})
}

// addMany adds connections that are older than all other connections. Only the companies of the first 20 exist in
// Recruitee.
func (e *environment) addMany(size int) (all []Connection) {
	e.AddConnections(size)
	converter := e.service(VerifyOff)
	for _, c := range e.Connections() {
		if e.id(c.ID) != c.ID {
			continue
		}
		if e.added < 20 {
			company, _ := strconv.ParseInt(c.AtsCompanyID, 10, 64)
			e.addCompany(company)
		}
		e.Relabel(c.ID, "Recruitee")
		c.Name = "Recruitee"
		c.ID = e.give(c.ID, fmt.Sprintf("conn_%04d", e.added))
		e.added++
		all = append(all, converter.fromWintro(c, Connection{}))
	}
	return all
}

// addCompany adds a company with an Administrator, whose token is tokenOf(id). It returns id.
func (e *environment) addCompany(id int64) int64 {
	e.AddCompany(sandbox.Company{ID: id})
	owner := e.AddOwner(sandbox.Owner{CompanyID: id, Administrator: true})
	e.AddToken(id, owner.ID, tokenOf(id))
	return id
}

func tokenOf(company int64) string { return fmt.Sprint("t", company) }

// spec adds a company to the sandbox, and returns the spec of a connection for it.
func (e *environment) spec(company int64) Spec {
	e.addCompany(company)
	return Spec{CompanyID: strconv.FormatInt(company, 10), Name: "R", Enabled: true, Token: tokenOf(company)}
}

// allCalls returns all calls so far.
func (e *environment) allCalls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.calls)
}

// count returns the number of calls that begin with a text.
func (e *environment) count(beginning string) (n int) {
	for _, call := range e.allCalls() {
		if strings.HasPrefix(call, beginning) {
			n++
		}
	}
	return n
}

// expectCalls compares the calls but not their order, because some calls are concurrent.
func (e *environment) expectCalls(t *testing.T, want ...string) {
	t.Helper()
	got := e.allCalls()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("calls %q instead of %q", got, want)
	}
}

// failing returns a hook that makes a call fail.
func failing(call string, err error) hook {
	return func(_ context.Context, made string) error {
		if made == call {
			return err
		}
		return nil
	}
}

// interruptedAt returns a context that is cancelled before the sandbox serves a call.
func (e *environment) interruptedAt(call string) context.Context {
	ctx, interrupt := context.WithCancel(e.t.Context())
	e.before = func(_ context.Context, made string) error {
		if made == call {
			interrupt()
		}
		return nil
	}
	return ctx
}

// taking returns a hook that delays calls that begin with a text. A cancelled call ends early.
func taking(beginning string, length time.Duration) hook {
	return func(ctx context.Context, call string) error {
		if !strings.HasPrefix(call, beginning) {
			return nil
		}
		return pass(ctx, length)
	}
}

// pass waits. It returns an error if ctx ends first.
func pass(ctx context.Context, duration time.Duration) error {
	if !transport.Sleep(ctx, duration) {
		return ctx.Err()
	}
	return nil
}

func notFound() error {
	return &APIError{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "There is nothing here"}
}

func alreadyLinked(id string) error {
	return &APIError{Status: http.StatusConflict, Code: wintro.CodeAlreadyLinked, Message: "Linked already", ConnectionID: id}
}

var (
	// errDown is a network error, which may open the circuit breaker.
	errDown = errors.New("down")
	// errPage stands for a web page, which a proxy may return.
	errPage = errors.New("page")
)

func revoke(e *environment) {
	e.RevokeToken("good")
	e.RevokeToken("held")
}

func demote(e *environment)        { e.SetAdministrator(sandbox.SeedOwnerID, false) }
func recruiteeDown(e *environment) { e.before = failing("ask 816", errDown) }

// These are outcomes of a verification. If Recruitee rejects the token, the outcome is the status.
const (
	accepted    = "accepted"
	unverified  = "not verified"
	unavailable = "unavailable"
)

func outcome(v Verification) string {
	switch {
	case v.IsRejected():
		return string(v.status())
	case v.Err != nil:
		return unavailable
	case v.Owner == nil:
		return unverified
	}
	return accepted
}

// is reports whether an error has the type E.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// equals returns a function that reports whether an error is a *E with the same fields as want.
func equals[E comparable, P interface {
	*E
	error
}](want E) func(error) bool {
	return func(err error) bool {
		got, ok := errors.AsType[P](err)
		return ok && *got == want
	}
}

// isStatus matches an APIError with this status.
func isStatus(status int) func(error) bool {
	return func(err error) bool {
		rejected, ok := errors.AsType[*APIError](err)
		return ok && rejected.Status == status
	}
}

// isUnhealthy matches a NotHealthyError with this status.
func isUnhealthy(status Status) func(error) bool {
	return func(err error) bool {
		unhealthy, ok := errors.AsType[*NotHealthyError](err)
		return ok && unhealthy.Status == status
	}
}

// expectError checks that want matches an error. If want is nil, expectError expects no error.
func expectError(t *testing.T, err error, want func(error) bool) {
	t.Helper()
	if want == nil && err != nil || want != nil && !want(err) {
		t.Errorf("unexpected error %T: %v", err, err)
	}
}

// expectWarnings compares warnings with texts. The text of a warning is the changed attribute or the unhealthy status.
func expectWarnings(t *testing.T, warnings []error, want ...string) {
	t.Helper()
	var got []string
	for _, warning := range warnings {
		text := warning.Error()
		if changed, ok := errors.AsType[*ChangedMeanwhileError](warning); ok {
			text = changed.Field
		} else if unhealthy, ok := errors.AsType[*NotHealthyError](warning); ok {
			text = string(unhealthy.Status)
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("warnings %q instead of %q", got, want)
	}
}

// create calls Create and then Await, as the provider does.
func create(ctx context.Context, s *Service, spec Spec) (Connection, []error, error) {
	created, err := s.Create(ctx, spec)
	if err != nil {
		return Connection{}, nil, err
	}
	return s.Await(ctx, created, spec)
}

// update calls Update, and returns the fields of its result that most tests need.
func update(ctx context.Context, s *Service, current Connection, change Change) (Connection, []error, error) {
	result, err := s.Update(ctx, current, change)
	return result.Connection, result.Warnings, err
}

// sendable returns a change whose plan lets Update send the token.
func sendable(spec Spec) Change {
	return Change{Spec: spec, Planned: Planned{IsFingerprintUnknown: true}}
}

// composed and decomposed are the same name in two Unicode encodings.
const composed, decomposed = "Caf\u00e9", "Cafe\u0301"

var acme = Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, RequireAdministrator: true, Token: "good"}

func (e *environment) rename(name, label string) { e.Relabel(e.id(name), label) }

func (e *environment) remove(name string) { e.Disconnect(e.id(name)) }
