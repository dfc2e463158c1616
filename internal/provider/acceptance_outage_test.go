package provider

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc19xx tests cover outages, eventual consistency and invalid responses.

// During an outage, the number of requests doesn't depend on the number of connections.
func TestAcc1901_AnOutageCostsTheRetriesOfOneCall(t *testing.T) {
	t.Parallel()
	const connections, parallelism, attempts = 40, 10, 2
	for system, fault := range map[string]sandbox.Fault{
		sandbox.Recruitee: {System: sandbox.Recruitee, Kind: sandbox.Hang},
		sandbox.Wintro:    {System: sandbox.Wintro, Status: http.StatusServiceUnavailable},
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf := env.terraform(t, env.provider("max_retries = 1", "request_timeout = \"2s\""), env.crowd(connections, "api_token_wo"))
			// In each plan or apply, as many calls as Terraform's parallelism begin before the provider notices the outage,
			// and each of them may use all its attempts. After that, the provider sends at most one probe every ten seconds,
			// so allow for two. An apply plans first, so it counts as two passes.
			expectFewRequests := func(passes int) {
				t.Helper()
				if sent := len(env.Requests().To(system)); sent > passes*(parallelism*attempts+2) {
					t.Errorf("%d requests during the outage", sent)
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
			// Count these errors only for Recruitee, to which the provider sends a request for each connection. All connections
			// share one read of Wintro's list.
			if system == sandbox.Recruitee && notSent < connections-2*parallelism {
				t.Errorf("only %d errors say that the request was not sent", notSent)
			}
			env.expectConnections(t, 0)

			tf.apply().expectExit(0)
			env.ClearRequests()
			env.Fail(fault)
			planned := tf.plan()
			expectFewRequests(1)
			if isWarning := planned.exit == 0; isWarning != (system == sandbox.Recruitee) {
				t.Errorf("the plan's exit code is %d", planned.exit)
			}
		})
	}
}

// Wintro may be eventually consistent, so its responses may omit a new connection for a while.
func TestAcc1902_CreateOfAConnectionThatWintroShowsLaterSucceeds(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.StayPending(2)
	env.HideNewConnections(3)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	for _, arguments := range [][]string{nil, {"-replace=" + address}} {
		tf.apply(arguments...).expectExit(0)
		tf.expectState(map[string]any{"id": env.connectionID(t), "status": "active"})
	}
	tf.plan().expectExit(0)
}

func TestAcc1903_ReplaceWhileWintroStillReportsTheDeletedConnectionSucceeds(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.KeepDeletedLinks(2)
		d.apply("-replace=" + address).expectExit(0)
		d.expectReplaced()
		expectCount(t, d.Requests().With(http.MethodPost).At("/ats-connections"), 3)
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

func TestAcc1906_CreateResponseWithAnotherConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// fault returns the fault for the create request. other is the ID of another company's connection.
		fault     func(other string) sandbox.Fault
		isCreated bool
	}{
		"its ID": {func(other string) sandbox.Fault {
			return sandbox.Fault{Edit: map[string]any{"data.id": other}}
		}, true},
		"its ID and company": {func(other string) sandbox.Fault {
			return sandbox.Fault{Edit: map[string]any{"data.id": other, "data.atsCompanyId": "817"}}
		}, true},
		"its ID, and nothing is created": {func(other string) sandbox.Fault {
			return sandbox.Fault{
				Status: http.StatusCreated, Header: jsonType,
				Body: `{"data":{"id":"` + other + `","ats":"recruitee","atsCompanyId":"816","atsCompanyName":null,"name":"Recruitee",` +
					`"enabled":true,"status":"active","createdAt":"2026-01-01T00:00:00Z","lastSyncedAt":null},"meta":{}}`,
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.AddCompany(sandbox.Company{ID: 817})
			other := env.Connect(817, "Theirs", "theirs")
			before, _ := env.Connection(other)
			fault := test.fault(other)
			fault.System, fault.Method, fault.Times = sandbox.Wintro, http.MethodPost, 1
			env.Fail(fault)
			tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
			if test.isCreated {
				tf.apply().expectExit(0)
				tf.plan().expectExit(0)
			} else {
				tf.apply().expectError("Wintro gave no usable response", "the ID of an existing connection")
			}
			if strings.Contains(string(tf.stateFile()), other) {
				t.Error("the other connection is in state")
			}
			tf.write(env.provider(), resourceBlock(writeOnly, `name = "HR"`))
			tf.apply().expectExit(0)
			tf.destroy().expectExit(0)
			if after, exists := env.Connection(other); !exists || !reflect.DeepEqual(after, before) {
				t.Errorf("the other connection is %+v instead of %+v", after, before)
			}
		})
	}
}

// Wintro returns an empty list, so before the create, the provider can't know that the ID belongs to another connection.
func TestAcc1908_CreateThatTurnsOutToBeAnotherCompanysConnectionIsNotInState(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.AddCompany(sandbox.Company{ID: 817})
	other := env.Connect(817, "Theirs", "theirs")
	env.StayPending(1)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodGet, Path: "/ats-connections$", Edit: map[string]any{"data": []any{}}})
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Edit: map[string]any{"data.id": other}})
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	tf.apply().expectError("Wintro returned the connection of company 817 for company 816", other)
	if strings.Contains(string(tf.stateFile()), other) {
		t.Error("the other connection is in state")
	}
	env.ClearFaults()
	tf.destroy().expectExit(0)
	if _, exists := env.Connection(other); !exists {
		t.Error("the other connection was deleted")
	}
}

func TestAcc1907_AListWithAnIDTwiceReplacesNoConnection(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.AddCompany(sandbox.Company{ID: 817})
		d.Connect(817, "Theirs", "theirs")
		// The other connection comes second in the list, and the fault gives it the ID of the first one.
		d.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodGet, Path: "/ats-connections$", Edit: map[string]any{"data.1.id": d.id}})
		d.plan().expectExit(0).expectNoDrift()
		d.apply().expectExit(0)
		d.expectConnections(t, 2)
	})
}
