package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc4xx tests change the configuration of a connection, and delete connections.

func TestAcc401_RenameSendsOnlyTheName(t *testing.T) {
	t.Parallel()
	inEachMode(t, all, func(d drift) {
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		plan := d.plan().expectExit(2)
		if d.mode == plain || d.mode == versioned {
			plan.expectPlan(onlyChange("name"))
		} else {
			// The fingerprint is unknown, because the configuration may contain a new token when Terraform applies the plan.
			plan.expectPlan(changes("name", "Recruitee", "HR"), changes("api_token_fingerprint", sandbox.Fingerprint(d.Token), knownAfterApply), changes("status", "active", "active"))
		}
		d.applySavedPlan().expectExit(0)
		d.expectOnlyPatch("name")
		d.expectState(map[string]any{"name": "HR", "status": "active"})
		d.plan().expectExit(0)
	})
}

func TestAcc402_SwitchingOnVerifiesTheTokenAgain(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged, plain, versioned}, func(d drift) {
		d.write(d.provider(), resourceBlock(d.mode, `enabled = false`))
		d.plan().expectExit(2).expectPlan(changes("status", "active", "disabled"))
		d.applySavedPlan().expectExit(0)
		d.expectOnlyPatch("enabled")
		d.expectState(map[string]any{"enabled": false, "status": "disabled"})

		// The provider doesn't warn about the token of a disabled connection.
		d.RevokeToken(d.Token)
		d.plan().expectExit(0).expectNoWarning("Recruitee rejected")
		if d.mode == unmanaged {
			return
		}

		d.write(d.provider(), resourceBlock(d.mode))
		d.ClearRequests()
		d.apply().expectError("Recruitee rejected the API token for company 816")
		expectCount(d.t, d.Requests().With(http.MethodPatch), 0)
		d.terraform.token = d.newToken()
		d.useVersion("2")
		d.expectFixed()
	})
}

func TestAcc404_AnotherCompanyReplacesTheConnection(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		other, token := d.addCompany()
		d.write(d.provider(), strings.Replace(resourceBlock(d.mode), "816", other, 1))
		d.plan().expectError("The API token gives no access to Recruitee company "+other, "company_id")

		d.terraform.token = token
		d.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionReplace))
		d.expectFixed()
		d.expectState(map[string]any{"company_id": other})
	})
}

func TestAcc405_ChangedTimeoutsChangeNothingElse(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, versioned}, func(d drift) {
		d.write(d.provider(), resourceBlock(d.mode, "timeouts {\n    read = \"1m\"\n  }"))
		d.plan().expectExit(2).expectPlan(onlyChange("timeouts"))
		d.apply().expectExit(0)
		expectCount(d.t, d.Requests().With(http.MethodPatch), 0)
		d.plan().expectExit(0)
	})
}

func TestAcc406_RequiringAnAdministratorLaterOrNoLongerVerifiesTheOwner(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		// If require_administrator is false, the owner of the token may have any role, even for a create.
		d.SetRole(ada, "Sourcing lead", false)
		d.apply("-replace=" + address).expectExit(0)
		d.write(d.provider(), resourceBlock(d.mode))
		d.apply().expectError("The owner of the API token for company 816 isn't an Administrator")
		d.SetAdministrator(ada, true)
		d.expectFixed()

		d.SetAdministrator(ada, false)
		if d.mode == plain {
			// A refresh has found the status not_administrator, but the connection no longer needs another token.
			d.mode = unmanaged
		}
		d.write(d.provider(), resourceBlock(d.mode, "require_administrator = false"))
		d.plan().expectExit(2).expectNoWarning("")
		d.expectFixed()
	}, "require_administrator = false")
}

func TestAcc408_ChangeAndDriftAreAppliedWithOneRequest(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		d.SetStatus(d.id, "invalid")
		d.Relabel(d.id, "Somebody's")
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		d.expectFixed()
		d.expectOnlyPatch("apiToken", "name")
	})
}

func TestAcc410_DestroyRemovesFromStateOnlyAConnectionThatNoLongerExists(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged, plain}, func(d drift) {
		// A destroy must succeed even if the token is revoked.
		d.RevokeToken(d.Token)
		for _, status := range []int{http.StatusBadGateway, http.StatusNotFound} {
			d.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Status: status, Header: html})
			d.destroy().expectError("Wintro gave no usable response")
			d.expectState(map[string]any{"id": d.id})
			d.ClearFaults()
		}
		d.run("plan", "-destroy", "-out=plan").expectExit(0)
		if d.mode == plain {
			d.Disconnect(d.id)
		}
		d.applySavedPlan().expectExit(0)
		if d.attributes() != nil || len(d.Connections()) > 0 {
			d.t.Error("the connection still exists")
		}
	})
}

func TestAcc412_SavedPlanForAChangedConnectionIsAnErrorOrAWarning(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode      mode
		meanwhile func(drift)
		severity  string
		summary   string
	}{
		"vanished":                    {plain, func(d drift) { d.Disconnect(d.id) }, "error", "The connection for company 816 no longer exists in Wintro"},
		"moved":                       {writeOnly, func(d drift) { d.MoveToCompany(d.id, 900) }, "error", "The connection for company 816 is now for company 900"},
		"switched off":                {versioned, func(d drift) { d.SetEnabled(d.id, false) }, "warning", "The connection for company 816 was changed outside Terraform in the meantime"},
		"token replaced":              {versioned, func(d drift) { d.SwapToken(d.id, d.newToken()) }, "warning", "The connection for company 816 was changed outside Terraform in the meantime"},
		"Wintro can no longer log in": {writeOnly, func(d drift) { d.SetStatus(d.id, "invalid") }, "warning", "Wintro can't log in to Recruitee for company 816"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEachMode(t, []mode{test.mode}, func(d drift) {
				d.AddCompany(sandbox.Company{ID: 900})
				d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
				d.plan().expectExit(2)
				test.meanwhile(d)
				applied := d.applySavedPlan()
				applied.expectDiagnostic(test.severity, test.summary)
				if failed := applied.exit == 1; failed != (test.severity == "error") {
					d.t.Errorf("the apply's exit code is %d", applied.exit)
				}

				d.expectFixed()
			})
		})
	}
}
