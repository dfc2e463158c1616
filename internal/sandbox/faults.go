package sandbox

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// A Fault is something that goes wrong with requests that fit. System, Method and Path say which do;
// where they are empty, all do. Kinds lists what can go wrong.
//
//	box.Fail(sandbox.Fault{Kind: sandbox.AnswerLost, Method: http.MethodPost, Times: 1})
//	box.Fail(sandbox.Fault{Kind: sandbox.ResetBefore, Probability: 0.1, Seed: 7})
//	box.Fail(sandbox.Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}})
//	box.Fail(sandbox.Fault{Latency: time.Second})
//
// Go's HTTP client sends a GET, or a request with an Idempotency-Key, once more of its own accord
// when a connection that it uses again is dropped. The request log shows both.
type Fault struct {
	// System is the constant Recruitee or Wintro.
	System string
	Method string
	// Path is a part of the request's path. A $ at its end stands for the end of the path.
	Path string

	// Times is how many requests the fault befalls, or 0 for all until ClearFaults.
	Times int
	// Probability is how likely the fault befalls a request that fits, up to 1. With 0 it befalls each.
	Probability float64
	// Seed says which requests a Probability hits. The same faults, added in the same order to a
	// sandbox without any, befall the same requests of the same sequence.
	Seed uint64

	// Kind is what goes wrong. Where it is empty, it follows from Status or else from Latency.
	Kind Kind
	// Latency passes before anything else happens. Who has gone away by then has asked for nothing.
	Latency time.Duration
	// Pace is how long each byte of a Slow body takes. With 0 it is a second.
	Pace time.Duration
	// CarryOut carries the request out even though Kind answers in the system's place, as when a
	// proxy loses patience with a system that does its work all the same.
	CarryOut bool
	// Status, Header and Body replace those of the answer, where there is one.
	Status int
	Header http.Header
	Body   string
}

// Fail adds a fault. Of several that could befall a request, the one that was added first does.
func (s *Sandbox) Fail(f Fault) {
	f = f.complete()
	if err := f.check(); err != nil {
		panic(mistake{err})
	}
	s.faults.add(f)
}

// Faults lists the faults that are still to come.
func (s *Sandbox) Faults() []Fault { return s.faults.all() }

// ClearFaults removes all faults.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

// complete fills in what follows from the rest.
func (f Fault) complete() Fault {
	if f.Kind == "" {
		switch {
		case f.Status != 0:
			f.Kind = Status
		case f.Latency != 0:
			f.Kind = Latency
		}
	}
	if f.Kind == Slow && f.Pace == 0 {
		f.Pace = time.Second
	}
	f.Header = f.Header.Clone()
	return f
}

// check is strict, since a test whose fault does nothing passes for the wrong reason.
func (f Fault) check() error {
	if f.Kind == "" {
		return errors.New("a fault needs a kind, a status or a latency, or else nothing is wrong")
	}
	k, found := kindOf(f.Kind)
	replaces := f.Status != 0 || len(f.Header) > 0 || f.Body != ""
	switch {
	case !found:
		return fmt.Errorf("there is no kind of fault %q, only %s", f.Kind, kindNames())
	case f.System != "" && f.System != Recruitee && f.System != Wintro:
		return fmt.Errorf("a fault's system is %q or %q, not %q", Recruitee, Wintro, f.System)
	case f.Times < 0:
		return fmt.Errorf("a fault cannot happen %d times", f.Times)
	case math.IsNaN(f.Probability) || f.Probability < 0 || f.Probability > 1:
		return fmt.Errorf("a fault's probability is between 0 and 1, not %v", f.Probability)
	case f.Latency < 0 || f.Pace < 0:
		return errors.New("a fault's latency and pace cannot be negative")
	case f.Pace != 0 && f.Kind != Slow:
		return fmt.Errorf("only a fault of the kind %q has a pace", Slow)
	case f.Latency == 0 && (f.Kind == Latency || f.Kind == LateAnswer):
		return fmt.Errorf("a fault of the kind %q needs a latency", f.Kind)
	case f.Status == 0 && f.Kind == Status:
		return fmt.Errorf("a fault of the kind %q needs a status", f.Kind)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("a fault's status is between 200 and 599, not %d", f.Status)
	case replaces && (k.before != nil || k.lose != nil):
		return fmt.Errorf("a fault of the kind %q has no status, header or body, since nothing is answered", f.Kind)
	case f.CarryOut && k.before != nil:
		return fmt.Errorf("a fault of the kind %q comes before the request could be carried out", f.Kind)
	}
	return nil
}

func (f Fault) fits(system string, r *http.Request) bool {
	return (f.System == "" || f.System == system) &&
		(f.Method == "" || f.Method == r.Method) &&
		strings.Contains(r.URL.Path+"$", f.Path)
}

// replace puts the fault's own status, header and body into the answer.
func (f Fault) replace(a *answer) {
	if f.Status != 0 {
		a.status = f.Status
	}
	for name, values := range f.Header {
		a.header.Del(name)
		for _, value := range values {
			a.header.Add(name, value)
		}
	}
	if f.Body != "" {
		a.body.Reset()
		a.body.WriteString(f.Body)
	}
}
