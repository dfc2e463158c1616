package provider

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The 12xx tests are of the rest of the surface: functions, ephemeral resource, import.

func TestAcc1201_FunctionCompanyID(t *testing.T) {
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
	tf.plan().expectExit(1).expectOutput("isn't a numeric Recruitee company ID")
	env.expectRequests(t, map[string]int{})
}

func TestAcc1202_FunctionTokenFingerprint(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), `
output "same" {
  value = { held = nonsensitive(provider::wintro::token_fingerprint(var.token)) == wintro_recruitee_connection.acme.api_token_fingerprint }
}`)
	tf.apply().expectExit(0)
	tf.expectOutputs("same", map[string]any{"held": true})

	tf.write(env.provider(), `output "id" { value = provider::wintro::token_fingerprint("a b") }`)
	tf.plan().expectExit(1).expectOutput("The token has white space")
}

func TestAcc1203_EphemeralTokenSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	factories := inProcess()
	factories["echo"] = echoprovider.NewProviderServer()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: withoutSource(env.provider()) + ephemeralToken(env.Token) + `
provider "echo" {
  data = {
    fingerprint = ephemeral.wintro_recruitee_token.acme.api_token_fingerprint
    company     = ephemeral.wintro_recruitee_token.acme.company
    owner       = ephemeral.wintro_recruitee_token.acme.token_owner
  }
}

resource "echo" "it" {}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("echo.it", tfjsonpath.New("data"), knownvalue.ObjectExact(map[string]knownvalue.Check{
						"fingerprint": knownvalue.StringExact(sandbox.Fingerprint(env.Token)),
						"company": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id": knownvalue.StringExact("816"), "name": knownvalue.StringExact("Acme"), "subdomain": knownvalue.StringExact("acme"),
						}),
						"owner": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"id": knownvalue.StringExact("1704"), "email": knownvalue.StringExact("ada@acme.example"), "name": knownvalue.StringExact("Ada Byron"),
							"role": knownvalue.StringExact("Administrator"), "administrator": knownvalue.Bool(true),
						}),
					})),
				},
			},
			{
				Config:      withoutSource(env.provider()) + ephemeralToken("mistyped"),
				ExpectError: regexp.MustCompile("Recruitee rejected the API token for company 816"),
			},
		},
	})
}

// withoutSource is a configuration as terraform-plugin-testing wants it: it names the source itself.
func withoutSource(config string) string {
	_, rest, _ := strings.Cut(config, "}\n}\n")
	return rest
}

func ephemeralToken(token string) string {
	return `
ephemeral "wintro_recruitee_token" "acme" {
  company_id = "816"
  api_token  = "` + token + `"
}`
}

func TestAcc1204_EphemeralTokenInFrontOfTheConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	checked := mode{"", "api_token_wo = ephemeral.wintro_recruitee_token.acme.api_token"}
	tf := env.terraform(t, ephemeralVariable(env.provider()), resourceBlock(checked), `
ephemeral "wintro_recruitee_token" "acme" {
  company_id = "816"
  api_token  = var.token
}`)
	tf.plan().expectExit(2)
	// The ephemeral resource and the plan of the connection share one answer.
	env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
}

func TestAcc1205_EphemeralTokenThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change  func(*environment)
		summary string
	}{
		"revoked":              {func(env *environment) { env.RevokeToken(env.Token) }, "Recruitee rejected the API token for company 816"},
		"owner has left":       {func(env *environment) { env.RemoveOwner(ada) }, "The API token gives no access"},
		"not an Administrator": {func(env *environment) { env.SetAdministrator(ada, false) }, "The owner of the API token for company 816 isn't an Administrator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			test.change(env)
			tf := env.terraform(t, env.provider(), ephemeralToken(env.Token))
			tf.plan().expectError(test.summary)
		})
	}
}

func TestAcc1206_EphemeralTokenWhileRecruiteeIsDownOrChecksAreOff(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusBadGateway})
	env.terraform(t, env.provider("max_retries = 0"), ephemeralToken(env.Token)).plan().expectExit(0).expectWarning("API tokens could not be verified with Recruitee", "502")
	env.ClearFaults()
	env.ClearRequests()
	env.terraform(t, env.provider(`recruitee_verification = "off"`), ephemeralToken(env.Token)).plan().expectExit(0)
	env.expectRequests(t, map[string]int{})
}

func TestAcc1207_ImportBlockByIDOrByCompany(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"id", "company"} {
		env := newEnvironment(t)
		id := env.Connect(acme, "Recruitee", env.Token)
		named := id
		if by == "company" {
			named = "company_id=816"
		}
		tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), "import {\n  to = "+address+"\n  id = \""+named+"\"\n}")
		tf.apply().expectExit(0)
		tf.expectState(map[string]any{"id": id, "status": "active"})
		tf.plan().expectExit(0)
		env.expectNoToken(t)
	}
}
