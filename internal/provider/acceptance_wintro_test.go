package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc17xx tests cover Wintro's responses during a plan, missing endpoints for ATS connections, a token
// of another organisation, and a status that the provider doesn't know.

func TestAcc1703_AScopeThatTheWintroTokenLacksIsNamedWhileNothingIsLost(t *testing.T) {
	t.Parallel()
	const read, write = "ats-connections:read", "ats-connections:write"
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	env.RevokeScope(env.WintroToken(), read)
	tf.plan().expectError("The provider's API token lacks the scope "+read, "Settings > API Tokens")
	env.expectNoToken(t)
	env.GrantScope(env.WintroToken(), read)

	env.RevokeScope(env.WintroToken(), write)
	tf.apply().expectError("The provider's API token lacks the scope "+write, "Settings > API Tokens", "Nothing was changed")
	if tf.attributes() != nil || len(env.Connections()) > 0 {
		t.Error("Wintro or the state contains a connection")
	}
	env.GrantScope(env.WintroToken(), write)
	tf.apply().expectExit(0)

	env.RevokeScope(env.WintroToken(), write)
	tf.plan().expectExit(0)
	tf.write(env.provider(), resourceBlock(writeOnly, `name = "HR"`))
	tf.apply().expectError("The provider's API token lacks the scope " + write)
	tf.destroy().expectError("The provider's API token lacks the scope " + write)
	env.GrantScope(env.WintroToken(), write)

	env.RevokeScope(env.WintroToken(), read)
	before := string(tf.stateFile())
	tf.plan().expectError("The provider's API token lacks the scope " + read)
	if after := string(tf.stateFile()); after != before {
		t.Errorf("the state has changed:\n%s", after)
	}
}

func TestAcc1704_APlanForALinkedCompanyWarnsWithTheImportBlock(t *testing.T) {
	t.Parallel()
	const summary = "Recruitee company 816 is already linked with Wintro"
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.newToken())
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	words := []string{"import {\n  to = wintro_recruitee_connection.example\n  id = \"" + id + "\"\n}", "company_id = \"816\""}
	tf.plan().expectExit(2).expectWarning(summary, words...)
	tf.applySavedPlan().expectError(summary, words...)
	env.expectNoToken(t)

	// If the connection is removed between plan and apply, the create succeeds.
	tf.plan().expectExit(2)
	env.Disconnect(id)
	tf.applySavedPlan().expectExit(0).expectNoWarning("is already linked with Wintro")
}

// Terraform reads the old resource and plans the new one in any order. The detail of the warning depends on this order,
// so the test checks only the summary and the ID.
func TestAcc1705_APlanOfARenamedResourceWarnsAndAMovedBlockFixesIt(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		renamed := strings.Replace(resourceBlock(d.mode), `"acme" {`, `"renamed" {`, 1)
		d.write(d.provider(), renamed)
		d.plan().expectExit(2).expectWarning("Recruitee company 816 is already linked with Wintro", d.id)
		d.write(d.provider(), renamed, "moved {\n  from = "+address+"\n  to = wintro_recruitee_connection.renamed\n}")
		d.apply().expectExit(0).expectNoWarning("is already linked with Wintro")
		if id := d.connectionID(d.t); id != d.id {
			d.t.Errorf("the connection has the ID %s instead of %s", id, d.id)
		}
	})
}

func TestAcc1706_AWintroWithoutTheseEndpointsSaysSoAndDropsNothingFromState(t *testing.T) {
	t.Parallel()
	const summary = "Wintro has no endpoints for ATS connections"
	words := []string{"404", "ask your Wintro contact", "Before Wintro opens its API", "https://app.wintro.ai/api/v1"}
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.OfferConnectionsAPI(false)
		d.plan().expectError(summary, words...)
		d.run("destroy", "-refresh=false", "-json", "-auto-approve").expectError(summary, words...)
		d.write(d.provider("max_retries = 1"), resourceBlock(d.mode, `name = "HR"`))
		d.apply("-refresh=false").expectError(summary, words...)
		d.expectState(map[string]any{"id": d.id})
		d.OfferConnectionsAPI(true)
		d.expectFixed()
		d.expectState(map[string]any{"id": d.connectionID(d.t)})
	})
	env := newEnvironment(t)
	env.OfferConnectionsAPI(false)
	env.terraform(t, env.provider(), resourceBlock(writeOnly)).plan().expectError(summary, words...)
	env.expectNoToken(t)
	reads := env.terraform(t, env.provider(), `
data "wintro_recruitee_connection" "by_id" {
  id = "conn_1"
}

data "wintro_recruitee_connection" "by_company" {
  company_id = "816"
}

data "wintro_recruitee_connections" "all" {}
`).plan().expectError(summary, words...)
	// Terraform 1.12 and later print identical errors only once, so count the reads instead of the errors.
	if strings.Count(reads.output, `"type":"apply_start"`) != 3 || strings.Contains(reads.output, `"type":"apply_complete"`) {
		t.Errorf("Terraform read a data source, or didn't try to read all three:\n%s", reads.output)
	}
	tf := env.terraform(t, env.provider(), resourceBlock(unmanaged))
	tf.importID("company_id=816").expectExit(1).expectOutput(summary)
}

func TestAcc1707_AnUnknownStatusIsNamedAndAffectsNothingElse(t *testing.T) {
	t.Parallel()
	const connections = 5
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), env.crowd(connections, "api_token_wo"))
	tf.apply().expectExit(0)
	id, _ := tf.attributes()["id"].(string)
	env.SetStatus(id, "frozen")
	env.ClearRequests()
	tf.plan().expectExit(2).expectPlan(
		planned(plancheck.ResourceActionUpdate), changes("status", "frozen", "active"),
		plancheck.ExpectResourceAction("wintro_recruitee_connection.all[0]", plancheck.ResourceActionNoop),
	).expectWarning("", "frozen")
	env.expectRequests(t, map[string]int{"recruitee GET": connections + 1, "wintro GET": 1})

	data := env.terraform(t, env.provider(), `
data "wintro_recruitee_connections" "all" {}

output "statuses" {
  value = { for c in data.wintro_recruitee_connections.all.connections : c.company_id => c.status }
}`)
	data.apply().expectExit(0)
	data.expectOutputs("statuses", map[string]any{"816": "frozen", "10000": "active"})
	p := env.protocol(t)
	for _, result := range p.query(nil, 100, true) {
		p.expectNone(result.Diagnostics)
	}

	// The provider can't fix an unknown status, so the apply only reads the connection.
	env.ClearRequests()
	tf.apply().expectExit(0).expectWarning("", "frozen")
	expectCount(t, env.Requests().With(http.MethodPatch), 0)
	tf.plan().expectExit(2)
}

func TestAcc1708_ACreateThatEndsInAnUnknownStatusWarns(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.StayPending(-1)
	env.afterCreate(t, func(id string) { env.SetStatus(id, "frozen") })
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	tf.apply().expectExit(0).expectWarning("", "frozen")
	tf.expectState(map[string]any{"id": env.connectionID(t), "status": "frozen"})
	expectCount(t, env.Requests().With(http.MethodPost), 1)
}

func TestAcc1709_AnotherOrganisationsTokenIsAnErrorThatNamesBothAndDropsNothing(t *testing.T) {
	t.Parallel()
	const summary = "Wintro's API token belongs to another organisation"
	inEachMode(t, []mode{writeOnly, unmanaged}, func(d drift) {
		ours, theirs := d.Organisations()[0], d.AddOrganisation("Acme Asia")
		provider := strings.Replace(d.provider(), ours.Token, theirs.Token, 1)
		words := []string{ours.ID, theirs.ID, d.id, "WINTRO_API_TOKEN"}
		d.write(provider, resourceBlock(d.mode))
		d.plan().expectError(summary, words...)
		d.run("destroy", "-refresh=false", "-json", "-auto-approve").expectError(summary, words...)
		d.write(provider, resourceBlock(d.mode, `name = "HR"`))
		d.apply("-refresh=false").expectError(summary, words...)
		d.expectState(map[string]any{"id": d.connectionID(d.t)})
	})
}

func TestAcc1710_WithoutOrganisationIDsTheWarningMentionsTheOrganisation(t *testing.T) {
	t.Parallel()
	const hint = "check that the provider's API token belongs to the right organisation"
	env := newEnvironment(t)
	env.ReportOrganisation(false)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	tf.apply().expectExit(0)
	env.Disconnect(env.connectionID(t))
	tf.plan().expectExit(2).expectWarning("The connection for company 816 was removed in Wintro", hint)
	tf.apply().expectExit(0)
	env.Disconnect(env.connectionID(t))
	tf.run("destroy", "-refresh=false", "-json", "-auto-approve").expectExit(0).expectWarning("The connection for company 816 no longer exists in Wintro", hint)

	env.ReportOrganisation(true)
	tf.apply().expectExit(0)
	env.Disconnect(env.connectionID(t))
	for _, d := range tf.plan().expectExit(2).expectWarning("The connection for company 816 was removed in Wintro").diagnostics {
		if strings.Contains(d.Detail, hint) {
			t.Errorf("the warning mentions the organisation, although Wintro reports it: %s", d.Detail)
		}
	}
}

// The provider runs as a separate process, so that the test can clear WINTRO_API_TOKEN in its environment.
func TestAcc1711_RecruiteeFeaturesWorkWithoutAWintroToken(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	condition := `self.token_owner.administrator && self.company.name == "Acme"`
	tf := env.quietProcess(t, ephemeralVariable(env.provider()), ephemeralToken(condition), `
output "company_id" {
  value = provider::wintro::recruitee_company_id("https://app.recruitee.com/#/dashboard/overview?company=816")
}`)
	tf.env = append(tf.env, "WINTRO_API_TOKEN=")
	tf.apply().expectExit(0)
	env.RevokeToken(env.Token)
	tf.run("plan", "-json").expectError("Recruitee rejected the API token for company 816", "invalid_token")
	expectCount(t, env.Requests().To(sandbox.Wintro), 0)
}
