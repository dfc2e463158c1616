package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is one entry of the request log. It holds no token.
type Request struct {
	// Number counts all requests since the sandbox was made, from 1.
	Number int `json:"number"`
	// Time is when the request arrived.
	Time time.Time `json:"time"`
	// Duration is how long it took until there was an answer. It is 0 until then.
	Duration time.Duration `json:"duration_ns"`
	// System is the constant Recruitee or Wintro.
	System string `json:"system"`
	Method string `json:"method"`
	// Host is what the caller takes the sandbox for. It shows a redirect to another host that was followed.
	Host string `json:"host"`
	// Path is the whole path, with RecruiteePath or WintroPath.
	Path  string `json:"path"`
	Query string `json:"query"`
	// Status is the status of the answer, also of one that broke off. It is 0 while there is none and
	// where the connection was dropped in its place.
	Status int `json:"status"`
	// Fault is the kind of the Fault that applied to the request, if there was one.
	Fault FaultKind `json:"fault"`
	// CarriedOut is whether the system got to see the request, and did what it does with such a one.
	CarriedOut bool `json:"carried_out"`
	// BearerFingerprint is the Fingerprint of the token in the Authorization header, if there is one.
	BearerFingerprint string `json:"bearer_fingerprint"`
	// TokenFingerprint is the Fingerprint of apiToken in the body, if there is one.
	TokenFingerprint string `json:"token_fingerprint"`
	IdempotencyKey   string `json:"idempotency_key"`
	UserAgent        string `json:"user_agent"`
	// Body is the sorted names of the fields in the body.
	Body []string `json:"body"`
}

// Overlaps reports whether two requests were under way at the same time.
func (r Request) Overlaps(other Request) bool {
	return r.Time.Before(other.Time.Add(other.Duration)) && other.Time.Before(r.Time.Add(r.Duration))
}

// A RequestLog is a list of requests in the order in which they arrived.
type RequestLog []Request

// To keeps the requests to one of the systems, Recruitee or Wintro.
func (l RequestLog) To(system string) RequestLog {
	return l.filter(func(r Request) bool { return r.System == system })
}

// With keeps the requests with this method.
func (l RequestLog) With(method string) RequestLog {
	return l.filter(func(r Request) bool { return r.Method == method })
}

// At keeps the requests whose path contains part.
func (l RequestLog) At(part string) RequestLog {
	return l.filter(func(r Request) bool { return strings.Contains(r.Path, part) })
}

func (l RequestLog) filter(keep func(Request) bool) RequestLog {
	kept := RequestLog{}
	for _, r := range l {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// Requests returns the log of the requests to Recruitee and Wintro. It goes back 10,000 requests.
func (s *Sandbox) Requests() RequestLog { return s.log.all() }

// ClearRequests empties the request log.
func (s *Sandbox) ClearRequests() { s.log.clear() }

// maxLogged bounds what a sandbox that runs for days keeps.
const maxLogged = 10_000

type requestLog struct {
	mu      sync.Mutex
	last    int
	entries []*logEntry
}

// logEntry is a Request that its handler is still filling in.
type logEntry struct {
	log     *requestLog
	redact  func(string) string
	request Request
}

// add records a request as soon as its header is there, and the fault that applies to it. redact
// replaces secrets.
func (l *requestLog) add(system string, r *http.Request, fault FaultKind, redact func(string) string) *logEntry {
	entry := &logEntry{log: l, redact: redact, request: Request{
		Time:           time.Now(),
		System:         system,
		Method:         r.Method,
		Host:           redact(r.Host),
		Path:           redact(r.URL.Path),
		Query:          redact(r.URL.RawQuery),
		IdempotencyKey: redact(r.Header.Get("Idempotency-Key")),
		UserAgent:      redact(r.UserAgent()),
		Fault:          fault,
		Body:           []string{},
	}}
	if token := bearerToken(r); token != "" {
		entry.request.BearerFingerprint = Fingerprint(token)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	entry.request.Number = l.last
	l.entries = append(l.entries, entry)
	if len(l.entries) > maxLogged {
		l.entries = slices.Delete(l.entries, 0, len(l.entries)-maxLogged)
	}
	return entry
}

// addBody adds what is in the body.
func (e *logEntry) addBody(body []byte) {
	fields := sentFields(body)
	names := slices.Sorted(maps.Keys(fields))
	for i, name := range names {
		names[i] = e.redact(name)
	}
	fingerprint := ""
	if token := textField(fields, "apiToken"); token != "" {
		fingerprint = Fingerprint(token)
	}
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.request.Body = append(e.request.Body, names...)
	e.request.TokenFingerprint = fingerprint
}

// carriedOut adds that the system has done its part.
func (e *logEntry) carriedOut() {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.request.CarriedOut = true
}

// finish adds how the request was answered.
func (e *logEntry) finish(status int) {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.request.Status = status
	e.request.Duration = time.Since(e.request.Time)
}

func (l *requestLog) all() RequestLog {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make(RequestLog, 0, len(l.entries))
	for _, entry := range l.entries {
		request := entry.request
		request.Body = slices.Clone(request.Body)
		list = append(list, request)
	}
	return list
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}
