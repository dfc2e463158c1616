package conformance_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// without is the sandbox as a server that doesn't have these calls: its router answers as Go's does.
func without(s *sandbox.Sandbox, calls ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.TrimPrefix(r.URL.Path, sandbox.WintroPath), "/")
		for _, i := range []int{2, 4} {
			if i < len(parts) {
				parts[i] = "*"
			}
		}
		if slices.Contains(calls, r.Method+" "+strings.Join(parts, "/")) {
			http.NotFound(w, r)
			return
		}
		s.ServeHTTP(w, r)
	})
}
