package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// A client sends requests to a sandbox.
type client struct {
	*sandboxtest.Server
	t    testing.TB
	http *http.Client
}

// start serves a seeded sandbox, and returns a client of the sandbox.
func start(t testing.TB) *client {
	t.Helper()
	return newClient(t, sandboxtest.Start(t))
}

// serve serves the given sandbox, and returns a client of the sandbox.
func serve(t testing.TB, s *sandbox.Sandbox) *client {
	t.Helper()
	return newClient(t, sandboxtest.Serve(t, s))
}

func newClient(t testing.TB, server *sandboxtest.Server) *client {
	// Disable keep-alives, because Go's client would repeat a request if the server closed a reused connection.
	return &client{Server: server, t: t, http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// inBubble runs a test with an in-memory server in a synctest bubble, where time passes only while all goroutines are
// waiting.
func inBubble(t *testing.T, test func(t *testing.T, c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(149_395_678) // so that the time has a fraction of a second
		c := newClient(t, sandboxtest.StartInMemory(t))
		c.http = c.Client()
		c.http.Timeout = time.Minute
		test(t, c)
	})
}

// host returns the server's address without the scheme.
func (c *client) host() string { return strings.TrimPrefix(c.URL, "http://") }

// A reply is a response whose body has been read.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (c *client) request(method, path, body string, header ...string) *http.Request {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	return request
}

func (c *client) send(method, path, body string, header ...string) reply {
	c.t.Helper()
	response, err := c.do(c.request(method, path, body, header...))
	if err != nil {
		c.t.Fatal(err)
	}
	return response
}

func (c *client) do(request *http.Request) (reply, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return reply{c.t, response.StatusCode, response.Header, string(body)}, err
}

func (c *client) admin(company, token string) reply {
	c.t.Helper()
	return c.send(http.MethodGet, sandbox.RecruiteePath+"/c/"+company+"/admin", "", "Authorization", "Bearer "+token)
}

// wintro sends a request to Wintro with the API token. An Authorization field in header replaces this token.
func (c *client) wintro(method, path, body string, header ...string) reply {
	c.t.Helper()
	header = append([]string{"Authorization", "Bearer " + c.WintroToken()}, header...)
	if body != "" {
		header = append([]string{"Content-Type", "application/json"}, header...)
	}
	return c.send(method, sandbox.WintroPath+path, body, header...)
}

func newConnection(company, token string) string {
	body, _ := json.Marshal(contract.NewConnection{
		Ats: contract.Recruitee, Name: "Recruitee", AtsCompanyID: company, APIToken: token, Enabled: true,
	})
	return string(body)
}

func (c *client) create(body, key string) reply {
	c.t.Helper()
	return c.wintro(http.MethodPost, "/ats-connections", body, "Idempotency-Key", key)
}

// connect creates a connection for the seeded company through the API.
func (c *client) connect() contract.Connection {
	c.t.Helper()
	return decodeData[contract.Connection](c.create(newConnection("816", c.Token), "connect").want(http.StatusCreated))
}

func (c *client) get(id string) contract.Connection {
	c.t.Helper()
	return decodeData[contract.Connection](c.wintro(http.MethodGet, "/ats-connections/"+id, "").want(http.StatusOK))
}

func (c *client) patch(id, body string) contract.Connection {
	c.t.Helper()
	return decodeData[contract.Connection](c.wintro(http.MethodPatch, "/ats-connections/"+id, body).want(http.StatusOK))
}

func (a reply) want(status int) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("the status is %d instead of %d: %s", a.status, status, a.body)
	}
	return a
}

// wantError expects an error in Wintro's format with the given status and code, and returns the error.
func (a reply) wantError(status int, code string) contract.Error {
	a.t.Helper()
	a.want(status)
	if got := a.header.Get("Content-Type"); got != "application/json" {
		a.t.Errorf("the error has the content type %q", got)
	}
	e := decode[contract.ErrorResponse](a).Error
	if e.Code != code || e.Message == "" {
		a.t.Errorf("the body %s is not an error with the code %s and a message", a.body, code)
	}
	return e
}

// decodeData decodes the field data of a response from Wintro.
func decodeData[T any](a reply) T {
	a.t.Helper()
	var envelope struct{ Data *T }
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || envelope.Data == nil {
		a.t.Fatalf("the response contains no data (%v): %s", err, a.body)
	}
	return *envelope.Data
}

func decode[T any](a reply) T {
	a.t.Helper()
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		a.t.Fatalf("the body is invalid (%v): %s", err, a.body)
	}
	return value
}

// wantJSON expects this JSON as the body, and ignores white space and the order of fields.
func (a reply) wantJSON(want string) {
	a.t.Helper()
	if !reflect.DeepEqual(decode[any](a), decode[any](reply{t: a.t, body: want})) {
		a.t.Errorf("got\n%s\nwant\n%s", a.body, want)
	}
}

// expectPanic expects f to panic with an error whose text contains words.
func expectPanic(t *testing.T, words string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		err, ok := recover().(error)
		if !ok || !strings.Contains(err.Error(), words) {
			t.Errorf("the panic %v does not contain %q", err, words)
		}
	}()
	f()
}

// TestMain fails if a goroutine is still running after the tests, for example in a fault that doesn't end when its
// caller gives up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
