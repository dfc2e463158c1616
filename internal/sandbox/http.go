package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// An exchange is a request to one of the two systems, and its response.
type exchange struct {
	s       *Sandbox
	w       http.ResponseWriter
	r       *http.Request
	system  string
	handler http.Handler
	fault   Fault
	entry   *logEntry

	bodyRead bool
	body     []byte
	tooLarge bool
}

// serveLogged serves one request. It completes the response before it sends the first byte. A caller that sees the
// response therefore sees the log entry, too.
func (s *Sandbox) serveLogged(w http.ResponseWriter, r *http.Request, system string, handler http.Handler) {
	fault := s.faults.take(system, r)
	behaviour, _ := behaviourOf(fault.Kind)
	e := &exchange{
		s: s, w: w, r: r, system: system, handler: handler, fault: fault,
		entry: s.log.add(system, r, fault.Kind),
	}
	switch {
	case !behaviour.late && !e.waitLatency():
		e.drop(closeConnection)
		return
	case behaviour.disconnect != nil:
		e.drop(behaviour.disconnect)
		return
	}
	resp := e.respond(behaviour)
	switch {
	case behaviour.late && !e.waitLatency():
		e.drop(closeConnection)
		return
	case behaviour.lose != nil:
		e.drop(behaviour.lose)
		return
	}
	e.entry.finish(resp)
	if behaviour.send == nil {
		resp.send(w)
		return
	}
	behaviour.send(e, resp)
}

// drop ends the connection without a response.
func (e *exchange) drop(disconnect func(*exchange)) {
	e.entry.finish(nil)
	disconnect(e)
}

// readBody reads the request's body, unless it has been read.
func (e *exchange) readBody() {
	if e.bodyRead {
		return
	}
	e.bodyRead = true
	body, err := io.ReadAll(http.MaxBytesReader(e.w, e.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	e.body, e.tooLarge = body, errors.As(err, &tooLarge)
	if err != nil && !e.tooLarge {
		e.entry.finish(nil)
		panic(http.ErrAbortHandler)
	}
	e.entry.addBody(e.r.Header, body)
}

// waitLatency lets the fault's latency pass, and reports whether the caller still waits. The server notices that a
// caller has given up only after it has read the body.
func (e *exchange) waitLatency() bool {
	if e.fault.Latency == 0 {
		return true
	}
	e.readBody()
	return wait(e.r.Context(), e.fault.Latency)
}

// respond returns the response, with the changes of the fault.
func (e *exchange) respond(behaviour faultBehaviour) *response {
	e.readBody()
	var resp *response
	if behaviour.respond == nil {
		resp = e.carryOut()
	} else {
		resp = behaviour.respond(e)
	}
	if behaviour.alter != nil {
		behaviour.alter(e, resp)
	}
	e.fault.replace(resp)
	return resp
}

// carryOut lets the system process the request.
func (e *exchange) carryOut() *response {
	resp := newResponse()
	if e.tooLarge {
		writeError(resp, newError(http.StatusBadRequest, contract.CodeBadRequest, "A body cannot have more than %d bytes.", maxBody))
	} else {
		r := e.r.Clone(e.r.Context())
		r.Body = io.NopCloser(bytes.NewReader(e.body))
		e.handler.ServeHTTP(resp, r)
	}
	e.entry.carriedOut()
	return resp
}

// wait lets d pass, and reports whether the caller still waits.
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

// A response is an http.ResponseWriter that keeps the response.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newResponse() *response { return &response{header: http.Header{}} }

func (resp *response) Header() http.Header { return resp.header }

func (resp *response) WriteHeader(status int) {
	if resp.status == 0 {
		resp.status = status
	}
}

func (resp *response) Write(p []byte) (int, error) {
	resp.WriteHeader(http.StatusOK)
	return resp.body.Write(p)
}

// send sends the response to the caller. It ignores a caller that has given up.
func (resp *response) send(w http.ResponseWriter) {
	resp.sendHeader(w)
	_, _ = w.Write(resp.body.Bytes())
}

func (resp *response) sendHeader(w http.ResponseWriter) {
	for name, values := range resp.header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.status)
}

func writeJSON(w http.ResponseWriter, contentType string, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded, '\n'))
}
