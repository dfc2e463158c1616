package provider

import (
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc12xx tests cover functions and the ephemeral resource.

func TestAcc1201_CompanyIDFunctionReadsAddresses(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), `
output "ids" {
  value = {
    dashboard = provider::wintro::recruitee_company_id("https://app.recruitee.com/#/dashboard/overview?company=38422")
    tellent   = provider::wintro::recruitee_company_id("https://app.tellent.com/ats/jobs?company=7&tab=open")
    number    = provider::wintro::recruitee_company_id("816")
  }
}`)
	tf.apply().expectExit(0)
	tf.expectOutputs("ids", map[string]any{"dashboard": "38422", "tellent": "7", "number": "816"})

	tf.write(env.provider(), `output "id" { value = provider::wintro::recruitee_company_id("https://acme.recruitee.com") }`)
	tf.plan().expectExit(1).expectOutput("This address has no company ID")
	env.expectRequests(t, map[string]int{})
}

func TestAcc1202_TokenFingerprintFunctionEqualsTheAttribute(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), `
output "same" {
  value = { held = nonsensitive(provider::wintro::token_fingerprint(var.token)) == wintro_recruitee_connection.acme.api_token_fingerprint }
}`)
	tf.apply().expectExit(0)
	tf.expectOutputs("same", map[string]any{"held": true})

	tf.write(env.provider(), `output "id" { value = provider::wintro::token_fingerprint("a b") }`)
	tf.plan().expectExit(1).expectOutput("The token contains white space")
}

func TestAcc1203_EphemeralTokenReturnsItsOwnerAndCompany(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), ephemeralToken(`self.api_token_fingerprint == "`+sandbox.Fingerprint(env.Token)+`" &&
        self.company == { id = "816", name = "Acme", subdomain = "acme" } &&
        self.token_owner == { id = "1704", email = "ada@acme.example", name = "Ada Byron", role = "Administrator", administrator = true }`))
	tf.plan().expectExit(0)
	env.SetRole(ada, "Recruiter", true)
	tf.plan().expectError("Resource postcondition failed", "another result")
	env.SetAdministrator(ada, false)
	tf.plan().expectError("The owner of the API token for company 816 isn't an Administrator")
}

// verified is a mode in which the ephemeral resource verifies the token before the connection uses it.
var verified = mode{"verified", "api_token_wo = ephemeral.wintro_recruitee_token.acme.api_token"}

// ephemeralToken returns an ephemeral resource with var.token. Its result must satisfy the condition.
func ephemeralToken(condition string) string {
	return `
ephemeral "wintro_recruitee_token" "acme" {
  company_id = "816"
  api_token  = var.token

  lifecycle {
    postcondition {
      condition     = (` + condition + `)
      error_message = "another result"
    }
  }
}
`
}

func TestAcc1204_EphemeralTokenAndConnectionShareOneVerification(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, ephemeralVariable(env.provider()), resourceBlock(verified), ephemeralToken("self.company.id == \"816\""))
	tf.plan().expectExit(2)
	env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
}

func TestAcc1206_EphemeralTokenWhileRecruiteeIsDownWarns(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	unverified := ephemeralToken("self.company == null && self.token_owner == null")
	env.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusBadGateway})
	env.terraform(t, env.provider("max_retries = 0"), unverified).plan().expectExit(0).expectWarning("API tokens could not be verified with Recruitee", "502")
	env.ClearFaults()
	env.ClearRequests()
	env.terraform(t, env.provider(`recruitee_verification = "off"`), unverified).plan().expectExit(0)
	env.expectRequests(t, map[string]int{})
}
