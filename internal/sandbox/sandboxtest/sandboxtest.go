// Package sandboxtest serves sandboxes for tests.
package sandboxtest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/page"
)

// A Server serves a sandbox over HTTP.
type Server struct {
	*sandbox.Sandbox
	// URL is the server's address, without a path.
	URL string
	// Token is the Recruitee token of the first user who has a token.
	Token string
	// Transport sends requests to the server. Use it with StartInMemory, because no other transport can reach the
	// server.
	Transport *http.Transport

	http    *httptest.Server
	handler http.Handler

	mu     sync.Mutex
	before []func(*http.Request)
}

// Start serves a new, seeded sandbox on a loopback port, and stops the server when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return Serve(t, seeded())
}

// Serve serves a sandbox on a loopback port, and stops the server when the test ends.
func Serve(t testing.TB, s *sandbox.Sandbox) *Server {
	t.Helper()
	return serve(t, s, s, httptest.NewUnstartedServer(nil), &http.Transport{})
}

// StartExamples serves a sandbox with the data and the rate limit of wintro-sandbox, and stops the server when the test
// ends.
func StartExamples(t testing.TB) *Server {
	t.Helper()
	return Serve(t, examples())
}

// StartPage serves the same sandbox as StartExamples together with its page, and stops the server when the test ends.
func StartPage(t testing.TB) *Server {
	t.Helper()
	s := examples()
	webPage := page.New(s)
	served := serve(t, s, webPage, httptest.NewUnstartedServer(nil), &http.Transport{})
	t.Cleanup(webPage.Close)
	return served
}

// StartInMemory serves a new, seeded sandbox without a network, until the test ends. Only Transport can connect to
// the server. The server works in a testing/synctest bubble, where time passes only while all goroutines are waiting.
func StartInMemory(t testing.TB) *Server {
	t.Helper()
	listener := newPipeListener()
	s := seeded()
	return serve(t, s, s, &httptest.Server{Listener: listener, Config: &http.Server{ReadHeaderTimeout: time.Minute}},
		&http.Transport{DialContext: listener.dial})
}

func seeded() *sandbox.Sandbox {
	s := sandbox.New()
	s.Seed()
	return s
}

func examples() *sandbox.Sandbox {
	s := sandbox.New()
	s.SeedExamples()
	s.SetWintroRateLimit(100, time.Minute)
	return s
}

func serve(t testing.TB, s *sandbox.Sandbox, handler http.Handler, server *httptest.Server, transport *http.Transport) *Server {
	t.Helper()
	_, token, _ := s.FirstToken()
	served := &Server{Sandbox: s, Token: token, Transport: transport, http: server, handler: handler}
	server.Config.Handler = http.HandlerFunc(served.handle)
	server.Start()
	served.URL = server.URL
	t.Cleanup(served.Close)
	return served
}

// Close stops the server, and waits until its connections are closed.
func (s *Server) Close() {
	s.Transport.CloseIdleConnections()
	_ = s.http.Config.Close() // Otherwise Close would wait for requests in flight.
	s.http.Close()
}

// WintroEndpoint returns the base URL of Wintro's API.
func (s *Server) WintroEndpoint() string { return s.URL + sandbox.WintroPath }

// RecruiteeEndpoint returns the base URL of Recruitee's API.
func (s *Server) RecruiteeEndpoint() string { return s.URL + sandbox.RecruiteePath }

// ControlEndpoint returns the base URL of the control API.
func (s *Server) ControlEndpoint() string { return s.URL + sandbox.ControlPath }

// Environment returns the environment variables for the server's address.
func (s *Server) Environment() []string { return s.Sandbox.Environment(s.URL) }

// Client returns an HTTP client that uses Transport.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Before makes the server call f before the sandbox handles each later request. f may use the sandbox, for example to
// delete the connection that the request is about.
func (s *Server) Before(f func(r *http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = append(s.before, f)
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	for _, f := range before {
		f(r)
	}
	s.handler.ServeHTTP(w, r)
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
