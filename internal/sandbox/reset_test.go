package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// After a reset, the environment variables that the user has pasted into a terminal still work.
func TestReset(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	s.SeedExamples()
	s.SetWintroRateLimit(3, time.Minute)
	c := serve(t, s)
	environment := c.Environment()
	_, token, _ := s.FirstToken()
	c.create(newConnection("816", token), "a").want(http.StatusCreated)
	c.RevokeToken(token)
	c.IssueToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID)
	c.AddOrganisation("Acme Asia")
	c.RevokeScope(c.WintroToken(), contract.ScopeRead)
	c.Fail(sandbox.Fault{Kind: sandbox.HTML})
	c.send(http.MethodPost, sandbox.ControlPath+"/reset", "{}").want(http.StatusOK)

	if got := c.Environment(); !slices.Equal(got, environment) {
		t.Errorf("the environment is\n%s\ninstead of\n%s", strings.Join(got, "\n"), strings.Join(environment, "\n"))
	}
	if len(c.Connections()) > 0 || len(c.Faults()) > 0 || len(c.Requests()) > 0 || len(c.Organisations()) != 2 {
		t.Errorf("after the reset, the sandbox has %d connections, %d faults and %d requests", len(c.Connections()), len(c.Faults()), len(c.Requests()))
	}
	c.admin("816", token).want(http.StatusOK)
	for range 3 {
		c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	}
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusTooManyRequests)
}

func TestResetDuringRequests(t *testing.T) {
	t.Parallel()
	c := start(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 10 {
				if _, err := c.do(c.newConnectionRequest()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 40 {
		c.Reset()
	}
	group.Wait()
}
