package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc5xx tests count requests, and check that their user agent names the provider.

func TestAcc501_CleanPlanSendsOneRequestToEachSystem(t *testing.T) {
	t.Parallel()
	inEachMode(t, all, func(d drift) {
		expected := map[string]int{"recruitee GET": 1, "wintro GET": 1}
		if d.mode == unmanaged {
			expected = map[string]int{"wintro GET": 1}
		}
		d.Fail(sandbox.Fault{Latency: overlap})
		d.plan().expectExit(0)
		d.expectRequests(d.t, expected)
		// A refresh verifies only a token that is in state, so only plain mode sends both requests concurrently.
		if requests := d.Requests(); d.mode == plain && !requests[0].Overlaps(requests[1]) {
			d.t.Errorf("the requests didn't overlap: %+v", requests)
		}
	})
}

func TestAcc509_RequestsNameTerraformAndTheProvider(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(plain))
	tf.apply().expectExit(0)
	for _, r := range env.Requests() {
		var terraform, system string
		if n, _ := fmt.Sscanf(r.UserAgent, "Terraform/%s terraform-provider-wintro/test (%s", &terraform, &system); n != 2 {
			t.Errorf("the user agent %q doesn't name Terraform and the provider", r.UserAgent)
		}
	}
	expectCount(t, env.Requests().With(http.MethodPost), 1)
}
