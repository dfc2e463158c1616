package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// An exchange handles one request to Recruitee or Wintro.
type exchange struct {
	s       *Sandbox
	w       http.ResponseWriter
	r       *http.Request
	system  string
	handler http.HandlerFunc
	fault   Fault
	entry   *logEntry

	bodyRead bool
	body     []byte
	tooLarge bool
}

// serveLogged serves one request. It completes the log entry before it sends the first byte of the response, so a
// caller that sees the response finds the complete entry in the log.
func (s *Sandbox) serveLogged(w http.ResponseWriter, r *http.Request, system string, handler http.HandlerFunc) {
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

// drop records that the request gets no response, and ends the connection.
func (e *exchange) drop(disconnect func(*exchange)) {
	e.entry.finish(nil)
	disconnect(e)
}

// readBody reads the request's body and logs it. If the body is incomplete, readBody aborts the exchange. Further calls
// have no effect.
func (e *exchange) readBody() {
	if e.bodyRead {
		return
	}
	e.bodyRead = true
	body, err := io.ReadAll(http.MaxBytesReader(e.w, e.r.Body, maxBody))
	e.body = body
	_, e.tooLarge = errors.AsType[*http.MaxBytesError](err)
	if err != nil && !e.tooLarge {
		e.entry.finish(nil)
		panic(http.ErrAbortHandler)
	}
	e.entry.addBody(e.r.Header, body)
}

// waitLatency waits for the fault's latency, and reports whether the caller is still waiting. It reads the body
// first, because the HTTP server notices only then that a caller has given up.
func (e *exchange) waitLatency() bool {
	if e.fault.Latency == 0 {
		return true
	}
	e.readBody()
	return wait(e.r.Context(), e.fault.Latency)
}

// respond makes the response and applies the fault's changes to it.
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

// carryOut passes the request to the system, and returns the system's response. If the body is too large, it returns a
// 400 instead.
func (e *exchange) carryOut() *response {
	resp := newResponse()
	if e.tooLarge {
		writeError(resp, newError(http.StatusBadRequest, contract.CodeBadRequest, "A body cannot have more than %d bytes.", maxBody))
	} else {
		r := e.r.Clone(e.r.Context())
		r.Body = io.NopCloser(bytes.NewReader(e.body))
		e.handler(resp, r)
	}
	e.entry.carriedOut()
	return resp
}

// wait waits until d has passed or ctx is cancelled, and reports whether d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// A response stays in memory until it is complete, so that a fault can change it before the sandbox sends it.
type response struct{ *httptest.ResponseRecorder }

func newResponse() *response { return &response{httptest.NewRecorder()} }

// send sends the response to the caller. It ignores write errors, because they only mean that the caller has given up.
func (resp *response) send(w http.ResponseWriter) {
	resp.sendHeader(w)
	_, _ = w.Write(resp.Body.Bytes())
}

func (resp *response) sendHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), resp.Header())
	w.WriteHeader(resp.Code)
}

func writeJSON(w http.ResponseWriter, contentType string, status int, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // encoding a response can't fail
}
