package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is one entry of the request log.
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
	// if the connection was dropped in its place.
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

// NewestRequests returns n of the requests that keep reports true for, the newest first, after it has skipped some,
// and how many there are in all.
func (s *Sandbox) NewestRequests(keep func(Request) bool, skip, n int) (page RequestLog, total int) {
	return s.log.newest(keep, skip, n)
}

// RequestLogVersion is another number after each change of the request log.
func (s *Sandbox) RequestLogVersion() uint64 {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.version
}

// ClearRequests empties the request log.
func (s *Sandbox) ClearRequests() { s.log.clear() }

// OnRequest calls f with each request once it is answered, or once its connection has been dropped.
func OnRequest(f func(Request)) Option {
	return func(s *Sandbox) { s.log.answered = f }
}

// What a sandbox that runs for days keeps is bounded.
const (
	maxLogged = 10_000
	// maxContents is the number of requests, the newest ones, whose headers and bodies are kept.
	maxContents = 500
	// maxText is how many bytes of a text are kept, and maxNames how many names of fields.
	maxText  = 1 << 10
	maxNames = 20
)

type requestLog struct {
	// changed and answered are called without the lock; answered may be nil.
	changed  func()
	answered func(Request)

	mu      sync.Mutex
	last    int
	version uint64
	entries []*logEntry
}

// change runs f with the log locked.
func (l *requestLog) change(f func()) {
	l.mu.Lock()
	f()
	l.version++
	l.mu.Unlock()
	l.changed()
}

// logEntry is a Request that its handler is still filling in.
type logEntry struct {
	log     *requestLog
	request Request
	content requestContent
}

// forget drops the headers and bodies.
func (e *logEntry) forget() { e.content = requestContent{forgotten: true} }

// add records a request as soon as its header is there, and the fault that applies to it.
func (l *requestLog) add(system string, r *http.Request, fault FaultKind) *logEntry {
	entry := &logEntry{log: l, request: Request{
		Time:           time.Now(),
		System:         system,
		Method:         cut(r.Method),
		Host:           cut(r.Host),
		Path:           cut(r.URL.Path),
		Query:          cut(r.URL.RawQuery),
		IdempotencyKey: cut(r.Header.Get("Idempotency-Key")),
		UserAgent:      cut(r.UserAgent()),
		Fault:          fault,
		Body:           []string{},
	}}
	if token := bearerToken(r.Header); token != "" {
		entry.request.BearerFingerprint = Fingerprint(token)
	}
	sent := newMessage(r.Header, nil)
	l.change(func() {
		l.last++
		entry.request.Number = l.last
		l.entries = append(l.entries, entry)
		entry.content.sent = sent
		if len(l.entries) > maxContents {
			l.entries[len(l.entries)-1-maxContents].forget()
		}
		l.entries = l.entries[max(0, len(l.entries)-maxLogged):]
	})
	return entry
}

// addBody adds the fields of the body.
func (e *logEntry) addBody(header http.Header, body []byte) {
	fields := sentFields(body)
	names := slices.Sorted(maps.Keys(fields))
	names = names[:min(len(names), maxNames)]
	for i, name := range names {
		names[i] = cut(name)
	}
	fingerprint := ""
	if token := textField(fields, "apiToken"); token != "" {
		fingerprint = Fingerprint(token)
	}
	sent := newMessage(header, body)
	e.log.change(func() {
		e.request.Body = append(e.request.Body, names...)
		e.request.TokenFingerprint = fingerprint
		if !e.content.forgotten {
			e.content.sent = sent
		}
	})
}

// cut returns a text, or the beginning of a long one.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// carriedOut adds that the system has done its part.
func (e *logEntry) carriedOut() {
	e.log.change(func() { e.request.CarriedOut = true })
}

// finish adds how the request was answered. A nil response is none.
func (e *logEntry) finish(resp *response) {
	var finished Request
	var answered message
	if resp != nil {
		answered = newMessage(resp.header, resp.body.Bytes())
	}
	e.log.change(func() {
		if resp != nil {
			e.request.Status = resp.status
		}
		if !e.content.forgotten {
			e.content.answered = answered
		}
		e.request.Duration = time.Since(e.request.Time)
		finished = e.request
	})
	if e.log.answered != nil {
		e.log.answered(finished)
	}
}

func (l *requestLog) all() RequestLog {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make(RequestLog, 0, len(l.entries))
	for _, entry := range l.entries {
		list = append(list, entry.shown())
	}
	return list
}

func (e *logEntry) shown() Request {
	shown := e.request
	shown.Body = slices.Clone(shown.Body)
	return shown
}

func (l *requestLog) newest(keep func(Request) bool, skip, n int) (page RequestLog, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, entry := range slices.Backward(l.entries) {
		if !keep(entry.request) {
			continue
		}
		if total >= skip && len(page) < n {
			page = append(page, entry.shown())
		}
		total++
	}
	return page, total
}

func (l *requestLog) clear() {
	l.change(func() {
		l.entries = nil
	})
}
