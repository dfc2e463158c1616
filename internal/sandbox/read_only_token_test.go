package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A read-only token belongs to the first organisation, and may only read.
func TestReadOnlyToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	id, token := c.connect().ID, c.IssueReadOnlyToken()
	one := sandbox.WintroPath + "/ats-connections/" + id
	c.send(http.MethodGet, one, "", "Authorization", "Bearer "+token).want(http.StatusOK)
	c.send(http.MethodDelete, one, "", "Authorization", "Bearer "+token).wantError(http.StatusForbidden, "MISSING_SCOPE")
	if !slices.Contains(c.Secrets(), token) {
		t.Error("it is no secret")
	}
	expectPanic(t, "read-only token", func() { c.GrantScope(token, "ats-connections:write") })
	c.IssueReadOnlyToken()
	c.send(http.MethodGet, one, "", "Authorization", "Bearer "+token).wantError(http.StatusUnauthorized, "UNAUTHORIZED")
}
