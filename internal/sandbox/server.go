package sandbox

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Server is a Sandbox that is served over HTTP.
type Server struct {
	*Sandbox
	// URL is the server's address, without a path.
	URL string

	http        *http.Server
	served      chan struct{}
	connections sync.WaitGroup
}

// Serve serves a sandbox on a free port of the loopback interface until Close.
func Serve(ctx context.Context, s *Sandbox) (*Server, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return ServeOn(listener, s, s), nil
}

// ServeOn serves a sandbox on a listener until Close. The handler may be one around the sandbox.
func ServeOn(listener net.Listener, s *Sandbox, handler http.Handler) *Server {
	server := &Server{Sandbox: s, URL: "http://" + listener.Addr().String(), served: make(chan struct{})}
	server.http = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ConnState: server.count}
	go func() {
		defer close(server.served)
		_ = server.http.Serve(listener)
	}()
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

// Close ends the server, and waits for the requests in flight.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.served
	// The first call may miss a connection that came at the last moment.
	_ = s.http.Close()
	s.connections.Wait()
}

// WintroEndpoint returns the base URL of Wintro's API.
func (s *Server) WintroEndpoint() string { return s.URL + WintroPath }

// RecruiteeEndpoint returns the base URL of Recruitee's API.
func (s *Server) RecruiteeEndpoint() string { return s.URL + RecruiteePath }

// ControlEndpoint returns the base URL of the control API.
func (s *Server) ControlEndpoint() string { return s.URL + ControlPath }

// Environment returns Sandbox.Environment for the server's address.
func (s *Server) Environment() []string { return s.Sandbox.Environment(s.URL) }

// Environment lists the variables, as NAME=value, that make the provider and the examples use a sandbox that is served
// at url. It leaves out the Recruitee token if there is none.
func (s *Sandbox) Environment(url string) []string {
	list := []string{
		"WINTRO_ENDPOINT=" + url + WintroPath,
		"WINTRO_API_TOKEN=" + s.WintroToken(),
		"RECRUITEE_ENDPOINT=" + url + RecruiteePath,
		"WINTRO_SANDBOX_CONTROL=" + url + ControlPath,
	}
	if _, token, found := s.FirstToken(); found {
		list = append(list, "TF_VAR_recruitee_api_token="+token)
	}
	return list
}
