package main

import (
	"io"
	"net/http"
	"sync"
)

const statePath = "/state"

// stateServer stores one state for Terraform's backend "http". After each resource, Terraform 1.11 rewrites a local
// state file completely, which takes longer the more resources the state contains. Terraform writes a remote state only
// at intervals, so large states slow the benchmark down less.
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
