package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault is something that goes wrong with requests that fit. System, Method and PathContains say
// which do; where they are empty, all do.
//
// Go's HTTP client sends a GET, or a request with an Idempotency-Key, once more of its own accord
// when a connection that it uses again is dropped. The request log shows both.
type Fault struct {
	System       string
	Method       string
	PathContains string

	// Times is how many requests the fault befalls, or 0 for all until ClearFaults.
	Times int

	// Latency passes before anything else happens.
	Latency time.Duration
	// DropBefore closes the connection before the request is handled: nothing has happened.
	DropBefore bool
	// DropAfter closes the connection in place of answering: what was asked for has happened. With
	// Status it has not.
	DropAfter bool
	// Status answers in place of the system, with Header and Body. With 0 the system answers itself.
	Status int
	Header http.Header
	Body   string
}

// Fail adds a fault. Of several that fit a request, the one that was added first befalls it.
func (s *Sandbox) Fail(f Fault) {
	if err := f.check(); err != nil {
		panic(mistake{err})
	}
	f.Header = f.Header.Clone()
	s.faults.add(f)
}

// Faults lists the faults that are still to come.
func (s *Sandbox) Faults() []Fault { return s.faults.all() }

// ClearFaults removes all faults.
func (s *Sandbox) ClearFaults() { s.faults.clear() }

func (f Fault) check() error {
	switch {
	case f.System != "" && f.System != Recruitee && f.System != Wintro:
		return fmt.Errorf("a fault's system is %q or %q, not %q", Recruitee, Wintro, f.System)
	case f.Times < 0:
		return fmt.Errorf("a fault cannot happen %d times", f.Times)
	case f.Latency < 0:
		return fmt.Errorf("a fault's latency cannot be negative")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("a fault's status is between 200 and 599, not %d", f.Status)
	case f.Status == 0 && f.Latency == 0 && !f.DropBefore && !f.DropAfter:
		return fmt.Errorf("a fault needs a status, a latency or a dropped connection, or else nothing is wrong")
	}
	return nil
}

func (f Fault) fits(system string, r *http.Request) bool {
	return (f.System == "" || f.System == system) &&
		(f.Method == "" || f.Method == r.Method) &&
		strings.Contains(r.URL.Path, f.PathContains)
}

func (f Fault) answer(w http.ResponseWriter) {
	for name, values := range f.Header {
		for _, value := range values {
			w.Header().Add(name, value)
		}
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body))
}

type faultList struct {
	mu   sync.Mutex
	list []Fault
}

// take returns the fault that befalls the request, or the zero Fault, and counts it.
func (l *faultList) take(system string, r *http.Request) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.list, func(f Fault) bool { return f.fits(system, r) })
	if i < 0 {
		return Fault{}
	}
	f := l.list[i]
	switch f.Times {
	case 0:
	case 1:
		l.list = slices.Delete(l.list, i, i+1)
	default:
		l.list[i].Times--
	}
	return f
}

func (l *faultList) add(f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, f)
}

func (l *faultList) all() []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}
