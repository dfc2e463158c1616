package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// The TestAcc13xx tests need features that the oldest supported Terraform lacks.

// gates counts the tests that need each feature, and the tests that were skipped because Terraform lacks a feature.
// TestMain checks and prints these counts.
var gates = struct {
	sync.Mutex
	tests   map[*terraformcli.Feature]int
	skipped int
}{tests: map[*terraformcli.Feature]int{}}

// needs counts a test that needs a feature, and skips the test if Terraform lacks the feature.
func needs(t *testing.T, feature *terraformcli.Feature) {
	t.Helper()
	gates.Lock()
	defer gates.Unlock()
	gates.tests[feature]++
	if found := cli(t); !found.Has(feature) {
		gates.skipped++
		t.Skipf("%s doesn't have it: %s", found, feature)
	}
}

// withoutSource removes the terraform block, because terraform-plugin-testing adds its own.
func withoutSource(config string) string {
	_, rest, _ := strings.Cut(config, "}\n}\n")
	return rest
}

func inProcess() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"wintro": func() (tfprotov6.ProviderServer, error) { return NewServer("test"), nil },
	}
}

func TestAcc1301_ImportBlockByIdentityFindsTheConnection(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ImportByIdentity)
	env := newEnvironment(t)
	config := withoutSource(env.provider()) + strings.Replace(resourceBlock(writeOnly), "var.token", fmt.Sprintf("%q", env.Token), 1)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: inProcess(),
		Steps: []resource.TestStep{
			{Config: config},
			{
				ResourceName:    address,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithResourceIdentity,
			},
		},
	})
}

func TestAcc1302_QueryFindsAndFiltersConnections(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ListResource)
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	env.Connect(env.AddCompany(sandbox.Company{}).ID, "Other", "t")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: inProcess(),
		Steps: []resource.TestStep{{
			// A query works only if the configuration's provider is installed, so install it first.
			Config: withoutSource(env.provider()) + "data \"wintro_recruitee_connections\" \"all\" {}",
		}, {
			Query: true,
			Config: `
list "wintro_recruitee_connection" "all" {
  provider = wintro
}

list "wintro_recruitee_connection" "acme" {
  provider = wintro
  config {
    company_id = "816"
  }
}`,
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("wintro_recruitee_connection.all", 2),
				querycheck.ExpectLength("wintro_recruitee_connection.acme", 1),
				querycheck.ExpectIdentity("wintro_recruitee_connection.acme", map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}),
			},
		}},
	})
}

func TestAcc1303_GeneratedConfigurationPlansClean(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ListResource)
	newEnvironment(t).applyGenerated(t, "generated.tf")
}

// applyGenerated makes Terraform generate the configuration of two existing connections in a file with the given name.
// Then it applies the configuration, and expects Terraform to import both connections unchanged. files contains pairs of
// a name and a content, for additional files.
func (env *environment) applyGenerated(t *testing.T, name string, files ...string) {
	t.Helper()
	env.Connect(acme, "By hand", env.Token)
	env.SetEnabled(env.Connect(env.AddCompany(sandbox.Company{}).ID, "Off", "t"), false)
	tf := env.terraform(t, env.provider())
	tf.addFile("all.tfquery.hcl", "list \"wintro_recruitee_connection\" \"all\" {\n  provider = wintro\n}\n")
	if err := os.MkdirAll(filepath.Dir(filepath.Join(tf.dir, name)), 0o700); err != nil {
		t.Fatal(err)
	}
	tf.run("query", "-generate-config-out="+name).expectExit(0)
	for i := 0; i < len(files); i += 2 {
		tf.addFile(files[i], files[i+1])
	}
	tf.run("get").expectExit(0)
	tf.apply().expectExit(0).expectOutput("2 imported, 0 added, 0 changed, 0 destroyed")
	tf.plan().expectExit(0)
	expectCount(t, env.Requests().With(http.MethodPatch), 0)
}

func TestAcc1304_SyncRunsAfterACreateAndAnUpdate(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.SyncAction)
	env := newEnvironment(t)
	env.SetVacancies(5)
	// Terraform 1.16 and later warn if an action contains the address of the connection that triggers the action. With
	// caller, there is no warning, but earlier versions don't have caller.
	id := address + ".id"
	if cli(t).Has(terraformcli.ActionOnDestroy) {
		id = "caller.id"
	}
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, trigger("after_create, after_update", "")), syncBlock(id))
	tf.apply().expectExit(0).expectOutput("succeeded, vacancies read: 5")
	tf.token = env.newToken()
	tf.apply().expectExit(0)
	expectCount(t, env.Requests().With(http.MethodPost).At("/syncs"), 2)
	tf.apply("-invoke=" + syncAddress).expectExit(0).expectOutput("succeeded, vacancies read: 5")
	env.FailSyncs("vacancy 3 has no title")
	tf.token = env.newToken()
	// The action's message follows a summary from Terraform, which depends on the version, so check only the message.
	tf.apply().expectExit(1).expectOutput("The vacancy sync failed")
}

func TestAcc1305_IdentityStaysUntilTheConnectionIsDeleted(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ImportByIdentity)
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider("max_retries = 0"), resourceBlock(writeOnly))
	tf.apply().expectExit(0)
	id := env.connectionID(t)
	tf.expectIdentity(id)
	tf.write(env.provider("max_retries = 0"), resourceBlock(writeOnly, `name = "HR"`))
	tf.apply().expectExit(0)
	tf.expectIdentity(id)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Status: http.StatusBadGateway})
	tf.destroy().expectExit(1)
	if found := cli(t); found.OpenTofu || found.IsAtLeast("1.13") {
		// Terraform 1.12 loses the identity when a destroy fails.
		tf.expectIdentity(id)
	}
	env.ClearFaults()
	tf.destroy().expectExit(0)
	env.expectConnections(t, 0)
}

func TestAcc1307_DestroyFalseLeavesTheConnectionInWintro(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.KeepOnDestroy)
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, "lifecycle {\n    destroy = false\n  }"))
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
	arguments := []string{"destroy", "-json", "-auto-approve"}
	if cli(t).OpenTofu {
		// Without this flag, OpenTofu reports an error if a destroy keeps a resource.
		arguments = append(arguments, "-suppress-forget-errors")
	}
	tf.run(arguments...).expectExit(0)
	if tf.attributes() != nil {
		t.Error("the connection is still in state")
	}
	id := env.connectionID(t)
	expectCount(t, env.Requests().With(http.MethodDelete), 0)
	// The warning explains how to import the connection.
	tf.plan().expectExit(2).expectWarning("Recruitee company 816 is already linked with Wintro", "import {", id)
	tf.importID(id).expectExit(0)
	tf.plan().expectExit(0)
}

func TestAcc1308_DestroyFalseKeepsAReplacedConnection(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.KeepOnDestroy)
	for _, order := range []string{"", "\n    create_before_destroy = true"} {
		env := newEnvironment(t)
		other, token := env.addCompany()
		block := resourceBlock(writeOnly, "lifecycle {\n    destroy = false"+order+"\n  }")
		tf := env.terraform(t, env.provider(), block)
		tf.apply().expectExit(0)
		tf.token = token
		tf.write(env.provider(), strings.Replace(block, "816", other, 1))
		tf.apply().expectExit(0)
		tf.plan().expectExit(0)
		tf.expectState(map[string]any{"company_id": other, "status": "active"})
		env.expectConnections(t, 2)
	}
}

func TestAcc1309_GeneratedConfigurationInAModulePlansClean(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ImportInModule)
	env := newEnvironment(t)
	// The generated file contains resource blocks and import blocks, and it is part of the module.
	env.applyGenerated(t, filepath.Join("connections", "generated.tf"),
		filepath.Join("connections", "providers.tf"), "terraform {\n  required_providers {\n    wintro = { source = \"wintro-ai/wintro\" }\n  }\n}\n",
		"main.tf", env.provider()+"module \"connections\" {\n  source = \"./connections\"\n}\n")
}

func TestAcc1310_SyncBeforeDestroyRunsBeforeTheDelete(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ActionOnDestroy)
	env := newEnvironment(t)
	env.SetVacancies(5)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, trigger("before_destroy", "")), syncBlock("caller.id"))
	tf.apply().expectExit(0)
	env.ClearRequests()
	tf.destroy().expectExit(0).expectOutput("succeeded, vacancies read: 5")
	var changed []string
	for _, r := range env.Requests().To(sandbox.Wintro) {
		if r.Method != http.MethodGet {
			changed = append(changed, r.Method)
		}
	}
	if fmt.Sprint(changed) != "[POST DELETE]" {
		t.Errorf("the provider sent %v", changed)
	}
}

// The sync returns an error because the connection no longer exists. For actions after a destroy, Terraform turns
// errors into warnings, regardless of on_failure.
func TestAcc1311_SyncAfterDestroyWarns(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ActionOnDestroy)
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, trigger("after_destroy", "halt")), syncBlock("caller.id"))
	tf.apply().expectExit(0)
	tf.destroy().expectExit(0).expectWarning("There is no connection with this ID in Wintro")
	env.expectConnections(t, 0)
}

func TestAcc1312_SyncThatFailsStopsTheApplyOrNot(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ActionOnDestroy)
	for onFailure, exit := range map[string]int{"halt": 1, "continue": 0} {
		env := newEnvironment(t)
		env.FailSyncs("vacancy 3 has no title")
		tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, trigger("after_create, after_update", onFailure)), syncBlock("caller.id"))
		tf.apply().expectExit(exit).expectOutput("vacancy 3 has no title")
		// Even if the failed sync stopped the apply, the connection matches its configuration.
		tf.plan().expectExit(0)
		tf.token = env.newToken()
		tf.apply().expectExit(exit).expectOutput("vacancy 3 has no title")
		tf.plan().expectExit(0)
		env.expectToken(t, tf.token)
	}
}

func TestAcc1314_SyncByHandRunsOnlyForTheTarget(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.ActionOnDestroy)
	env := newEnvironment(t)
	other, token := env.addCompany()
	tf := env.terraform(t, env.provider(), fmt.Sprintf(`
resource "wintro_recruitee_connection" "all" {
  for_each   = { acme = ["%d", %q], other = [%q, %q] }
  company_id = each.value[0]
  api_token  = each.value[1]
%s
}`, acme, env.Token, other, token, trigger("after_update", "")), syncBlock("caller.id"))
	tf.apply().expectExit(0)
	for _, test := range []struct {
		arguments []string
		syncs     int
	}{
		{nil, 2},
		{[]string{`-target=wintro_recruitee_connection.all["other"]`}, 1},
	} {
		env.ClearRequests()
		tf.apply(append([]string{"-invoke=" + syncAddress}, test.arguments...)...).expectExit(0)
		expectCount(t, env.Requests().With(http.MethodPost).At("/syncs"), test.syncs)
	}
}

func TestAcc1315_MinimalRefreshVerifiesTheToken(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.MinimalRefresh)
	inEachMode(t, []mode{writeOnly, versioned}, func(d drift) {
		d.RevokeToken(d.Token)
		d.plan("-minimal-refresh").expectExit(2).expectWarning("Recruitee rejected the API token for company 816")
		// Terraform plans twice and reads the connection in between. Both plans use the same response from Recruitee.
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
	})
}

func TestAcc1316_MinimalRefreshReadsChangingConnections(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.MinimalRefresh)
	inEachMode(t, []mode{unmanaged, writeOnly}, func(d drift) {
		d.Relabel(d.id, "Somebody's")
		d.plan("-minimal-refresh").expectExit(0)
		expectCount(d.t, d.Requests().To(sandbox.Wintro), 0)
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		d.plan("-minimal-refresh").expectExit(2).expectPlan(changes("name", "Somebody's", "HR"))
		d.applySavedPlan().expectExit(0)
		d.plan().expectExit(0)
	})
}

func TestAcc1317_MockedProviderWithTheEphemeralResourceSendsNothing(t *testing.T) {
	t.Parallel()
	needs(t, terraformcli.MockedEphemeral)
	env := newEnvironment(t)
	tf := env.terraform(t, ephemeralVariable(env.provider()), resourceBlock(verified), ephemeralToken("self.company != null"))
	mock := ""
	if !cli(t).OpenTofu {
		// OpenTofu has no mock_ephemeral block: it generates the values.
		mock = `
  mock_ephemeral "wintro_recruitee_token" {
    defaults = {
      company = { id = "816", name = "Mocked", subdomain = "mocked" }
    }
  }
`
	}
	tf.addFile("mocked.tftest.hcl", `
mock_provider "wintro" {`+mock+`}

run "connection" {
  variables {
    token = "a-token"
  }

  assert {
    condition     = wintro_recruitee_connection.acme.company_id == "816"
    error_message = "The company has changed."
  }
}
`)
	tf.run("test", "-no-color").expectExit(0).expectOutput("1 passed, 0 failed")
	env.expectRequests(t, map[string]int{})
}

const syncAddress = "action.wintro_recruitee_connection_sync.now"

// syncBlock returns an action block that syncs a connection. id is an expression for the connection's ID.
func syncBlock(id string) string {
	return fmt.Sprintf(`
action "wintro_recruitee_connection_sync" "now" {
  config {
    connection_id = %s
  }
}`, id)
}

// trigger returns a lifecycle block that runs the sync at the given events. If onFailure is empty, the block doesn't
// set on_failure.
func trigger(events, onFailure string) string {
	if onFailure != "" {
		onFailure = "on_failure = " + onFailure
	}
	return fmt.Sprintf(`
  lifecycle {
    action_trigger {
      events  = [%s]
      actions = [%s]
      %s
    }
  }`, events, syncAddress, onFailure)
}

// expectIdentity checks that the state contains exactly one resource, and that its identity has this ID.
func (tf *terraform) expectIdentity(id string) {
	tf.t.Helper()
	if all := tf.state().Resources; len(all) != 1 || fmt.Sprint(all[0].Instances[0].Identity) != fmt.Sprint(map[string]any{"id": id}) {
		tf.t.Errorf("identity %v instead of %s", all, id)
	}
}
