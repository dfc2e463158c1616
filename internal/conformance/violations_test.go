package conformance

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// TestEachViolationIsFound violates the contract in one way at a time. The checks that the violation names must
// fail, and each check must have a violation that names it.
func TestEachViolationIsFound(t *testing.T) {
	t.Parallel()
	var named []string
	for name, violation := range violations {
		checks := strings.Fields(violation.checks)
		named = append(named, checks...)
		inBubble(t, name, func(t *testing.T) {
			s, _, config := newSandbox()
			s.AddConnections(3)
			before := s.Connections()
			violate(s, &config, name)
			config.Only = selected("^(" + strings.Join(checks, "|") + ")$")
			if strings.HasPrefix(violation.checks, "document/") {
				// Some of these checks examine the responses that the others received.
				config.Only = selected("^document/")
			}
			if !strings.HasPrefix(violation.checks, "rate-limit/") {
				// Some violations send additional requests, which must not use up the rate limit.
				s.SetWintroRateLimit(100_000, time.Minute)
			}
			report := execute(t, config)
			for _, check := range checks {
				if result := resultOf(report, check); result.Status != statusFailed || report.Passed() {
					t.Errorf("%s is %s (%s), but the server violates the contract", check, result.Status, result.Reason)
				}
			}
			expectNoTokens(t, s, report)
			after := s.Connections()
			for _, connection := range before {
				if !slices.ContainsFunc(after, func(other contract.Connection) bool { return isSame(connection, other) }) {
					t.Errorf("the run has changed the connection %s, which existed before", connection.ID)
				}
			}
			if left := len(after) - len(before); left != len(report.LeftBehind) || left > 0 && name != "delete-keeps" {
				t.Errorf("the run left %d connections behind, and the report says %v", left, report.LeftBehind)
			}
		})
	}
	for _, check := range Checks() {
		if !slices.Contains(named, check.Name) {
			t.Errorf("no violation names the check %s", check.Name)
		}
	}
}

// A violation makes the sandbox break the contract in one way, as another server might.
type violation struct {
	// checks contains the names of the checks that must find the violation, separated by spaces. Other checks may
	// find it, too.
	checks string
	// run changes the request, the response or both.
	run func(*violatedCall)
}

// violate makes config send its requests to a sandbox with these violations.
func violate(s *sandbox.Sandbox, config *Config, names ...string) {
	server := &handler{Handler: s}
	for _, name := range names {
		server.Handler = violations[name].around(server.Handler, s, *config)
	}
	config.roundTripper = server
}

// around returns a handler that passes each request to next, with the changes of the violation, unless the
// violation itself writes the response.
func (v violation) around(next http.Handler, s *sandbox.Sandbox, config Config) http.Handler {
	memory := &violationMemory{texts: map[string]string{}, counts: map[string]int{}, responses: map[string]*httptest.ResponseRecorder{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		memory.mu.Lock()
		defer memory.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		c := &violatedCall{violationMemory: memory, next: next, s: s, config: config, r: r.Clone(r.Context()), body: body}
		c.op, c.id = operationOf(r)
		v.run(c)
		resp := c.response()
		if key := "created " + c.key(); c.is(opCreate) && c.isSuccess() && memory.responses[key] == nil {
			memory.responses[key] = resp
		}
		maps.Copy(w.Header(), resp.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(resp.Code)
		_, _ = w.Write(resp.Body.Bytes())
	})
}

// violationMemory stores data that a violation needs in a later call.
type violationMemory struct {
	mu        sync.Mutex
	texts     map[string]string
	counts    map[string]int
	responses map[string]*httptest.ResponseRecorder
}

// A violatedCall contains a request to the sandbox and its response. A violation can change the request first. The
// method response, which most other methods call, sends the request. After that, the violation can change the
// response.
type violatedCall struct {
	*violationMemory
	next   http.Handler
	s      *sandbox.Sandbox
	config Config
	r      *http.Request
	body   []byte
	// op is the operation's ID in openapi.yaml, or "" if the contract doesn't describe the request. id is the ID
	// of the connection in the path.
	op, id string
	resp   *httptest.ResponseRecorder
}

// operationOf returns the operation's ID in openapi.yaml, and the connection's ID in the path.
func operationOf(r *http.Request) (op, id string) {
	path, found := strings.CutPrefix(r.URL.Path, sandbox.WintroPath+"/ats-connections")
	parts := strings.Split(path, "/")
	if !found || parts[0] != "" || len(parts) > 2 && parts[2] != "syncs" {
		return "", ""
	}
	if len(parts) > 1 {
		id = parts[1]
	}
	return map[string]string{
		"GET 1": opList, "POST 1": opCreate, "GET 2": opGet, "PATCH 2": opUpdate, "DELETE 2": opDelete,
		"POST 3": opStartSync, "GET 4": opGetSync,
	}[fmt.Sprint(r.Method, " ", len(parts))], id
}

// response returns the response. If there is no response yet, it sends the request.
func (c *violatedCall) response() *httptest.ResponseRecorder {
	if c.resp == nil {
		c.forward()
	}
	return c.resp
}

// forward sends the request in its current form to the next handler.
func (c *violatedCall) forward() {
	r := c.r.Clone(c.r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	c.resp = httptest.NewRecorder()
	c.next.ServeHTTP(c.resp, r)
}

// send sends another request to the next handler, with the token that has both scopes.
func (c *violatedCall) send(method, path string, body object) *violatedCall {
	other := &violatedCall{violationMemory: c.violationMemory, next: c.next, config: c.config}
	if body != nil {
		other.body = encode(body)
	}
	other.r = httptest.NewRequestWithContext(c.r.Context(), method, sandbox.WintroPath+path, nil)
	other.r.Host, other.r.Header = c.r.Host, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {rand.Text()}}
	other.useAdminToken()
	other.op, other.id = operationOf(other.r)
	other.forward()
	return other
}

// get reads a connection from the sandbox. It returns nil if there is no such connection.
func (c *violatedCall) get(id string) object {
	var connection object
	c.send(http.MethodGet, "/ats-connections/"+url.PathEscape(id), nil).changeConnections(func(found object) { connection = found })
	return connection
}

// createAnyway creates a connection for company 816, even if the company already has one, and responds with 201.
func (c *violatedCall) createAnyway() {
	sent := c.sent()
	id := c.s.Connect(sandbox.SeedCompanyID, sent.text("name"), sent.text("apiToken"))
	c.resp = c.send(http.MethodGet, "/ats-connections/"+id, nil).resp
	c.resp.Code = http.StatusCreated
}

func (c *violatedCall) is(ops ...string) bool { return slices.Contains(ops, c.op) }
func (c *violatedCall) isSuccess() bool       { return c.response().Code < http.StatusMultipleChoices }
func (c *violatedCall) key() string           { return c.r.Header.Get("Idempotency-Key") }
func (c *violatedCall) useNewKey()            { c.r.Header.Set("Idempotency-Key", rand.Text()) }
func (c *violatedCall) authorization() string { return c.r.Header.Get("Authorization") }
func (c *violatedCall) useAdminToken() {
	c.r.Header.Set("Authorization", "Bearer "+c.config.APIToken)
}
func (c *violatedCall) isReader() bool {
	return c.authorization() == "Bearer "+c.config.ReadOnlyAPIToken
}

// firstCreated returns the connection that the first create request with the call's key created, or nil.
func (c *violatedCall) firstCreated() object {
	first := c.responses["created "+c.key()]
	if !c.is(opCreate) || first == nil {
		return nil
	}
	return decodeObject(first.Body.Bytes()).object("data")
}

// sent returns the fields in the body of the request, or nil.
func (c *violatedCall) sent() object { return decodeObject(c.body) }

// write replaces the status and the body of the response, but keeps the other headers.
func (c *violatedCall) write(status int, body any) {
	c.writeText(status, "application/json", string(encode(body)))
}

func (c *violatedCall) writeText(status int, contentType, text string) {
	old := c.resp
	c.resp = httptest.NewRecorder()
	if old != nil {
		maps.Copy(c.resp.Header(), old.Header())
	}
	c.resp.Header().Set("Content-Type", contentType)
	c.resp.WriteHeader(status)
	_, _ = c.resp.WriteString(text)
}

// replay sends the request, and responds with the headers of the new response, but with the status and the body of
// an old one.
func (c *violatedCall) replay(old *httptest.ResponseRecorder) {
	c.forward()
	c.writeText(old.Code, "application/json", old.Body.String())
}

func (c *violatedCall) refuse(status int, code string) {
	c.write(status, object{"error": object{"code": code, "message": "No."}})
}

func (c *violatedCall) refuseField(name string) {
	c.write(http.StatusBadRequest, object{"error": object{"code": "BAD_REQUEST", "message": "No.",
		"fields": []object{{"field": name, "message": "isn't valid"}}}})
}

// changeResponse changes the body of the response if it is a JSON object.
func (c *violatedCall) changeResponse(change func(response object)) {
	response := decodeObject(c.response().Body.Bytes())
	if response == nil {
		return
	}
	change(response)
	c.resp.Body.Reset()
	c.resp.Body.Write(encode(response))
}

// changeConnections calls change for each connection in the response, if the call lists, creates, reads or updates
// connections and has succeeded.
func (c *violatedCall) changeConnections(change func(connection object)) {
	if !c.is(opList, opCreate, opGet, opUpdate) || !c.isSuccess() {
		return
	}
	c.changeResponse(func(response object) {
		switch data := response["data"].(type) {
		case map[string]any:
			change(data)
		case []any:
			for _, item := range data {
				change(item.(map[string]any))
			}
		}
	})
}

// changeObject changes an object in the response, such as error or meta.
func (c *violatedCall) changeObject(name string, change func(object)) {
	c.changeResponse(func(response object) {
		if value := response.object(name); value != nil {
			change(value)
		}
	})
}

// errorCode returns the response's error code, or "".
func (c *violatedCall) errorCode() string {
	return decodeObject(c.response().Body.Bytes()).object("error").text("code")
}

// items returns the list in the response.
func (c *violatedCall) items() []any {
	items, _ := decodeObject(c.response().Body.Bytes())["data"].([]any)
	return items
}

// tokenOf returns the configured token that has the connection's fingerprint. If no token has it, tokenOf returns
// the fingerprint, or "none" without a fingerprint.
func (c *violatedCall) tokenOf(connection object) string {
	for _, token := range c.config.tokens() {
		if connection.text("tokenFingerprint") == contract.Fingerprint(token.value) {
			return token.value
		}
	}
	return cmp.Or(connection.text("tokenFingerprint"), "none")
}
