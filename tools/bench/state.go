package main

import (
	"io"
	"net/http"
	"sync"
)

const statePath = "/state"

// stateServer keeps one state, as the backend "http" wants it. Terraform 1.11 rewrites a local file after each
// resource, all of it, which takes more and more time the more there is in it; what is elsewhere it writes at
// intervals.
type stateServer struct {
	mu      sync.Mutex
	content []byte
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if s.content == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(s.content)
	case http.MethodPost:
		s.content, _ = io.ReadAll(r.Body)
	case http.MethodDelete:
		s.content = nil
	}
}
