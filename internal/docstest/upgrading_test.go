package docstest

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// managed returns an example in which Terraform has created a connection.
func managed(t *testing.T) *example {
	t.Helper()
	e := newGuide(t, connectionWith("api_token_wo = var.recruitee_api_token"))
	e.init()
	e.apply(0)
	return e
}

// expectUntouched fails if Wintro has received a request other than GET, if the connection doesn't have this ID, or if
// Wintro stores another token.
func (e *example) expectUntouched(id string) {
	e.t.Helper()
	for _, request := range e.Requests().To(sandbox.Wintro) {
		if request.Method != http.MethodGet {
			e.t.Errorf("%s %s was sent", request.Method, request.Path)
		}
	}
	if e.connectionID() != id || !e.HoldsToken(id, e.Token) {
		e.t.Error("the connection or its token was replaced")
	}
}

func TestAccLeavingKeepsTheConnection(t *testing.T) {
	t.Parallel()
	blocks := guide(t, "upgrading-and-leaving", "terraform")
	e := managed(t)
	id := e.connectionID()
	e.ClearRequests()
	e.use(blockWith(t, blocks, "removed {"))
	e.expectOutput(e.plan(2), "will no longer be managed by Terraform, but will not be destroyed")
	e.apply(0)
	e.expectUntouched(id)
	e.use()
	e.expectNoChanges()
	e.expectUntouched(id)

	e.use(strings.Replace(blockWith(t, guide(t, "adopting-existing-connections", "terraform"), "Recruitee (by Ada)"), "Recruitee (by Ada)", "Recruitee", 1))
	e.expectOutput(e.apply(0), "1 imported, 0 added, 0 changed, 0 destroyed")
	e.expectUntouched(id)
}

func TestAccLeavingByCommandKeepsTheConnection(t *testing.T) {
	t.Parallel()
	e := managed(t)
	id := e.connectionID()
	e.ClearRequests()
	e.set("PATH", e.commands())
	e.run(0, "sh", "-e", "-c", blockWith(t, guide(t, "upgrading-and-leaving", "sh"), "state rm"))
	e.use()
	e.expectNoChanges()
	e.expectUntouched(id)
}

func TestAccStateBeforeAnUpgradeCanBeRestored(t *testing.T) {
	t.Parallel()
	blocks := guide(t, "upgrading-and-leaving", "sh")
	e := managed(t)
	id := e.connectionID()
	e.set("PATH", e.commands())
	e.run(0, "sh", "-e", "-c", blockWith(t, blocks, "state pull"))
	e.Relabel(id, "By hand")
	e.apply(0)
	e.ClearRequests()
	e.run(0, "sh", "-e", "-c", blockWith(t, blocks, "state push"))
	e.expectNoChanges()
	e.expectUntouched(id)
}

// TestAccMakeUninstallRemovesOnlyOurBuild lets Terraform install the provider from the folder that make install fills,
// and then runs make uninstall. Other providers and versions in the folder must stay.
func TestAccMakeUninstallRemovesOnlyOurBuild(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("make")
	if err != nil {
		t.Skip("there is no make")
	}
	others := []string{
		"registry.terraform.io/hashicorp/null/provider",
		"registry.terraform.io/wintro-ai/wintro/0.0.9/linux_amd64/terraform-provider-wintro_v0.0.9",
	}
	f := newFolder(t)
	plugins := f.dir
	for _, other := range others {
		f.write(other, "")
	}
	f.dir = root
	// If make runs this test, the calls of make below must not inherit its arguments.
	f.env = slices.DeleteFunc(f.env, func(variable string) bool { return strings.HasPrefix(variable, "MAKE") })
	runTarget := func(target string) string {
		t.Helper()
		code, printed := f.execute(nil, program, "--no-print-directory", target, "PLUGINS="+plugins)
		if code != 0 {
			t.Fatalf("make %s: %s", target, printed)
		}
		return printed
	}
	installed := runTarget("install")
	_, block, _ := strings.Cut(installed, "terraform {")

	e := newExample(t, "ci")
	e.write("mirror.tfrc", terraformcli.MirrorConfig(plugins))
	e.set("TF_CLI_CONFIG_FILE", filepath.Join(e.dir, "mirror.tfrc"))
	e.write("main.tf", "terraform {"+block+"\n"+connectionWith(`api_token_wo = "t"`))
	e.init()

	if printed := runTarget("uninstall"); strings.Count(printed, "removed "+plugins) != 2 {
		t.Errorf("make uninstall printed %s", printed)
	}
	var left []string
	eachFile(t, plugins, func(name, _ string) { left = append(left, name) })
	slices.Sort(left)
	if !slices.Equal(left, others) {
		t.Errorf("make uninstall left %q instead of %q", left, others)
	}
	if exists(filepath.Join(plugins, "registry.opentofu.org")) {
		t.Error("make uninstall left an empty folder")
	}
	if printed := runTarget("uninstall"); printed != "" {
		t.Errorf("with nothing installed, make uninstall printed %s", printed)
	}
}
