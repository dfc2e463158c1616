// Package sandboxtest serves sandboxes for tests.
package sandboxtest

import (
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A Server is a sandbox with the seeded company and its Administrator, served over HTTP.
type Server struct {
	*sandbox.Server
	// Token is the seeded Administrator's Recruitee token.
	Token string
}

// Start serves a new, seeded sandbox until the test ends.
func Start(t testing.TB, options ...sandbox.Option) *Server {
	t.Helper()
	s := sandbox.New(options...)
	token := s.Seed()
	return &Server{Server: Serve(t, s), Token: token}
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
