package conformance_test

import (
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// A server's own test, over a network, as the guide shows it. The checks that wait for others to pass time are
// left to the tests above.
func TestRun(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	server.SetWintroRateLimit(1000, 1<<40)
	t.Run("checks", func(t *testing.T) {
		conformance.Run(t, conformance.Config{
			Endpoint:          server.WintroEndpoint(),
			APIToken:          server.WintroToken(),
			CompanyID:         "816",
			RecruiteeAPIToken: server.Token,
			Only:              selected("^(create|idempotency|list)/"),
			Client:            &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		})
	})
	if left := server.Connections(); len(left) > 0 {
		t.Errorf("%d connections are left", len(left))
	}
	if len(server.Requests()) < 50 {
		t.Errorf("only %d requests were sent", len(server.Requests()))
	}
}
