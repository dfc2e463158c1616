package transporttest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Server sends its responses one after another, and then repeats the last response. It records the requests.
type Server struct {
	*httptest.Server
	handlers []http.HandlerFunc

	mu       sync.Mutex
	requests []Request
}

// Request is a request that a Server received.
type Request struct {
	Method, Path, URI, Body string
	Header                  http.Header
}

// Serve starts a server and closes it when the test ends.
func Serve(t testing.TB, handlers ...http.HandlerFunc) *Server {
	t.Helper()
	s := NewUnstartedServer(t, handlers...)
	s.Start()
	return s
}

// NewUnstartedServer returns a server that the caller must start. The server is closed when the test ends.
func NewUnstartedServer(t testing.TB, handlers ...http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{handlers: handlers}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP records a request and sends the next response.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	handler := s.handlers[min(len(s.requests), len(s.handlers)-1)]
	s.requests = append(s.requests, Request{Method: r.Method, Path: r.URL.Path, URI: r.RequestURI, Body: string(body), Header: r.Header})
	s.mu.Unlock()
	handler(w, r)
}

// Requests returns all requests received so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Answer returns a handler that sends a status, a media type, header fields and a body. header alternates names
// and values.
func Answer(status int, mediaType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		// Set Content-Type even if it is empty. Otherwise, net/http would guess a media type.
		w.Header()["Content-Type"] = []string{mediaType}
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// HTML returns a handler that sends an HTML page, as a proxy does.
func HTML(status int) http.HandlerFunc {
	return Answer(status, "text/html", "<html><body>"+http.StatusText(status)+"</body></html>")
}

// LoseAnswer handles a request by closing the connection without a response.
func LoseAnswer(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
