// Package sandboxtest serves sandboxes for tests.
package sandboxtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A Server serves a sandbox over HTTP.
type Server struct {
	*sandbox.Sandbox
	// URL is the server's address, without a path.
	URL string
	// Token is the Recruitee token of the first user who has a token.
	Token string
	// Transport sends requests to the server.
	Transport *http.Transport

	http        *http.Server
	handler     *handler
	served      chan struct{}
	connections sync.WaitGroup
}

// Start serves a new, seeded sandbox on a loopback port, and stops the server when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return Serve(t, seeded())
}

// Serve serves a sandbox on a loopback port, and stops the server when the test ends.
func Serve(t testing.TB, s *sandbox.Sandbox) *Server {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, s, listener, &http.Transport{})
}

// StartInMemory serves a new, seeded sandbox until the test ends, without a network. Only Transport can connect to
// it. It works in a testing/synctest bubble, where time passes only while all goroutines are waiting.
func StartInMemory(t testing.TB) *Server {
	t.Helper()
	listener := newPipeListener()
	return serve(t, seeded(), listener, &http.Transport{DialContext: listener.dial})
}

func seeded() *sandbox.Sandbox {
	s := sandbox.New()
	s.Seed()
	return s
}

func serve(t testing.TB, s *sandbox.Sandbox, listener net.Listener, transport *http.Transport) *Server {
	t.Helper()
	_, token, _ := s.FirstToken()
	server := &Server{
		Sandbox: s, URL: "http://" + listener.Addr().String(), Token: token, Transport: transport,
		handler: &handler{current: s}, served: make(chan struct{}),
	}
	server.http = &http.Server{Handler: server.handler, ReadHeaderTimeout: time.Minute, ConnState: server.count}
	go func() {
		defer close(server.served)
		_ = server.http.Serve(listener)
	}()
	t.Cleanup(server.Close)
	return server
}

func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Done()
	}
}

// Close stops the server, and waits until its connections are closed.
func (s *Server) Close() {
	s.Transport.CloseIdleConnections()
	_ = s.http.Close()
	<-s.served
	// The first call may miss a connection that the server accepted just before.
	_ = s.http.Close()
	s.connections.Wait()
}

// WintroEndpoint returns the base URL of Wintro's API.
func (s *Server) WintroEndpoint() string { return s.URL + sandbox.WintroPath }

// RecruiteeEndpoint returns the base URL of Recruitee's API.
func (s *Server) RecruiteeEndpoint() string { return s.URL + sandbox.RecruiteePath }

// ControlEndpoint returns the base URL of the control API.
func (s *Server) ControlEndpoint() string { return s.URL + sandbox.ControlPath }

// Environment returns the environment variables for the server's address.
func (s *Server) Environment() []string { return s.Sandbox.Environment(s.URL) }

// Client returns a client whose requests reach the server.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Wrap wraps the server's handler, for all later requests. The new handler can observe or change requests and
// responses.
func (s *Server) Wrap(around func(sandbox http.Handler) http.Handler) { s.handler.wrap(around) }

// Before makes the server call f before the sandbox handles each later request. f may use the sandbox, for example to
// delete the connection that the request is about.
func (s *Server) Before(f func(r *http.Request)) {
	s.Wrap(func(sandbox http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f(r)
			sandbox.ServeHTTP(w, r)
		})
	})
}

// handler is an http.Handler that tests can wrap while the server runs.
type handler struct {
	mu      sync.Mutex
	current http.Handler
}

func (h *handler) wrap(around func(http.Handler) http.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = around(h.current)
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	current := h.current
	h.mu.Unlock()
	current.ServeHTTP(w, r)
}

// pipeListener is a net.Listener whose connections are in-memory pipes.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	close       func()
}

func newPipeListener() *pipeListener {
	closed := make(chan struct{})
	return &pipeListener{make(chan net.Conn), closed, sync.OnceFunc(func() { close(closed) })}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.close()
	return nil
}

// Addr implements net.Listener. The provider and the sandbox accept this address as local.
func (l *pipeListener) Addr() net.Addr { return pipeAddress{} }

type pipeAddress struct{}

func (pipeAddress) Network() string { return "pipe" }
func (pipeAddress) String() string  { return "localhost" }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
