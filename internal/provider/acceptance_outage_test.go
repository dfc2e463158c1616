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

// Wintro may be eventually consistent.
func TestAcc1902_CreateOfAConnectionThatWintroShowsLater(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.StayPending(2)
	env.HideNewConnections(3)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	tf.apply().expectExit(0)
	tf.expectState(map[string]any{"id": env.connectionID(t), "status": "active"})
	tf.plan().expectExit(0)
}

func TestAcc1903_ReplaceWhileWintroStillReportsTheDeletedConnection(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.Fail(sandbox.Fault{
			System: sandbox.Wintro, Method: http.MethodPost, Times: 2, Status: http.StatusConflict, Header: jsonType,
			Body: `{"error":{"code":"ALREADY_LINKED","message":"The company is linked already.","connectionId":"` + d.id + `"}}`,
		})
		d.apply("-replace=" + address).expectExit(0)
		d.expectReplaced()
	})
}

// A record that violates the contract affects only its own connection.
func TestAcc1904_AnInvalidRecordAffectsNoOtherConnection(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]map[string]any{
		"no status":  {"data.0.status": nil},
		"invalid ID": {"data.0.id": "no/id"},
		"wrong type": {"data.0.enabled": "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.Connect(env.AddCompany(sandbox.Company{}).ID, "Invalid", "t")
			env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodGet, Path: "/ats-connections$", Edit: edit})
			tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
			tf.apply().expectExit(0)
			tf.plan().expectExit(0)
		})
	}
}

func TestAcc1905_TwoResourcesForOneConnection(t *testing.T) {
	t.Parallel()
	second := strings.Replace(resourceBlock(writeOnly), `"acme" {`, `"second" {`, 1)
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		env := newEnvironment(t)
		tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), second)
		tf.plan().expectExit(2).expectWarning("Another resource is for Recruitee company 816 too", "Remove one of the two resources")
		for _, d := range tf.apply().expectError("Recruitee company 816 is linked with Wintro already", "nother resource").diagnostics {
			if d.Severity == "error" && strings.Contains(d.Detail, "import {") {
				t.Errorf("the message advises an import: %s", d.Detail)
			}
		}
		env.connectionID(t)
	})
	t.Run("import", func(t *testing.T) {
		t.Parallel()
		env := newEnvironment(t)
		id := env.Connect(acme, "Recruitee", env.Token)
		imports := ""
		for _, name := range []string{"acme", "second"} {
			imports += "import {\n  to = wintro_recruitee_connection." + name + "\n  id = \"" + id + "\"\n}\n"
		}
		tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), second, imports)
		tf.plan().expectExit(2).expectWarning("Another resource manages the connection for company 816 too", id)
	})
}
