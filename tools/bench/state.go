package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Where Terraform keeps its state. Terraform 1.11 writes a local file anew after each resource, all of it,
// which takes more and more time the more there is in it; what is elsewhere it writes at intervals.
const (
	localState = "local"
	httpState  = "http"
)

// stateServer keeps one state, as the backend "http" wants it.
type stateServer struct {
	*httptest.Server

	mu      sync.Mutex
	content []byte
}

func newStateServer() *stateServer {
	s := &stateServer{}
	s.Server = httptest.NewServer(s)
	return s
}

// backend is what a configuration has to say to keep its state there.
func (s *stateServer) backend() string {
	return "terraform {\n  backend \"http\" {\n    address = \"" + s.URL + "\"\n  }\n}\n"
}

// size is how many bytes the state has.
func (s *stateServer) size() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.content)), nil
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if s.content == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(s.content)
	case http.MethodPost:
		content, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.content = content
	case http.MethodDelete:
		s.content = nil
	}
}
