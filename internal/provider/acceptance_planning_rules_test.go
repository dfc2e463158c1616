package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc18xx tests change Recruitee, Wintro or the configured token between a saved plan and its apply. The apply
// must produce the planned values, or report the actual problem in Recruitee or Wintro. It must never taint the
// connection.

// expectKept fails if Terraform reports a bug in the provider, or if the connection in state is tainted.
func (d drift) expectKept(r result) {
	d.t.Helper()
	if strings.Contains(r.output, "bug in the provider") {
		d.t.Errorf("Terraform reports a bug in the provider:\n%s", r.output)
	}
	if strings.Contains(string(d.stateFile()), `"status": "tainted"`) {
		d.t.Error("the connection is tainted")
	}
}

// savedInEachMode runs a test in each mode with a token. A write-only token comes from an ephemeral variable, so a
// saved plan doesn't contain it.
func savedInEachMode(t *testing.T, test func(drift)) {
	t.Helper()
	inEachMode(t, managed, func(d drift) {
		d.configure()
		test(d)
	})
}

// configure writes a configuration with the given attributes. A write-only token comes from an ephemeral variable.
func (d drift) configure(attributes ...string) {
	d.t.Helper()
	config := d.provider("max_retries = 1")
	if d.mode != plain {
		config = ephemeralVariable(config)
	}
	d.write(config, resourceBlock(d.mode, attributes...))
}

// applySavedPlan applies the saved plan. In plain mode, applySavedPlan doesn't pass the token, because the plan already
// contains it, and OpenTofu rejects another value.
func (d drift) applySavedPlan() result {
	d.t.Helper()
	if d.mode.name == plain.name {
		defer func(token string) { d.terraform.token = token }(d.terraform.token)
		d.terraform.token = ""
	}
	return d.terraform.applySavedPlan()
}

func TestAcc1801_RenameAppliedAfterARevocationKeepsThePlan(t *testing.T) {
	t.Parallel()
	savedInEachMode(t, func(d drift) {
		d.configure(`name = "HR"`)
		d.plan().expectExit(2)
		d.RevokeToken(d.Token)
		d.expectKept(d.applySavedPlan().expectExit(0))
		d.expectState(map[string]any{"name": "HR", "status": "active"})
	})
}

func TestAcc1802_RenameAppliedAfterARotationKeepsThePlan(t *testing.T) {
	t.Parallel()
	savedInEachMode(t, func(d drift) {
		d.configure(`name = "HR"`)
		d.plan().expectExit(2)
		d.terraform.token = d.newToken()
		d.expectKept(d.applySavedPlan().expectExit(0))
		// In plain mode, the plan contains the old token. In versioned mode, the provider ignores a new token if the
		// version is unchanged.
		if sent := d.HoldsToken(d.id, d.terraform.token); sent != (d.mode == writeOnly) {
			d.t.Errorf("the new token was sent: %t", sent)
		}
		d.expectFixed()
	})
}

// A marked plan is empty, except that status and api_token_fingerprint are unknown because Recruitee has rejected a
// write-only token. In plain mode, the plan changes the status instead.
func TestAcc1803_MarkedPlanAppliedWithANewTokenKeepsThePlan(t *testing.T) {
	t.Parallel()
	savedInEachMode(t, func(d drift) {
		d.RevokeToken(d.Token)
		d.plan().expectExit(2)
		d.terraform.token = d.newToken()
		r := d.applySavedPlan()
		d.expectKept(r)
		if d.mode == plain {
			// The plan contains the old token.
			r.expectError("Recruitee rejected the API token for company 816")
			return
		}
		r.expectExit(0)
		if sent := d.HoldsToken(d.id, d.terraform.token); sent != (d.mode == writeOnly) {
			d.t.Errorf("the new token was sent: %t", sent)
		}
		if d.mode == versioned {
			// The provider ignores the new token until its version changes.
			d.useVersion("2")
		}
		d.expectFixed()
	})
}

func TestAcc1804_MarkedPlanAppliedAfterTheRoleIsBackKeepsThePlan(t *testing.T) {
	t.Parallel()
	savedInEachMode(t, func(d drift) {
		d.SetAdministrator(ada, false)
		d.plan().expectExit(2)
		d.SetAdministrator(ada, true)
		d.expectKept(d.applySavedPlan().expectExit(0))
		d.plan().expectExit(0)
	})
}

func TestAcc1805_RotationAppliedWithARevokedTokenIsAnError(t *testing.T) {
	t.Parallel()
	savedInEachMode(t, func(d drift) {
		old := d.Token
		d.terraform.token = d.newToken()
		d.mode.attribute = strings.Replace(d.mode.attribute, `"1"`, `"2"`, 1)
		d.configure()
		d.plan().expectExit(2)
		d.RevokeToken(old)
		d.terraform.token = old
		r := d.applySavedPlan()
		d.expectKept(r)
		if d.mode.name == plain.name {
			// The plan contains the new token.
			r.expectExit(0)
		} else {
			r.expectError("Recruitee rejected the API token for company 816")
		}
	})
}

// unknownValue is a resource that makes a value unknown until apply.
const unknownValue = "resource \"terraform_data\" \"value\" {\n  input = %s\n}\n"

func TestAcc1806_ArgumentsKnownOnlyAfterApplyKeepThePlan(t *testing.T) {
	t.Parallel()
	for name, argument := range map[string]struct {
		modes               []mode
		before, value, line string
	}{
		"name":                  {[]mode{writeOnly}, "", `"HR"`, "name = terraform_data.value.output"},
		"enabled":               {[]mode{plain}, "", "false", "enabled = terraform_data.value.output"},
		"require_administrator": {[]mode{versioned}, "require_administrator = false", "true", "require_administrator = terraform_data.value.output"},
		"version":               {[]mode{versioned}, "", `"2"`, "api_token_wo_version = terraform_data.value.output"},
		"token":                 {managed, "", "var.token", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachMode(t, argument.modes, func(d drift) {
				mode := d.mode
				switch name {
				case "version":
					mode.attribute = "api_token_wo = var.token"
				case "token":
					d.terraform.token = d.newToken()
					attribute, rest, _ := strings.Cut(d.mode.attribute, "var.token")
					mode.attribute = attribute + "terraform_data.value.output" + rest
				}
				d.write(d.provider(), fmt.Sprintf(unknownValue, argument.value), resourceBlock(mode, argument.line))
				d.plan().expectExit(2)
				d.expectKept(d.applySavedPlan().expectExit(0))
				d.plan().expectExit(0)
			}, argument.before)
		})
	}
}

func TestAcc1807_ChangeWhileTheFirstCheckIsPendingIsAWarning(t *testing.T) {
	t.Parallel()
	for attribute, test := range map[string]struct {
		modes  []mode
		change func(*environment, string)
	}{
		"name":                  {[]mode{versioned}, func(env *environment, id string) { env.Relabel(id, "Somebody's") }},
		"enabled":               {[]mode{plain}, func(env *environment, id string) { env.SetEnabled(id, false) }},
		"api_token_fingerprint": {managed, func(env *environment, id string) { env.SwapToken(id, env.newToken()) }},
	} {
		for _, m := range test.modes {
			t.Run(attribute+" "+m.name, func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				env.StayPending(3)
				env.afterCreate(t, func(id string) { test.change(env, id) })
				tf := env.terraform(t, env.provider(), resourceBlock(m))
				r := tf.apply().expectExit(0)
				d := drift{environment: env, terraform: tf, t: t, mode: m, id: env.connectionID(t)}
				d.expectKept(r)
				r.expectWarning("The connection for company 816 was changed outside Terraform in the meantime", attribute)
				env.StayPending(0)
				d.expectFixed()
				env.expectToken(t, env.Token)
				d.expectState(map[string]any{"name": "Recruitee", "enabled": true})
			})
		}
	}
}

func TestAcc1809_IgnoredChangesAreNotApplied(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		ignored := "lifecycle {\n    ignore_changes = [" + strings.Fields(d.mode.attribute)[0] + "]\n  }"
		d.terraform.token = d.newToken()
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`, ignored))
		d.expectKept(d.apply().expectExit(0))
		d.expectToken(d.t, d.Token)
		d.plan().expectExit(0)
		if d.mode == plain {
			d.write(ephemeralVariable(d.provider()), resourceBlock(writeOnly, `name = "HR"`, ignored))
			d.plan().expectExit(0).expectWarning("The api_token_wo for company 816 isn't used", "Remove api_token from ignore_changes")
		}
	})
}

func TestAcc1810_CreateBeforeDestroyForOneCompanyIsAnError(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.write(d.provider(), resourceBlock(d.mode, "lifecycle {\n    create_before_destroy = true\n  }"))
		d.apply("-replace="+address).expectError("Recruitee company 816 is already linked with Wintro", "`create_before_destroy` can't work while the company stays the same")
		d.expectConnections(d.t, 1)
		d.plan().expectExit(0)
	})
}

// The failed replacement leaves the old connection in state as a deposed object. Terraform deletes the deposed
// connection only after it creates the new one, but Wintro rejects the new one while the old one exists.
func TestAcc1811_DeposedConnectionIsAnErrorUntilItIsDestroyed(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.write(ephemeralVariable(d.provider()), resourceBlock(d.mode, "lifecycle {\n    create_before_destroy = true\n  }"))
		d.plan("-replace=" + address).expectExit(2)
		d.RevokeToken(d.Token)
		d.applySavedPlan().expectError("Recruitee rejected the API token for company 816")

		d.terraform.token = d.newToken()
		d.configure()
		d.plan().expectWarning("Recruitee company 816 is already linked with Wintro", "deposed", "terraform destroy -target=")
		d.apply().expectError("Recruitee company 816 is already linked with Wintro", "deposed", "terraform destroy -target=")
		d.run("destroy", "-json", "-auto-approve", "-target="+address).expectExit(0)
		d.apply().expectExit(0)
		d.plan().expectExit(0)
		d.expectConnections(d.t, 1)
	})
}

func TestAcc1812_ManyConnectionsHaveAWarningEachOrOneInCommon(t *testing.T) {
	t.Parallel()
	const connections = 20
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider("max_retries = 0"), env.crowd(connections, "api_token_wo"))
	tf.apply().expectExit(0)

	demoted := []int64{10_007, 10_011}
	for _, company := range demoted {
		for _, owner := range env.Owners() {
			if owner.CompanyID == company {
				env.SetAdministrator(owner.ID, false)
			}
		}
	}
	_, printed := tf.execute("plan", "-no-color")
	for _, company := range demoted {
		if summary := fmt.Sprintf("The owner of the API token for company %d isn't an Administrator", company); !strings.Contains(printed, summary) {
			t.Errorf("Terraform didn't print %q:\n%s", summary, printed)
		}
	}
	for _, owner := range env.Owners() {
		env.SetAdministrator(owner.ID, true)
	}

	env.Fail(sandbox.Fault{System: sandbox.Recruitee, Kind: sandbox.Status, Status: 503})
	_, printed = tf.execute("plan", "-no-color")
	if shown := strings.Count(printed, "Warning: API tokens could not be verified"); shown != 1 {
		t.Errorf("Terraform prints the warning %d times:\n%s", shown, printed)
	}
	// Terraform 1.12 and later show identical warnings only once, and don't count the others.
	isCounted := cli(t).OpenTofu || !cli(t).IsAtLeast("1.12")
	if strings.Contains(printed, fmt.Sprintf("and %d more similar warnings elsewhere", connections-1)) != isCounted {
		t.Errorf("Terraform prints the number of similar warnings: %t\n%s", !isCounted, printed)
	}
}
