package provider

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The 13xx tests are of what only a newer Terraform can do. Each has a twin at protocol level.

// skipped counts the tests that the Terraform at hand is too old for: TestMain reports them.
var skipped atomic.Int32

// since skips a test where Terraform is older, and counts that.
func since(minimum *version.Version) tfversion.TerraformVersionCheck {
	return countedSkip{tfversion.SkipBelow(minimum)}
}

type countedSkip struct {
	tfversion.TerraformVersionCheck
}

func (c countedSkip) CheckTerraformVersion(ctx context.Context, req tfversion.CheckTerraformVersionRequest, resp *tfversion.CheckTerraformVersionResponse) {
	c.TerraformVersionCheck.CheckTerraformVersion(ctx, req, resp)
	if resp.Skip != "" {
		skipped.Add(1)
	}
}

// needs is since for tests without terraform-plugin-testing.
func needs(t *testing.T, minimum *version.Version) {
	t.Helper()
	var resp tfversion.CheckTerraformVersionResponse
	since(minimum).CheckTerraformVersion(t.Context(), tfversion.CheckTerraformVersionRequest{TerraformVersion: cli(t).Version}, &resp)
	if resp.Skip != "" {
		t.Skip(resp.Skip)
	}
}

func inProcess() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"wintro": func() (tfprotov6.ProviderServer, error) { return NewServer("test"), nil },
	}
}

func TestAcc1301_ImportBlockByIdentity(t *testing.T) {
	t.Parallel()
	w := newEnvironment(t)
	config := withoutSource(w.provider()) + strings.Replace(resourceBlock(writeOnly), "var.token", fmt.Sprintf("%q", w.Token), 1)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{since(tfversion.Version1_12_0)},
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

func TestAcc1302_Query(t *testing.T) {
	t.Parallel()
	w := newEnvironment(t)
	id := w.Connect(acme, "By hand", w.Token)
	w.Connect(w.AddCompany(sandbox.Company{}).ID, "Other", "t")
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{since(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: inProcess(),
		Steps: []resource.TestStep{{
			// A query needs a configuration that the provider was installed for.
			Config: withoutSource(w.provider()) + "data \"wintro_recruitee_connections\" \"all\" {}",
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
	needs(t, tfversion.Version1_14_0)
	w := newEnvironment(t)
	w.Connect(acme, "By hand", w.Token)
	w.SetEnabled(w.Connect(w.AddCompany(sandbox.Company{}).ID, "Off", "t"), false)
	tf := w.terraform(t, w.provider())
	query := "list \"wintro_recruitee_connection\" \"all\" {\n  provider = wintro\n}\n"
	if err := os.WriteFile(filepath.Join(tf.dir, "all.tfquery.hcl"), []byte(query), 0o600); err != nil {
		t.Fatal(err)
	}
	tf.run("query", "-generate-config-out=generated.tf").expectExit(0)
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
	if sent := w.Requests().With(http.MethodPatch); len(sent) > 0 {
		t.Error("something was sent")
	}
}

func TestAcc1304_SyncAfterTheLinkIsMade(t *testing.T) {
	t.Parallel()
	needs(t, tfversion.Version1_14_0)
	w := newEnvironment(t)
	w.SetVacancies(5)
	tf := w.terraform(t, w.provider(), resourceBlock(writeOnly, `
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.wintro_recruitee_connection_sync.now]
    }
  }`), `
action "wintro_recruitee_connection_sync" "now" {
  config {
    connection_id = wintro_recruitee_connection.acme.id
  }
}`)
	tf.apply().expectExit(0).expectOutput("is succeeded: 5 read so far")
	tf.token = w.newToken()
	tf.apply().expectExit(0)
	if syncs := w.Requests().With(http.MethodPost).At("/syncs"); len(syncs) != 2 {
		t.Errorf("%d syncs", len(syncs))
	}
	w.FailSyncs("vacancy 3 has no title")
	tf.token = w.newToken()
	// Terraform puts a summary of its own above an action's.
	tf.apply().expectError("Error when invoking action", "The vacancy sync failed", "vacancy 3 has no title")
}
