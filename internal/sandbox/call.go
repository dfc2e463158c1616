package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// A call is one request to one of the two systems, on its way through the sandbox.
type call struct {
	s       *Sandbox
	w       http.ResponseWriter
	r       *http.Request
	system  string
	handler http.Handler
	fault   Fault
	entry   *logEntry

	received bool
	body     []byte
	tooLarge bool
}

// serveLogged answers one call. The answer is collected before the first byte of it is sent: until
// then it can still get lost, and whoever sees it also sees the log entry and, in the state file,
// what the call changed.
func (s *Sandbox) serveLogged(w http.ResponseWriter, r *http.Request, system string, handler http.Handler) {
	fault := s.faults.take(system, r)
	kind, _ := kindOf(fault.Kind)
	c := &call{
		s: s, w: w, r: r, system: system, handler: handler, fault: fault,
		entry: s.log.arrive(system, r, fault.Kind, s.store.secrets.hider(bearerToken(r))),
	}
	if !kind.late && !c.wait() {
		c.entry.finish(0)
		drop(w)
		return
	}
	if kind.before != nil {
		c.entry.finish(0)
		kind.before(c)
		return
	}
	a := c.answer(kind)
	if kind.late && !c.wait() || kind.lose != nil {
		c.entry.finish(0)
		if kind.lose == nil {
			kind.lose = drop
		}
		kind.lose(w)
		return
	}
	c.entry.finish(a.status)
	if kind.send == nil {
		a.send(w)
		return
	}
	kind.send(c, a)
}

// receive reads the request's body, unless it has been read.
func (c *call) receive() {
	if c.received {
		return
	}
	c.received = true
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	c.body, c.tooLarge = body, errors.As(err, &tooLarge)
	if err != nil && !c.tooLarge {
		c.entry.finish(0)
		panic(http.ErrAbortHandler)
	}
	c.entry.received(body)
}

// wait lets the fault's latency pass and reports whether the caller is still there. The server
// notices that one has gone only after it has read the body.
func (c *call) wait() bool {
	if c.fault.Latency == 0 {
		return true
	}
	c.receive()
	return wait(c.r.Context(), c.fault.Latency)
}

// answer makes the answer as the kind of fault, if there is one, wants it.
func (c *call) answer(k kind) *answer {
	c.receive()
	var a *answer
	if k.answer == nil || c.fault.CarryOut {
		a = c.carryOut()
	}
	if k.answer != nil {
		a = k.answer(c)
	}
	if k.alter != nil {
		k.alter(a)
	}
	c.fault.replace(a)
	return a
}

// carryOut lets the system do what it is asked for.
func (c *call) carryOut() *answer {
	a := newAnswer()
	if c.tooLarge {
		writeProblem(a, newProblem(http.StatusRequestEntityTooLarge, "A body cannot have more than %d bytes.", maxBody))
	} else {
		r := c.r.WithContext(withSentBody(c.r.Context(), c.body))
		r.Body = io.NopCloser(bytes.NewReader(c.body))
		c.handler.ServeHTTP(a, r)
	}
	c.entry.carriedOut()
	if err := c.s.Err(); err != nil {
		a = newAnswer()
		http.Error(a, "sandbox: "+err.Error(), http.StatusInternalServerError)
	}
	return a
}

// wait lets d pass and reports whether the caller is still there.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
