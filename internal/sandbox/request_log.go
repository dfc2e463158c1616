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
	// Number is the request's position among all requests that the sandbox has logged, starting from 1. ClearRequests
	// doesn't reset it.
	Number int `json:"number"`
	// Time is the time at which the request arrived.
	Time time.Time `json:"time"`
	// Duration is the time from the request's arrival until the sandbox began to respond or dropped the connection. It
	// is 0 before that.
	Duration time.Duration `json:"duration_ns"`
	// System is Recruitee or Wintro.
	System string `json:"system"`
	Method string `json:"method"`
	// Host is the Host header. It shows whether a caller followed a redirect to another host.
	Host string `json:"host"`
	// Path is the whole path, which begins with RecruiteePath or WintroPath.
	Path  string `json:"path"`
	Query string `json:"query"`
	// Status is the status of the response, even if the response is incomplete. It is 0 if there is no response.
	Status int `json:"status"`
	// Fault is the kind of the Fault that applied to the request, or "" if no fault applied.
	Fault FaultKind `json:"fault"`
	// CarriedOut reports whether the system processed the request.
	CarriedOut bool `json:"carried_out"`
	// BearerFingerprint is the Fingerprint of the token in the Authorization header, if there is one.
	BearerFingerprint string `json:"bearer_fingerprint"`
	// TokenFingerprint is the Fingerprint of apiToken in the body, if there is one.
	TokenFingerprint string `json:"token_fingerprint"`
	IdempotencyKey   string `json:"idempotency_key"`
	UserAgent        string `json:"user_agent"`
	// Body contains the sorted names of the fields in the JSON body.
	Body []string `json:"body"`
}

// Overlaps reports whether two requests were in flight at the same time.
func (r Request) Overlaps(other Request) bool {
	return r.Time.Before(other.Time.Add(other.Duration)) && other.Time.Before(r.Time.Add(r.Duration))
}

// A RequestLog is a list of requests in the order in which they arrived.
type RequestLog []Request

// To returns the requests to one of the systems, Recruitee or Wintro.
func (l RequestLog) To(system string) RequestLog {
	return l.Filter(func(r Request) bool { return r.System == system })
}

// With returns the requests with the given method.
func (l RequestLog) With(method string) RequestLog {
	return l.Filter(func(r Request) bool { return r.Method == method })
}

// At returns the requests whose path contains part.
func (l RequestLog) At(part string) RequestLog {
	return l.Filter(func(r Request) bool { return strings.Contains(r.Path, part) })
}

// Filter returns the requests for which isKept returns true.
func (l RequestLog) Filter(isKept func(Request) bool) RequestLog {
	return slices.DeleteFunc(slices.Clone(l), func(r Request) bool { return !isKept(r) })
}

// Requests returns the log of the newest 10,000 requests to Recruitee and Wintro.
func (s *Sandbox) Requests() RequestLog {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	list := make(RequestLog, 0, len(s.log.entries))
	for _, entry := range s.log.entries {
		list = append(list, entry.Request)
	}
	return list
}

// RequestLogVersion returns the number of changes to the log so far. If the number is higher than before, the log has
// changed.
func (s *Sandbox) RequestLogVersion() uint64 {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.version
}

// ClearRequests empties the request log.
func (s *Sandbox) ClearRequests() { s.log.change(func() { s.log.entries = nil }) }

// OnRequest sets a function that the sandbox calls with each request before it sends the response or drops the
// connection. Call OnRequest before the first request.
func (s *Sandbox) OnRequest(f func(Request)) { s.log.onRequest = f }

// These limits bound the memory of a sandbox that runs for a long time.
const (
	maxLogged = 10_000
	// maxContents is the number of requests whose headers and bodies the log keeps. The log drops the headers and
	// bodies of older requests.
	maxContents = 500
	// maxText is the number of bytes that the log keeps of each text, such as a path or a header field. maxNames is the
	// number of field names that the log keeps of a JSON body.
	maxText  = 1 << 10
	maxNames = 20
)

type requestLog struct {
	// onRequest can be nil. Call it without holding mu.
	onRequest func(Request)

	mu      sync.Mutex
	last    int
	version uint64
	entries []*logEntry
}

// change locks the log, runs f, and increments the version.
func (l *requestLog) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	l.version++
}

// logEntry is a request in the log. The exchange that handles the request completes the entry.
type logEntry struct {
	log *requestLog
	RequestContent
}

// forget drops the headers and bodies, and keeps only the Request.
func (e *logEntry) forget() { e.RequestContent = RequestContent{Request: e.Request, Forgotten: true} }

// add logs a request, and the fault that applies to it, before the sandbox reads the body.
func (l *requestLog) add(system string, r *http.Request, fault FaultKind) *logEntry {
	entry := &logEntry{log: l, RequestContent: RequestContent{Request: Request{
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
	}}}
	if token := bearerToken(r.Header); token != "" {
		entry.BearerFingerprint = Fingerprint(token)
	}
	sent := newMessage(r.Header, nil)
	l.change(func() {
		l.last++
		entry.Number = l.last
		l.entries = append(l.entries, entry)
		entry.Sent = sent
		if len(l.entries) > maxContents {
			l.entries[len(l.entries)-1-maxContents].forget()
		}
		l.entries = l.entries[max(0, len(l.entries)-maxLogged):]
	})
	return entry
}

// addBody adds the request's body to the entry.
func (e *logEntry) addBody(header http.Header, body []byte) {
	fields := sentFields(body)
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(names) < maxNames {
			names = append(names, cut(name))
		}
	}
	fingerprint := ""
	if token := textField(fields, "apiToken"); token != "" {
		fingerprint = Fingerprint(token)
	}
	sent := newMessage(header, body)
	e.log.change(func() {
		e.Body = names
		e.TokenFingerprint = fingerprint
		if !e.Forgotten {
			e.Sent = sent
		}
	})
}

// cut returns a copy of a text, or of its beginning if it is longer than maxText.
func cut(text string) string {
	if len(text) <= maxText {
		// Copy the text, because it may be part of a longer text that would otherwise stay in memory.
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// carriedOut records that the system has processed the request.
func (e *logEntry) carriedOut() {
	e.log.change(func() { e.CarriedOut = true })
}

// finish records the response, or nil if the request gets no response.
func (e *logEntry) finish(resp *response) {
	var finished Request
	var received Message
	if resp != nil {
		received = newMessage(resp.Header(), resp.Body.Bytes())
	}
	e.log.change(func() {
		if resp != nil {
			e.Status = resp.Code
		}
		if !e.Forgotten {
			e.Received = received
		}
		e.Duration = time.Since(e.Time)
		finished = e.Request
	})
	if e.log.onRequest != nil {
		e.log.onRequest(finished)
	}
}
