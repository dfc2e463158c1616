package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// Package conformance tests what each violation does.
func TestViolations(t *testing.T) {
	t.Parallel()
	c := start(t)
	names := map[sandbox.Violation]bool{}
	for _, v := range sandbox.Violations() {
		if v.Violation == "" || v.Does == "" || names[v.Violation] {
			t.Errorf("%q is no name or has no text", v.Violation)
		}
		names[v.Violation] = true
	}
	const fewest = 30
	if len(names) < fewest {
		t.Errorf("there are only %d violations", len(names))
	}
	c.Violate("create-200", "list-404-when-empty")
	c.Violate("create-200")
	if got := c.Violated(); !slices.Equal(got, []sandbox.Violation{"create-200", "list-404-when-empty"}) {
		t.Errorf("the violations are %v", got)
	}
	list := func() reply {
		return c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", "Bearer "+c.WintroToken())
	}
	list().want(http.StatusNotFound)
	c.ClearViolations()
	list().want(http.StatusOK)
	c.connect()
	expectPanic(t, `there is no violation "none"`, func() { c.Violate("none") })
}

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
