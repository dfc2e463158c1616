package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc2xx tests cover each row of the table in the drift guide. Each test runs in the modes in which the
// provider may act differently: a plain token, a write-only token, a write-only token with a version, or no token.

var (
	managed = []mode{plain, writeOnly, versioned}
	all     = append([]mode{unmanaged}, managed...)
)

// drift is an environment with an active connection that matches its configuration.
type drift struct {
	*environment
	*terraform
	t    *testing.T
	mode mode
	id   string
}

// inEachMode runs a test once per mode, with an active connection that matches its configuration. The resource block
// also contains the given attributes.
func inEachMode(t *testing.T, modes []mode, test func(drift), attributes ...string) {
	t.Helper()
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			d := drift{environment: newEnvironment(t), t: t, mode: m}
			if m == unmanaged {
				d.terraform, d.id = d.imported(t, m, d.Token, attributes...)
			} else {
				d.terraform = d.environment.terraform(t, d.provider("max_retries = 1"), resourceBlock(m, attributes...))
				d.apply().expectExit(0)
				d.id = d.connectionID(t)
			}
			d.ClearRequests()
			test(d)
		})
	}
}

// expectFixed applies the configuration, then expects a plan without changes and an active connection.
func (d drift) expectFixed() {
	d.t.Helper()
	d.apply().expectExit(0)
	d.plan().expectExit(0)
	d.expectState(map[string]any{"status": "active"})
}

// statusPlanned returns a check of the planned change of status after Recruitee has rejected the token. In plain mode,
// a refresh verifies the token and finds this status. In other modes, state doesn't contain the token, so the refresh
// leaves the status active.
func (d drift) statusPlanned(found string) plancheck.PlanCheck {
	if d.mode == plain {
		return changes("status", found, "active")
	}
	return changes("status", "active", knownAfterApply)
}

func TestAcc201_DriftInWintroIsFixedByOneApply(t *testing.T) {
	t.Parallel()
	type attributes map[string][2]any
	for name, test := range map[string]struct {
		modes   []mode
		happens func(drift)
		action  plancheck.ResourceActionType
		changes func(drift) attributes
		warning []string
		patch   string
	}{
		"deleted": {managed, func(d drift) { d.Disconnect(d.id) }, plancheck.ResourceActionCreate,
			func(drift) attributes { return nil }, []string{"The connection for company 816 was removed in Wintro"}, ""},
		"relabelled": {[]mode{unmanaged, writeOnly}, func(d drift) { d.Relabel(d.id, "By hand") }, plancheck.ResourceActionUpdate,
			func(drift) attributes { return attributes{"name": {"By hand", "Recruitee"}} }, nil, "name"},
		"switched off": {[]mode{unmanaged, plain}, func(d drift) { d.SetEnabled(d.id, false) }, plancheck.ResourceActionUpdate,
			func(drift) attributes { return attributes{"enabled": {false, true}, "status": {"disabled", "active"}} }, nil, "enabled"},
		"moved to another company": {[]mode{versioned}, func(d drift) { d.MoveToCompany(d.id, d.AddCompany(sandbox.Company{ID: 900}).ID) }, plancheck.ResourceActionReplace,
			func(drift) attributes { return attributes{"company_id": {"900", "816"}} }, nil, ""},
		"token replaced": {managed, func(d drift) {
			// Recruitee must accept this token. Otherwise Wintro would also change the status.
			d.AddToken(acme, ada, "theirs")
			d.SwapToken(d.id, "theirs")
		}, plancheck.ResourceActionUpdate, func(d drift) attributes {
			to := any(knownAfterApply)
			if d.mode == plain {
				to = sandbox.Fingerprint(d.Token)
			}
			return attributes{"api_token_fingerprint": {sandbox.Fingerprint("theirs"), to}}
		}, nil, "apiToken"},
		"Wintro can't log in": {managed, func(d drift) { d.SetStatus(d.id, "invalid") }, plancheck.ResourceActionUpdate,
			func(drift) attributes { return attributes{"status": {"invalid", "active"}} },
			[]string{"Wintro can't log in to Recruitee for company 816", "Apply sends the configured token again"}, "apiToken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachMode(t, test.modes, func(d drift) {
				test.happens(d)
				plan := d.plan().expectExit(2).expectPlan(planned(test.action))
				for attribute, values := range test.changes(d) {
					plan.expectPlan(changes(attribute, values[0], values[1]))
				}
				if test.warning != nil {
					plan.expectWarning(test.warning[0], append(test.warning[1:], d.id)...)
				}
				d.expectFixed()
				if test.patch != "" {
					d.expectOnlyPatch(test.patch)
				}
				if isSame := d.connectionID(d.t) == d.id; isSame != (test.patch != "") {
					d.t.Errorf("the connection has the same ID: %t", isSame)
				}
				d.expectToken(d.t, d.Token)
			})
		})
	}
}

func TestAcc208_TokenThatRecruiteeRefusesIsReportedUntilItWorksAgainOrIsReplaced(t *testing.T) {
	t.Parallel()
	const noAccess = "The API token gives no access to Recruitee company 816"
	for name, test := range map[string]struct {
		modes           []mode
		happens, ends   func(drift)
		status, summary string
		words           []string
	}{
		"revoked": {managed, func(d drift) { d.RevokeToken(d.Token) }, nil, "token_rejected", "Recruitee rejected the API token for company 816",
			[]string{"Create a new personal API token", "Careers API token", "api_token"}},
		"owner lost the role": {managed, func(d drift) { d.SetAdministrator(ada, false) }, func(d drift) { d.SetAdministrator(ada, true) },
			"not_administrator", "The owner of the API token for company 816 isn't an Administrator", []string{"ada@acme.example"}},
		"owner left":        {[]mode{writeOnly}, func(d drift) { d.RemoveOwner(ada) }, nil, "company_inaccessible", noAccess, []string{"403 (Forbidden)"}},
		"owner deactivated": {[]mode{plain}, func(d drift) { d.SetActive(ada, false) }, func(d drift) { d.SetActive(ada, true) }, "company_inaccessible", noAccess, []string{"ada@acme.example is deactivated"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachMode(t, test.modes, func(d drift) {
				test.happens(d)
				plan := d.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate), d.statusPlanned(test.status)).expectWarning(test.summary, test.words...)
				// Wintro can use a token whose owner isn't an Administrator.
				if isBroken := strings.Contains(plan.output, "Wintro can't use the connection"); isBroken != (test.status != "not_administrator") {
					d.t.Errorf("the warning says that Wintro can't use the connection: %t", isBroken)
				}
				d.apply().expectError(test.summary)
				d.expectNoToken(d.t)
				if test.ends != nil {
					test.ends(d)
					d.plan().expectExit(0)
					return
				}
				grace := d.AddOwner(sandbox.Owner{CompanyID: acme, Administrator: true})
				d.terraform.token = d.IssueToken(acme, grace.ID)
				d.useVersion("2")
				d.ClearRequests()
				d.expectFixed()
				d.expectOnlyPatch("apiToken")
				d.expectToken(d.t, d.terraform.token)
			})
		})
	}
}

func TestAcc213_ConnectionWithoutATokenInTerraformNeedsOneOnlyForAFix(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged}, func(d drift) {
		d.SwapToken(d.id, d.newToken())
		d.plan().expectExit(0)

		d.SetStatus(d.id, "invalid")
		d.plan().expectExit(2).expectPlan(changes("status", "invalid", "active")).
			expectWarning("A token is needed to fix the connection for company 816", "Create a personal API token", "set api_token_wo to it")
		d.apply().expectError("A token is needed to fix the connection for company 816", "api_token_wo")
		d.terraform.write(d.provider(), resourceBlock(writeOnly))
		d.expectFixed()

		d.Disconnect(d.id)
		d.terraform.write(d.provider(), resourceBlock(unmanaged))
		d.plan().expectError("A token is needed to create the connection for company 816").expectWarning("The connection for company 816 was removed in Wintro")
		d.ClearRequests()
		d.run("state", "rm", address).expectExit(0)
		d.plan().expectError("A token is needed to create the connection for company 816", "api_token_wo", "import")
		d.expectRequests(d.t, map[string]int{})
	})
}

func TestAcc215_RefreshSeesARevokedPlainTokenAndAnOutageKeepsTheStatus(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain}, func(d drift) {
		d.RevokeToken(d.Token)
		// A refresh doesn't warn, because its warning would also appear in an apply that fixes the drift.
		d.run("apply", "-refresh-only", "-auto-approve", "-json").expectExit(0).expectNoWarning("")
		d.expectState(map[string]any{"status": "token_rejected"})
		d.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusBadGateway})
		d.plan().expectExit(2).expectPlan(changes("status", "token_rejected", "active")).
			expectWarning("API tokens could not be verified with Recruitee", "Check recruitee_endpoint", "status.tellent.com")
	})
}

func TestAcc216_RefreshWhileWintroFailsIsAnErrorAndKeepsState(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		before := string(d.stateFile())
		for _, fault := range []sandbox.Fault{
			{Status: http.StatusUnauthorized, Header: html},
			{Status: http.StatusNotFound, Header: html, Body: "<h1>Not found</h1>"},
			{Status: http.StatusNotFound, Header: jsonType, Body: `{"message":"Not Found"}`},
		} {
			fault.System = sandbox.Wintro
			d.Fail(fault)
			d.run("refresh", "-json").expectError("Wintro gave no usable response", fmt.Sprint(fault.Status))
			d.ClearFaults()
		}
		d.SetWintroAccess(sandbox.AccessUnauthorized)
		d.plan().expectError("Wintro rejected the provider's API token", "Settings > API Tokens")
		d.ClearRequests()
		d.environment.terraform(d.t, d.provider(), resourceBlock(writeOnly)).plan().
			expectError("Wintro rejected the provider's API token", "UNAUTHORIZED", "state is unchanged", "WINTRO_API_TOKEN", "Settings > API Tokens")
		d.expectNoToken(d.t)
		d.SetWintroAccess(sandbox.AccessGranted)
		if after := string(d.stateFile()); after != before {
			d.t.Errorf("the state file has changed:\n%s\n%s", before, after)
		}
		d.plan().expectExit(0)
	})
}

var jsonType = http.Header{"Content-Type": {"application/json"}}

func TestAcc217_RenamedCompanyChangesOnlyState(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.RenameCompany(acme, "Acme GmbH")
		d.SyncVacancies(d.id)
		d.plan().expectExit(0)
		d.apply().expectExit(0)
		d.expectState(map[string]any{"company_name": "Acme GmbH"})
	})
}

func TestAcc218_PendingConnectionIsOnlyAwaited(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged, plain}, func(d drift) {
		d.SetStatus(d.id, "pending")
		d.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate), changes("status", "pending", "active"))
		d.SetStatus(d.id, "active")
		d.applySavedPlan().expectExit(0)
		d.expectState(map[string]any{"status": "active"})
		expectCount(d.t, d.Requests().With(http.MethodPatch), 0)
	})
}

// The configured token isn't new, so Recruitee's rejection is drift, which must not block the plan.
func TestAcc219_OldTokenThatRecruiteeRejectsIsAWarning(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode    mode
		happens func(drift)
	}{
		"imported, then replaced twice": {unmanaged, func(d drift) {
			d.write(d.provider(), resourceBlock(writeOnly))
			d.SwapToken(d.id, d.newToken())
			d.RevokeToken(d.Token)
			d.apply().expectError("Recruitee rejected the API token for company 816")
			d.SwapToken(d.id, d.newToken())
		}},
		"imported, then replaced without a refresh": {unmanaged, func(d drift) {
			d.write(d.provider(), resourceBlock(writeOnly, `name = "HR"`))
			d.SwapToken(d.id, d.newToken())
			d.apply("-refresh=false").expectExit(0)
			d.RevokeToken(d.Token)
		}},
		"replaced twice, and configured in between": {writeOnly, func(d drift) {
			d.terraform.token = d.newToken()
			d.SwapToken(d.id, d.terraform.token)
			d.apply().expectExit(0)
			d.SwapToken(d.id, d.newToken())
			d.RevokeToken(d.terraform.token)
		}},
		"paused": {versioned, func(d drift) {
			d.terraform.token = "mistyped"
			d.SetEnabled(d.id, false)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachMode(t, []mode{test.mode}, func(d drift) {
				test.happens(d)
				d.plan().expectExit(2).expectWarning("Recruitee rejected the API token for company 816", "Wintro has another token")
				if d.mode == versioned {
					return
				}
				old := d.terraform.token
				d.terraform.token = d.newToken()
				d.apply().expectExit(0)
				d.terraform.token = old
				d.plan().expectError("Recruitee rejected the API token for company 816")
			})
		})
	}
}

// expectOnlyPatch expects exactly one PATCH request since the last ClearRequests, with only these fields.
func (d drift) expectOnlyPatch(fields ...string) {
	d.t.Helper()
	patches := d.Requests().With(http.MethodPatch)
	if len(patches) != 1 {
		d.t.Fatalf("%d PATCH requests instead of one", len(patches))
	}
	if is := patches[0].Body; len(is) != len(fields) || is[0] != fields[0] {
		d.t.Errorf("the PATCH contains %q instead of %q", is, fields)
	}
}

// useVersion changes api_token_wo_version if the configuration sets it.
func (d drift) useVersion(version string, attributes ...string) {
	d.t.Helper()
	if d.mode == versioned {
		d.write(d.provider(), resourceBlock(mode{"", "api_token_wo = var.token\n  api_token_wo_version = \"" + version + "\""}, attributes...))
	}
}
