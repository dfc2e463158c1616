package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc10xx tests read data sources.

func TestAcc1001_DataSourceByIDOrByCompanyFindsTheConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	other := env.AddCompany(sandbox.Company{})
	env.Connect(other.ID, "Other", "t")
	for _, by := range []string{`id = "` + id + `"`, `company_id = "816"`} {
		tf := env.terraform(t, env.provider(), `
data "wintro_recruitee_connection" "acme" {
  `+by+`
}

output "connection" {
  value = data.wintro_recruitee_connection.acme
}`)
		tf.apply().expectExit(0)
		tf.expectOutputs("connection", map[string]any{
			"id": id, "company_id": "816", "name": "By hand", "enabled": true, "status": "active",
			"api_token_fingerprint": sandbox.Fingerprint(env.Token), "last_synced_at": nil, "timeouts": nil,
		})
	}
	expectCount(t, env.Requests().To(sandbox.Recruitee), 0)
}

func TestAcc1002_DataSourceWithoutAConnectionIsAnErrorOnItsArgument(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	// Terraform reads data sources only if all of them are valid, so the invalid ones need their own plan.
	for _, arguments := range []map[string][]string{
		{
			`id = "a b"`:          {"Invalid id", "isn't the ID of a connection"},
			`company_id = "acme"`: {"Invalid company_id", "isn't a numeric"},
			"id = \"conn_1\"\n  company_id = \"816\"": {"Invalid Attribute Combination", "company_id"},
			"": {"Invalid Attribute Combination", "company_id"},
		},
		{
			`id = "conn_missing"`: {"There is no connection with this ID in Wintro", "find the connection by its company_id", "id = "},
			`company_id = "816"`:  {"Recruitee company 816 is not linked with Wintro", "Check company_id", "company_id = "},
		},
	} {
		var bad badInputs
		for argument, words := range arguments {
			bad.add("data.wintro_recruitee_connection.NAME", "data \"wintro_recruitee_connection\" \"NAME\" {\n  "+argument+"\n}\n", words...)
		}
		env.terraform(t, env.provider(), bad.config).plan().expectErrors(bad.expected)
	}
}

func TestAcc1003_DataSourceOfACompanyWithTwoConnectionsNamesBoth(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	first, second := env.Connect(acme, "A", "a"), env.Connect(acme, "B", "b")
	tf := env.terraform(t, env.provider(), "data \"wintro_recruitee_connection\" \"acme\" {\n company_id = \"816\"\n}")
	tf.plan().expectError("Recruitee company 816 is linked more than once", first, second)
}

func TestAcc1004_DataSourceOfAllConnectionsReadsEachPageOnce(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), `
data "wintro_recruitee_connections" "all" {}

data "wintro_recruitee_connections" "disabled" {
  status = "disabled"
}

output "count" {
  value = {
    all      = length(data.wintro_recruitee_connections.all.connections)
    disabled = length(data.wintro_recruitee_connections.disabled.connections)
    first    = try(data.wintro_recruitee_connections.all.connections[0].status, null)
  }
}`)
	tf.apply().expectExit(0)
	tf.expectOutputs("count", map[string]any{"all": 0, "disabled": 0, "first": nil})

	for i := range 230 {
		id := env.Connect(env.AddCompany(sandbox.Company{}).ID, fmt.Sprint(i), "t")
		if i%10 == 0 {
			env.SetEnabled(id, false)
		}
	}
	env.ClearRequests()
	tf.run("apply", "-auto-approve", "-refresh-only").expectExit(0)
	tf.expectOutputs("count", map[string]any{"all": 230, "disabled": 23, "first": "disabled"})
	expectCount(t, env.Requests().With(http.MethodGet), 6)
}

func TestAcc1007_ACheckBlockWarnsOfAConnectionThatDoesNotWork(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	// Don't move the data source into the check block. Terraform would then plan to read it during the apply, so every
	// plan would end with exit code 2, and users would stop paying attention to that code.
	tf := env.terraform(t, env.provider(), `
data "wintro_recruitee_connection" "acme" {
  company_id = "816"
}

check "acme" {
  assert {
    condition     = data.wintro_recruitee_connection.acme.status == "active"
    error_message = "The connection is ${data.wintro_recruitee_connection.acme.status}."
  }
}`)
	tf.plan().expectExit(0).expectNoWarning("Check")
	env.SetStatus(id, "invalid")
	tf.plan().expectExit(0).expectWarning("Check block assertion failed", "The connection is invalid.")
}
