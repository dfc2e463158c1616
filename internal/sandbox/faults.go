package sandbox

import (
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A Fault hits the requests that match System, Method and Path: it delays these requests, changes their responses or
// breaks their connections. An empty field matches every request. FaultKinds describes the kinds of faults.
//
//	s.Fail(sandbox.Fault{Kind: sandbox.AnswerLost, Method: http.MethodPost, Times: 1})
//	s.Fail(sandbox.Fault{Kind: sandbox.ResetBefore, Probability: 0.1, Seed: 7})
//	s.Fail(sandbox.Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}})
//	s.Fail(sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"150"}}})
//	s.Fail(sandbox.Fault{Method: http.MethodGet, Path: "/ats-connections$", Edit: map[string]any{"data.0.status": nil}})
//	s.Fail(sandbox.Fault{Method: http.MethodPost, Edit: map[string]any{"data.id": other, "data.atsCompanyId": "817"}})
//	s.Fail(sandbox.Fault{Latency: time.Second})
//
// Go's HTTP client itself repeats a GET request, or any request with an Idempotency-Key, if the server drops a reused
// connection. The request log then shows both requests.
type Fault struct {
	// Number identifies the fault in Faults and RemoveFault. Fail ignores it.
	Number int `json:"number,omitempty"`
	// System is Recruitee or Wintro.
	System string `json:"system,omitempty"`
	Method string `json:"method,omitempty"`
	// Path is a text that the request's path must contain. A $ at its end stands for the end of the request's path.
	Path string `json:"path,omitempty"`

	// Times is the number of requests that the fault hits. If it is 0, the fault stays active until it is removed.
	Times int `json:"times,omitempty"`
	// Probability, from 0 to 1, is the probability that the fault hits a matching request. If it is 0, the fault hits
	// every matching request.
	Probability float64 `json:"probability,omitempty"`
	// Seed makes a fault with a Probability repeatable. If you add the same faults in the same order to a new sandbox,
	// or after ClearFaults, and send the same requests, the faults hit the same requests.
	Seed uint64 `json:"seed,omitempty"`

	// Kind is the kind of failure. If it is empty, Fail derives the kind from the first of Status, Edit and Latency
	// that is set.
	Kind FaultKind `json:"kind,omitempty"`
	// Latency delays the fault. If the caller gives up during the delay, the sandbox doesn't carry out the request. With
	// LateAnswer, only the response is delayed, so the sandbox always carries out the request.
	Latency time.Duration `json:"-"`
	// Pace is the time that the sandbox waits before each byte of a Slow body. The default is a second.
	Pace time.Duration `json:"-"`
	// Status, Header and Body replace those of the response. Header keeps the response's other header fields. Kinds
	// that send no response don't allow Status, Header, Body or Edit. For status 101, use the kind SwitchingProtocols.
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"-"`
	Body   string      `json:"body,omitempty"`
	// Edit changes values in the JSON of the response. It maps the path of a value, such as data.0.status, to the new
	// value, or to nil to remove the field.
	Edit map[string]any `json:"edit,omitempty"`
}

// A FaultKind names a kind of fault, such as a lost response.
type FaultKind string

// The kinds of faults. FaultKinds describes them.
const (
	Latency    FaultKind = "latency"
	LateAnswer FaultKind = "late-answer"
	Status     FaultKind = "status"
	Edit       FaultKind = "edit"

	Hang               FaultKind = "hang"
	SwitchingProtocols FaultKind = "status-101"

	ResetBefore FaultKind = "reset-before"
	CloseBefore FaultKind = "close-before"
	AnswerLost  FaultKind = "answer-lost"
	CloseAfter  FaultKind = "close-after"
	ResetMidway FaultKind = "reset-midway"
	CloseMidway FaultKind = "close-midway"

	Truncated        FaultKind = "truncated"
	WrongShape       FaultKind = "wrong-shape"
	EmptyObject      FaultKind = "empty-object"
	WrongJSONTypes   FaultKind = "wrong-json-types"
	WrongContentType FaultKind = "wrong-content-type"
	HTML             FaultKind = "html"
	Endless          FaultKind = "endless"
	Slow             FaultKind = "slow"

	TooManySeconds   FaultKind = "429-seconds"
	TooManyDate      FaultKind = "429-date"
	TooManyNonsense  FaultKind = "429-nonsense"
	TooManyDay       FaultKind = "429-day"
	TooManyResetOnly FaultKind = "429-reset-only"
	TooManyBare      FaultKind = "429-bare"

	KeyInUse FaultKind = "key-in-use"

	RedirectSameHost  FaultKind = "redirect-same-host"
	RedirectElsewhere FaultKind = "redirect-elsewhere"
)

// faults contains the behaviour of each kind of fault.
var faults = []faultBehaviour{
	{Kind: Latency, Does: "responds as usual, after the latency"},
	{Kind: LateAnswer, Does: "carries the request out, then responds after the latency", late: true},
	{Kind: Status, Does: "responds with the status, header and body", respond: emptyResponse},
	{Kind: Edit, Does: "changes or removes values in the body", alter: ensureBody},

	{Kind: Hang, Does: "accepts the request and never responds", disconnect: hang},
	{Kind: SwitchingProtocols, Does: "sends 101, then nothing more on the open connection", respond: switchProtocols, send: sendAndHang},

	{Kind: ResetBefore, Does: "resets the connection without reading the request's body", disconnect: resetConnection},
	{Kind: CloseBefore, Does: "closes the connection before it carries the request out", disconnect: closeUnanswered},
	{Kind: AnswerLost, Does: "carries the request out, then resets the connection", lose: resetConnection},
	{Kind: CloseAfter, Does: "carries the request out, then closes the connection", lose: closeConnection},
	{Kind: ResetMidway, Does: "resets the connection in the middle of the response", alter: ensureBody, send: sendHalfThen(resetConnection)},
	{Kind: CloseMidway, Does: "closes the connection in the middle of the response", alter: ensureBody, send: sendHalfThen(closeConnection)},

	{Kind: Truncated, Does: "sends a complete response with only half of the body", alter: ensureBody, send: sendTruncated},
	{Kind: WrongShape, Does: "sends [] as the body, or other JSON that you set", alter: replaceBody("[]")},
	{Kind: EmptyObject, Does: "sends {} as the body", alter: replaceBody("{}")},
	{Kind: WrongJSONTypes, Does: "sends all fields, each with another JSON type", alter: changeTypes},
	{Kind: WrongContentType, Does: "sends the right body with the type text/plain", alter: labelAsText},
	{Kind: HTML, Does: "sends 200 and a sign-in page, as some networks do", respond: signInPage},
	{Kind: Endless, Does: "sends a body that begins correctly but never ends", alter: ensureBody, send: sendEndless},
	{Kind: Slow, Does: "sends one byte of the body a second, or at your pace", alter: ensureBody, send: sendSlowly},

	{Kind: TooManySeconds, Does: "sends 429 with Retry-After: 1, or your own header", respond: tooManyRequests(retryAfter("1"))},
	{Kind: TooManyDate, Does: "sends 429 with a date in Retry-After, within 2 seconds", respond: tooManyRequests(retryAfterDate)},
	{Kind: TooManyNonsense, Does: "sends 429 with Retry-After: soon", respond: tooManyRequests(retryAfter("soon"))},
	{Kind: TooManyDay, Does: "sends 429 with Retry-After: 86400", respond: tooManyRequests(retryAfter("86400"))},
	{Kind: TooManyResetOnly, Does: "sends 429 with only X-RateLimit-Reset, a second ahead", respond: tooManyRequests(rateLimitReset)},
	{Kind: TooManyBare, Does: "sends 429 without a time for the next attempt", respond: tooManyRequests(noHint)},

	{Kind: KeyInUse, Does: "sends 409 " + contract.CodeIdempotencyKeyInUse + ", as Wintro does", respond: keyInUse},

	{Kind: RedirectSameHost, Does: "redirects with 307 to the same address", respond: redirect(sameHost)},
	{Kind: RedirectElsewhere, Does: "redirects with 307 to another name of the sandbox", respond: redirect(anotherHost)},
}

// A faultBehaviour defines how the sandbox handles a request that a kind of fault hits. Its functions replace steps
// of the usual exchange.
type faultBehaviour struct {
	Kind FaultKind
	Does string
	// disconnect ends the connection before the system carries out the request.
	disconnect func(*exchange)
	// respond makes the response in place of the system, which doesn't get the request.
	respond func(*exchange) *response
	// alter changes the system's response.
	alter func(*exchange, *response)
	// late moves the latency from before to after the system carries out the request.
	late bool
	// lose ends the connection after the system carries out the request, instead of sending the response.
	lose func(*exchange)
	// send replaces the usual way to send the response.
	send func(*exchange, *response)
}

// A FaultKindDescription describes a FaultKind.
type FaultKindDescription struct {
	Kind FaultKind `json:"kind"`
	Does string    `json:"does"`
	// CarriesOut reports whether the system carries out the request, even if the caller gets no response.
	CarriesOut bool `json:"carries_out"`
}

// FaultKinds returns a description of each kind of fault.
func FaultKinds() []FaultKindDescription {
	list := make([]FaultKindDescription, 0, len(faults))
	for _, b := range faults {
		list = append(list, FaultKindDescription{b.Kind, b.Does, b.disconnect == nil && b.respond == nil})
	}
	return list
}

// behaviourOf returns the behaviour of a kind of fault. If there is no such kind, it returns the zero behaviour,
// which handles a request as usual.
func behaviourOf(kind FaultKind) (b faultBehaviour, found bool) {
	for _, b := range faults {
		if b.Kind == kind {
			return b, true
		}
	}
	return faultBehaviour{}, false
}

// Fail adds a fault. If several faults hit a request, only the one that was added first applies.
func (s *Sandbox) Fail(f Fault) {
	f = f.complete()
	f.check()
	l := &s.faults
	l.mu.Lock()
	defer l.mu.Unlock()
	// The second half of the seed differs for each fault, so faults with the same Seed hit different requests.
	random := rand.New(rand.NewPCG(f.Seed, l.added)) //nolint:gosec // must be repeatable
	l.added++
	l.numbered++
	f.Number = l.numbered
	l.list = append(l.list, &pendingFault{Fault: f, random: random})
}

// Faults returns the active faults, in the order in which they were added.
func (s *Sandbox) Faults() []Fault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]Fault, 0, len(s.faults.list))
	for _, f := range s.faults.list {
		shown := f.Fault
		shown.Header, shown.Edit = shown.Header.Clone(), maps.Clone(shown.Edit)
		list = append(list, shown)
	}
	return list
}

// RemoveFault removes the fault with the given number.
func (s *Sandbox) RemoveFault(number int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *pendingFault) bool { return f.Number == number })
	if len(s.faults.list) == before {
		refuse("there is no fault with the number %d; it may already have happened", number)
	}
}

// ClearFaults removes all faults.
func (s *Sandbox) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list, s.faults.added = nil, 0
}

// complete returns a copy of the fault, and fills in the kind and the pace if they are missing.
func (f Fault) complete() Fault {
	if f.Kind == "" {
		switch {
		case f.Status != 0:
			f.Kind = Status
		case len(f.Edit) > 0:
			f.Kind = Edit
		case f.Latency != 0:
			f.Kind = Latency
		}
	}
	if f.Kind == Slow && f.Pace == 0 {
		f.Pace = time.Second
	}
	f.Header, f.Edit = f.Header.Clone(), maps.Clone(f.Edit)
	return f
}

// check refuses a fault that is invalid or would have no effect, because a test with such a fault could pass for the
// wrong reason.
func (f Fault) check() {
	b, found := behaviourOf(f.Kind)
	replaces := f.Status != 0 || len(f.Header) > 0 || f.Body != "" || len(f.Edit) > 0
	switch {
	case f.Kind == "":
		refuse("a fault needs a kind, a status, an edit or a latency")
	case !found:
		refuse("there is no kind of fault %q; GET %s/faults/kinds lists all kinds", f.Kind, ControlPath)
	case f.System != "" && f.System != Recruitee && f.System != Wintro:
		refuse("a fault's system is %q or %q, not %q", Recruitee, Wintro, f.System)
	case f.Times < 0:
		refuse("a fault cannot happen %d times", f.Times)
	case math.IsNaN(f.Probability) || f.Probability < 0 || f.Probability > 1:
		refuse("a fault's probability is between 0 and 1, not %v", f.Probability)
	case f.Latency < 0 || f.Pace < 0:
		refuse("a fault's latency and pace cannot be negative")
	case f.Pace != 0 && f.Kind != Slow:
		refuse("only a fault of the kind %q has a pace", Slow)
	case f.Latency == 0 && (f.Kind == Latency || f.Kind == LateAnswer):
		refuse("a fault of the kind %q needs a latency", f.Kind)
	case f.Status == 0 && f.Kind == Status:
		refuse("a fault of the kind %q needs a status", f.Kind)
	case len(f.Edit) == 0 && f.Kind == Edit:
		refuse("a fault of the kind %q needs an edit", f.Kind)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		refuse("a fault's status is between 200 and 599, not %d", f.Status)
	case replaces && (b.disconnect != nil || b.lose != nil):
		refuse("a fault of the kind %q can't have a status, a header, a body or an edit: it gets no response", f.Kind)
	}
}

func (f Fault) matches(system string, r *http.Request) bool {
	return (f.System == "" || f.System == system) &&
		(f.Method == "" || f.Method == r.Method) &&
		strings.Contains(r.URL.Path+"$", f.Path)
}

// replace replaces parts of the response with Status, Header and Body, if they are set, and then applies Edit.
func (f Fault) replace(resp *response) {
	if f.Status != 0 {
		resp.Code = f.Status
	}
	for name, values := range f.Header {
		resp.Header().Del(name)
		for _, value := range values {
			resp.Header().Add(name, value)
		}
	}
	if f.Body != "" {
		resp.Body.Reset()
		resp.Body.WriteString(f.Body)
	}
	if len(f.Edit) > 0 {
		resp.editJSON(func(body any) any {
			for path, value := range f.Edit {
				body = edited(body, strings.Split(path, "."), value)
			}
			return body
		})
	}
}

// faultList contains the active faults, in the order in which they were added.
type faultList struct {
	mu    sync.Mutex
	list  []*pendingFault
	added uint64
	// numbered is the number of the newest fault. ClearFaults doesn't reset it, so no number is used twice.
	numbered int
}

type pendingFault struct {
	Fault
	random *rand.Rand
}

func (f *pendingFault) hits() bool {
	return f.Probability == 0 || f.random.Float64() < f.Probability
}

// take returns the fault that applies to the request, or the zero Fault if no fault applies. It counts down the
// fault's Times.
//
// Each fault with a probability draws a random number for every request that it matches, even if another fault
// applies. The requests that a fault hits therefore don't depend on the other faults.
func (l *faultList) take(system string, r *http.Request) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := -1
	for i, f := range l.list {
		if f.matches(system, r) && f.hits() && taken < 0 {
			taken = i
		}
	}
	if taken < 0 {
		return Fault{}
	}
	f := l.list[taken].Fault
	switch f.Times {
	case 0:
	case 1:
		l.list = slices.Delete(l.list, taken, taken+1)
	default:
		l.list[taken].Times--
	}
	return f
}
