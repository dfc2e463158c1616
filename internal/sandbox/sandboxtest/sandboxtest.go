// Package sandboxtest serves sandboxes for tests.
package sandboxtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A Server is a sandbox with the seeded company and its Administrator, served over HTTP.
type Server struct {
	*sandbox.Server
	// Token is the seeded Administrator's Recruitee token.
	Token string
	// Transport sends requests to the server.
	Transport *http.Transport

	handler *handler
}

// Start serves a new, seeded sandbox on a port of the loopback interface until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, listener, &http.Transport{})
}

// StartInMemory serves a new, seeded sandbox until the test ends, without a network: only Transport reaches it. It
// works in a bubble of testing/synctest, where no time passes while anything else can happen.
func StartInMemory(t testing.TB) *Server {
	t.Helper()
	listener := newPipeListener()
	return serve(t, listener, &http.Transport{DialContext: listener.dial})
}

func serve(t testing.TB, listener net.Listener, transport *http.Transport) *Server {
	t.Helper()
	s := sandbox.New()
	token := s.Seed()
	handler := &handler{current: s}
	server := &Server{Server: sandbox.ServeOn(listener, s, handler), Token: token, Transport: transport, handler: handler}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return server
}

// Serve serves a sandbox until the test ends.
func Serve(t testing.TB, s *sandbox.Sandbox) *sandbox.Server {
	t.Helper()
	server, err := sandbox.Serve(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// Client returns a client whose requests reach the server.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Wrap puts a handler around the sandbox, for all later requests. It may observe or change requests and responses.
func (s *Server) Wrap(around func(sandbox http.Handler) http.Handler) { s.handler.wrap(around) }

// Before calls f before the sandbox serves a later request. f may use the sandbox, for example to delete the connection
// that the request is about.
func (s *Server) Before(f func(r *http.Request)) {
	s.Wrap(func(sandbox http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f(r)
			sandbox.ServeHTTP(w, r)
		})
	})
}

// handler is a handler that tests replace while it serves.
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

// pipeListener is a listener without a network.
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
