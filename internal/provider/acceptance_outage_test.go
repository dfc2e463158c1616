package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The 19xx tests are about problems that many connections have in common.

// An outage costs the retries of one call, regardless of the number of connections.
func TestAcc1901_AnOutageCostsTheRetriesOfOneCall(t *testing.T) {
	t.Parallel()
	const connections, parallelism, attempts = 40, 10, 2
	for name, fault := range map[string]sandbox.Fault{
		"503":  {Status: http.StatusServiceUnavailable},
		"hang": {Kind: sandbox.Hang},
	} {
		for _, system := range []string{sandbox.Recruitee, sandbox.Wintro} {
			fault := fault
			fault.System = system
			t.Run(system+" "+name, func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				tf := env.terraform(t, env.provider("max_retries = 1", "request_timeout = \"2s\""), env.crowd(connections, "api_token_wo"))
				// Calls that began before the outage was known may retry, too. A probe follows every ten seconds.
				expectFewRequests := func(walks int) {
					t.Helper()
					if sent := len(env.Requests().To(system)); sent > walks*(parallelism*attempts+2) {
						t.Errorf("%d requests", sent)
					}
					env.ClearFaults()
					env.ClearRequests()
				}
				env.Fail(fault)
				applied := tf.apply().expectExit(1)
				expectFewRequests(2)
				notSent := 0
				for _, d := range applied.diagnostics {
					if d.Severity == "error" && strings.Contains(d.Detail, "this request was not sent") {
						notSent++
					}
				}
				// All connections share one read of Wintro's list.
				if system == sandbox.Recruitee && notSent < connections-2*parallelism {
					t.Errorf("%d connections are reported as not tried", notSent)
				}
				if made := len(env.Connections()); made > 0 {
					t.Errorf("%d connections", made)
				}

				tf.apply().expectExit(0)
				env.ClearRequests()
				env.Fail(fault)
				planned := tf.plan()
				expectFewRequests(1)
				if isWarning := planned.exit == 0; isWarning != (system == sandbox.Recruitee) {
					t.Errorf("exit code %d", planned.exit)
				}
				tf.plan().expectExit(0)
			})
		}
	}
}
