package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// A remote is a sandbox behind a server.
type remote struct {
	t      testing.TB
	box    *sandbox.Sandbox
	server *httptest.Server
	client *http.Client
	// token is the token of the seeded owner.
	token string
}

func start(t testing.TB, options ...sandbox.Option) *remote {
	t.Helper()
	box := sandbox.New(options...)
	token := box.Seed()
	r := serve(t, box)
	r.token = token
	return r
}

func serve(t testing.TB, box *sandbox.Sandbox) *remote {
	t.Helper()
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	// A client that keeps connections repeats a request of its own accord when one is closed on it.
	transport := &http.Transport{DisableKeepAlives: true}
	return &remote{t: t, box: box, server: server, client: &http.Client{Transport: transport}}
}

// A reply is an answer that has been read.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (r *remote) request(method, path, body string, header ...string) *http.Request {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return request
}

func (r *remote) send(method, path, body string, header ...string) reply {
	r.t.Helper()
	answer, err := r.do(r.request(method, path, body, header...))
	if err != nil {
		r.t.Fatal(err)
	}
	return answer
}

func (r *remote) do(request *http.Request) (reply, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return reply{r.t, response.StatusCode, response.Header, string(body)}, err
}

func (r *remote) admin(company, token string) reply {
	r.t.Helper()
	return r.send(http.MethodGet, sandbox.RecruiteePath+"/c/"+company+"/admin", "", "Authorization", "Bearer "+token)
}

// wintro sends a call to Wintro with the right token and holds request and answer against the contract.
func (r *remote) wintro(method, path, body string, header ...string) reply {
	r.t.Helper()
	header = append([]string{"Authorization", "Bearer " + r.box.WintroToken()}, header...)
	if body != "" {
		header = append([]string{"Content-Type", "application/json"}, header...)
	}
	answer := r.send(method, sandbox.WintroPath+path, body, header...)
	checkContract(r.t, r.request(method, sandbox.WintroPath+path, body, header...), answer)
	return answer
}

func newConnection(company, token string) string {
	body, _ := json.Marshal(contract.NewConnection{
		Ats: contract.Recruitee, Name: "Recruitee", CompanyID: company, APIToken: token, Enabled: true,
	})
	return string(body)
}

func (r *remote) create(body, key string) reply {
	r.t.Helper()
	return r.wintro(http.MethodPost, "/ats-connections", body, "Idempotency-Key", key)
}

// connect creates the connection of the seeded company through the API.
func (r *remote) connect() contract.Connection {
	r.t.Helper()
	return decode[contract.Connection](r.create(newConnection("816", r.token), "connect").want(http.StatusCreated))
}

func (r *remote) get(id string) contract.Connection {
	r.t.Helper()
	return decode[contract.Connection](r.wintro(http.MethodGet, "/ats-connections/"+id, "").want(http.StatusOK))
}

func (r *remote) patch(id, body string) contract.Connection {
	r.t.Helper()
	return decode[contract.Connection](r.wintro(http.MethodPatch, "/ats-connections/"+id, body).want(http.StatusOK))
}

func (a reply) want(status int) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d instead of %d: %s", a.status, status, a.body)
	}
	return a
}

// problem expects a problem document with this status.
func (a reply) problem(status int) contract.Problem {
	a.t.Helper()
	a.want(status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("a problem has the content type %q", got)
	}
	p := decode[contract.Problem](a)
	if p.Status != status || p.Title != http.StatusText(status) || p.Detail == nil || *p.Detail == "" {
		a.t.Errorf("incomplete problem: %s", a.body)
	}
	if p.RequestID == nil || *p.RequestID == "" {
		a.t.Errorf("a problem without request_id: %s", a.body)
	}
	return p
}

func decode[T any](a reply) T {
	a.t.Helper()
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
	return value
}

// expectPanic expects f to be a mistake that is described in words.
func expectPanic(t *testing.T, words string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		err, ok := recover().(error)
		if !ok || !strings.Contains(err.Error(), words) {
			t.Errorf("panic %v does not say %q", err, words)
		}
	}()
	f()
}

// A clock stands still until it is told to go on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 4, 21, 7, 31, 15, 149395678, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
