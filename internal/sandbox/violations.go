package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A Violation is a mistake that somebody who implements the contract could make. Wintro's API in the sandbox makes
// it, so that there is proof that a check finds it. Violations lists them all.
type Violation string

// A ViolationInfo says what a violation does.
type ViolationInfo struct {
	Violation Violation `json:"violation"`
	Does      string    `json:"does"`
}

// Violations lists all violations.
func Violations() []ViolationInfo {
	list := make([]ViolationInfo, 0, len(violations))
	for _, v := range violations {
		list = append(list, v.ViolationInfo)
	}
	return list
}

// Violate makes Wintro's API violate the contract in these ways, and in those that it does already.
func (s *Sandbox) Violate(names ...Violation) {
	for _, name := range names {
		i := slices.IndexFunc(violations, func(v violation) bool { return v.Violation == name })
		if i < 0 {
			panic(usageError{fmt.Errorf("there is no violation %q", name)})
		}
		s.violations.add(violations[i])
	}
}

// Violated lists the ways in which Wintro's API violates the contract now.
func (s *Sandbox) Violated() []Violation {
	names := []Violation{}
	active, _ := s.violations.now()
	for _, v := range active {
		names = append(names, v.Violation)
	}
	return names
}

// ClearViolations makes Wintro's API keep the contract again.
func (s *Sandbox) ClearViolations() { s.violations.clear() }

// A violation changes a request before the API sees it, or the API's answer, or both.
type violation struct {
	ViolationInfo
	before func(*violatedCall)
	after  func(*violatedCall)
}

// violationSet is the violations that are made now.
type violationSet struct {
	mu     sync.Mutex
	active []violation
	memory *violationMemory
}

// violationMemory is what violations remember from one call to the next.
type violationMemory struct {
	mu sync.Mutex
	// answers are by key, removed connections and fingerprints by the connection's ID.
	answers      map[string]*response
	counts       map[string]int
	removed      map[string]*connection
	fingerprints map[string]string
	// waiting is closed when a second request has come with the same key.
	waiting map[string]chan struct{}
}

func newViolationMemory() *violationMemory {
	return &violationMemory{
		answers: map[string]*response{}, counts: map[string]int{}, removed: map[string]*connection{},
		fingerprints: map[string]string{}, waiting: map[string]chan struct{}{},
	}
}

func (set *violationSet) add(v violation) {
	set.mu.Lock()
	defer set.mu.Unlock()
	if !slices.ContainsFunc(set.active, func(other violation) bool { return other.Violation == v.Violation }) {
		set.active = append(set.active, v)
	}
	set.memory = newViolationMemory()
}

func (set *violationSet) clear() {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.active, set.memory = nil, nil
}

func (set *violationSet) now() ([]violation, *violationMemory) {
	set.mu.Lock()
	defer set.mu.Unlock()
	return slices.Clone(set.active), set.memory
}

// violating is Wintro's API with the violations that are made.
func (s *Sandbox) violating(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		active, memory := s.violations.now()
		if len(active) == 0 {
			api.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // it is in memory
		call := &violatedCall{s: s, api: api, r: r.Clone(r.Context()), body: body, memory: memory}
		call.operation, call.id = operationOf(r)
		for _, v := range active {
			if v.before != nil && call.resp == nil {
				v.before(call)
			}
		}
		if call.resp == nil {
			call.carryOut()
		}
		for _, v := range active {
			if v.after != nil {
				v.after(call)
			}
		}
		call.resp.send(w)
	})
}

// A violatedCall is a request to Wintro's API and its answer, for violations to change.
type violatedCall struct {
	s    *Sandbox
	api  http.Handler
	r    *http.Request
	body []byte
	// operation is that of openapi.yaml, or "" for another path or method. id is the connection's.
	operation, id string
	// resp is nil before there is an answer.
	resp   *response
	memory *violationMemory
}

// operationOf names the operation of a request as openapi.yaml does.
func operationOf(r *http.Request) (operation, id string) {
	path, found := strings.CutPrefix(r.URL.Path, WintroPath+"/ats-connections")
	parts := strings.Split(path, "/")
	if !found || parts[0] != "" {
		return "", ""
	}
	if len(parts) > 1 {
		id = parts[1]
	}
	form := r.Method
	for i := range parts[1:] {
		if i == 1 {
			form += " " + parts[2]
			continue
		}
		form += " *"
	}
	return map[string]string{
		"GET":           "listConnections",
		"POST":          "createConnection",
		"GET *":         "getConnection",
		"PATCH *":       "updateConnection",
		"DELETE *":      "deleteConnection",
		"POST * syncs":  "startSync",
		"GET * syncs *": "getSync",
	}[form], id
}

// carryOut lets the API answer.
func (c *violatedCall) carryOut() {
	r := c.r.Clone(c.r.Context())
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	c.resp = newResponse()
	c.api.ServeHTTP(c.resp, r)
}

// refuse answers with an error.
func (c *violatedCall) refuse(status int, code, message string) {
	c.write(status, contract.ErrorResponse{Error: contract.Error{Code: code, Message: message}})
}

// write answers in the place of the API, or of what it has answered. The headers stay.
func (c *violatedCall) write(status int, body any) {
	header := http.Header{}
	if c.resp != nil {
		header = c.resp.header
	}
	c.resp = newResponse()
	c.resp.header = header
	writeJSON(c.resp, "application/json", status, body)
}

// writeText answers with something that isn't JSON.
func (c *violatedCall) writeText(status int, contentType, text string) {
	c.write(status, nil)
	c.resp.header.Set("Content-Type", contentType)
	c.resp.body.Reset()
	c.resp.body.WriteString(text)
}

func (c *violatedCall) isSuccess() bool { return c.resp.status < 300 }

// is reports whether the call is one of these operations.
func (c *violatedCall) is(operations ...string) bool { return slices.Contains(operations, c.operation) }

// sent is the fields of the body, nil if there are none.
func (c *violatedCall) sent() map[string]any {
	var fields map[string]any
	_ = json.Unmarshal(c.body, &fields)
	return fields
}

// alterSent changes the fields of the body, if it is an object.
func (c *violatedCall) alterSent(alter func(fields map[string]any)) {
	fields := c.sent()
	if fields == nil {
		return
	}
	alter(fields)
	c.body, _ = json.Marshal(fields) // what was decoded can be encoded
}

// alterQuery changes the query.
func (c *violatedCall) alterQuery(alter func(url.Values)) {
	query := c.r.URL.Query()
	alter(query)
	c.r.URL.RawQuery = query.Encode()
}

// alterAnswer changes the answer, if it is an object.
func (c *violatedCall) alterAnswer(alter func(answer map[string]any)) {
	decoder := json.NewDecoder(bytes.NewReader(c.resp.body.Bytes()))
	decoder.UseNumber()
	var answer map[string]any
	if decoder.Decode(&answer) != nil || answer == nil {
		return
	}
	alter(answer)
	encoded, _ := json.Marshal(answer) // what was decoded can be encoded
	c.resp.body.Reset()
	c.resp.body.Write(append(encoded, '\n'))
}

// alterConnections changes each connection in the answer.
func (c *violatedCall) alterConnections(alter func(connection map[string]any)) {
	if !c.isSuccess() || !c.is("listConnections", "createConnection", "getConnection", "updateConnection") {
		return
	}
	c.alterAnswer(func(answer map[string]any) {
		switch data := answer["data"].(type) {
		case map[string]any:
			alter(data)
		case []any:
			for _, item := range data {
				if connection, ok := item.(map[string]any); ok {
					alter(connection)
				}
			}
		}
	})
}

// alterError changes the error in the answer.
func (c *violatedCall) alterError(alter func(problem map[string]any)) {
	c.alterAnswer(func(answer map[string]any) {
		if problem, ok := answer["error"].(map[string]any); ok {
			alter(problem)
		}
	})
}

// errorCode is the code of the answer, or "".
func (c *violatedCall) errorCode() (code string) {
	c.alterError(func(problem map[string]any) { code, _ = problem["code"].(string) })
	return code
}

// withStore runs f with the store.
func (c *violatedCall) withStore(f func(*store)) {
	_ = c.s.change(func(st *store) error { f(st); return nil })
}

// withConnection runs f with the connection that the call is about, if there is one.
func (c *violatedCall) withConnection(f func(*store, *connection)) {
	c.withStore(func(st *store) {
		if conn, err := st.Wintro.connection(c.id); err == nil {
			f(st, conn)
		}
	})
}

func (c *violatedCall) key() string { return c.r.Header.Get("Idempotency-Key") }

// success is what was remembered of the call's Idempotency-Key.
func (c *violatedCall) success(is func(idempotencyRecord) bool) (found idempotencyRecord, ok bool) {
	if c.operation != "createConnection" {
		return found, false
	}
	c.withStore(func(st *store) {
		if i := slices.IndexFunc(st.Wintro.Successes, is); i >= 0 {
			found, ok = st.Wintro.Successes[i], true
		}
	})
	return found, ok
}

func (c *violatedCall) hasKey(r idempotencyRecord) bool { return r.Key == c.key() }

// forget removes what was remembered of the call's Idempotency-Key.
func (c *violatedCall) forget() {
	c.withStore(func(st *store) {
		st.Wintro.Successes = slices.DeleteFunc(st.Wintro.Successes, c.hasKey)
	})
}

// createAnyway makes a connection of the body, whatever there is already.
func (c *violatedCall) createAnyway() {
	var input contract.NewConnection
	if json.Unmarshal(c.body, &input) != nil {
		return
	}
	c.withStore(func(st *store) {
		organisation, found := st.Wintro.organisationOf(bearerToken(c.r))
		if !found {
			return
		}
		conn := &connection{
			OrganisationID: organisation.ID, Name: input.Name, CompanyID: input.AtsCompanyID, Enabled: input.Enabled,
			Token: input.APIToken, CreatedAt: c.s.timestamp(),
		}
		st.addConnection(conn)
		c.writeConnection(st, conn)
	})
}

// writeConnection answers with a connection as it is made.
func (c *violatedCall) writeConnection(st *store, conn *connection) {
	c.write(http.StatusCreated, contract.ConnectionResponse{
		Data: st.Wintro.show(conn), Meta: (&wintroAPI{s: c.s}).meta(st, conn.OrganisationID),
	})
}
