package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc6xx tests rotate tokens, and set recruitee_verification, which decides when the provider verifies tokens.

func TestAcc601_AnotherValueIsAppliedOnce(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		before := sandbox.Fingerprint(d.Token)
		d.terraform.token = d.newToken()
		to, status := any(knownAfterApply), any(knownAfterApply)
		if d.mode == plain {
			to, status = sandbox.Fingerprint(d.terraform.token), "active"
		}
		d.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate), changes("api_token_fingerprint", before, to), changes("status", "active", status))
		d.ClearRequests()
		d.applySavedPlan().expectExit(0)
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro PATCH": 1})
		d.expectOnlyPatch("apiToken")
		d.expectState(map[string]any{"api_token_fingerprint": sandbox.Fingerprint(d.terraform.token)})
		d.expectToken(d.t, d.terraform.token)
		d.plan().expectExit(0)
	})
}

func TestAcc602_NewTokenUnderTheSameVersionIsNotSent(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{versioned}, func(d drift) {
		d.terraform.token = d.newToken()
		d.plan().expectExit(0)
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		d.apply().expectExit(0)
		d.expectOnlyPatch("name")
		d.useVersion("2", `name = "HR"`)
		d.ClearRequests()
		d.apply().expectExit(0)
		d.expectOnlyPatch("apiToken")
		d.expectToken(d.t, d.terraform.token)
	})
}

func TestAcc605_NewVersionWithoutAValidTokenIsAnError(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{versioned}, func(d drift) {
		d.terraform.token = "mistyped"
		d.useVersion("2")
		d.plan().expectError("Recruitee rejected the API token for company 816", "api_token_wo = var.token")
		d.write(d.provider(), resourceBlock(mode{"", `api_token_wo_version = "2"`}))
		d.plan().expectError("The new api_token_wo_version for company 816 has no token", `api_token_wo_version = "2"`, "api_token_wo isn't set")
	})
}

func TestAcc608_ReplacedTokenWithAVersionButWithoutATokenIsAWarning(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{versioned}, func(d drift) {
		d.write(d.provider(), resourceBlock(mode{"", `api_token_wo_version = "1"`}))
		d.plan().expectExit(0)
		d.SwapToken(d.id, d.newToken())
		const summary = "The api_token_wo_version for company 816 has no token"
		d.plan().expectExit(2).expectWarning(summary, "remove api_token_wo_version")
		d.applySavedPlan().expectExit(0).expectWarning(summary)
		d.write(d.provider(), resourceBlock(unmanaged))
		d.expectFixed()
	})
}

func TestAcc606_TokenRejectedWhileApplyingIsReplacedByTheNextApply(t *testing.T) {
	t.Parallel()
	inEachMode(t, managed, func(d drift) {
		d.terraform.token = d.newToken()
		d.useVersion("2")
		d.plan().expectExit(2)
		d.RevokeToken(d.terraform.token)
		d.applySavedPlan().expectError("Recruitee rejected the API token for company 816", "api_token")
		d.expectNoToken(d.t)

		d.terraform.token = d.newToken()
		d.apply().expectExit(0)
		d.expectToken(d.t, d.terraform.token)
	})
}

func TestAcc607_WithoutFingerprintsOnlyOwnChangesAreNoticed(t *testing.T) {
	t.Parallel()
	inEachMode(t, managed, func(d drift) {
		d.ReportFingerprints(false)
		d.SwapToken(d.id, d.newToken())
		d.plan().expectExit(0)

		d.terraform.token = d.newToken()
		d.useVersion("2")
		d.expectFixed()
		d.expectState(map[string]any{"api_token_fingerprint": sandbox.Fingerprint(d.terraform.token)})
	})
}

func TestAcc609_VerificationInApplySendsNothingWhilePlanning(t *testing.T) {
	t.Parallel()
	for _, m := range managed {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf := env.terraform(t, env.provider(`recruitee_verification = "apply"`), resourceBlock(m))
			tf.plan().expectExit(2)
			env.expectRequests(t, map[string]int{"wintro GET": 1})
			env.ClearRequests()
			tf.applySavedPlan().expectExit(0)
			env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1, "wintro POST": 1})

			env.RevokeToken(env.Token)
			tf.plan().expectExit(0)
			tf.token = "mistyped"
			tf.write(env.provider(`recruitee_verification = "apply"`), resourceBlock(m, `name = "HR"`))
			if m == versioned {
				tf.apply().expectExit(0)
				return
			}
			tf.plan().expectExit(2)
			tf.applySavedPlan().expectError("Recruitee rejected the API token for company 816")
		})
	}
}

func TestAcc610_VerificationOffIsOneWarning(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	second := env.AddCompany(sandbox.Company{})
	owner := env.AddOwner(sandbox.Owner{CompanyID: second.ID})
	env.RevokeToken(env.Token)
	tf := env.terraform(t, env.provider(`recruitee_verification = "off"`), resourceBlock(writeOnly), fmt.Sprintf(`
resource "wintro_recruitee_connection" "second" {
  company_id   = "%d"
  api_token_wo = %q
}`, second.ID, env.IssueToken(second.ID, owner.ID)))
	plan := tf.plan().expectExit(2).expectWarning("Recruitee API tokens are not checked")
	warnings := 0
	for _, d := range plan.diagnostics {
		if d.Severity == "warning" {
			warnings++
		}
	}
	if warnings != 1 {
		t.Errorf("%d warnings instead of one:\n%s", warnings, plan.output)
	}
	// The provider doesn't verify the revoked token, but Wintro's own check rejects it.
	tf.applySavedPlan().expectError("Wintro can't log in to Recruitee for company 816", "the provider doesn't know why")
	expectCount(t, env.Requests().To(sandbox.Recruitee), 0)
}

func TestAcc611_UnknownTokenAndCompanyAreNotChecked(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), `
resource "terraform_data" "source" {
  input = { company_id = "816", token = var.token }
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = terraform_data.source.output.company_id
  api_token_wo = terraform_data.source.output.token
}`)
	tf.plan().expectExit(2)
	env.expectRequests(t, map[string]int{})
	tf.applySavedPlan().expectExit(0)
}

func TestAcc612_DestroyPlanChecksNothing(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.RevokeToken(d.Token)
		d.run("plan", "-destroy", "-json").expectExit(0).expectNoWarning("Recruitee rejected")
		d.ClearRequests()
		d.terraform.token = "mistyped"
		d.run("plan", "-destroy", "-refresh=false", "-json").expectExit(0).expectNoWarning("")
		expectCount(d.t, d.Requests().To(sandbox.Recruitee), 0)
	})
}

func TestAcc613_FromPlainToWriteOnlyLeavesStateWithoutAToken(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain}, func(d drift) {
		d.write(d.provider(), resourceBlock(writeOnly))
		d.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate),
			changes("status", "active", "active"), changes("api_token_fingerprint", sandbox.Fingerprint(d.Token), knownAfterApply))
		d.apply().expectExit(0)
		d.expectState(map[string]any{"api_token": nil, "api_token_wo": nil})
		expectCount(d.t, d.Requests().With(http.MethodPatch), 0)
		d.plan().expectExit(0)
	})
}
