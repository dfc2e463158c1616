package docstest

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

var examples = filepath.Join(root, "examples")

const acme = sandbox.SeedCompanyID

// newExample returns an example with a copy of a folder, or of some of its files. It leaves out configuration files
// that need features that this Terraform lacks. If no configuration file is left, or if it leaves out a file in files,
// it skips the test.
func newExample(t *testing.T, dir string, files ...string) *example {
	t.Helper()
	e := newEmptyExample(t)
	hasSettings, copied := false, 0
	eachFile(t, filepath.Join(examples, dir), func(name, text string) {
		if len(files) > 0 && !slices.Contains(files, name) {
			return
		}
		if isHCL(name) {
			body := parse(t, name, text)
			if !hasFeatures(t, neededFeatures(body)) {
				return
			}
			hasSettings = hasSettings || hasBlock(body, "terraform")
			copied++
		}
		e.write(name, text)
	})
	if copied == 0 || len(files) > copied {
		t.Skip("this Terraform is too old, or is OpenTofu")
	}
	if !hasSettings {
		e.write("provider.tf", read(t, filepath.Join(examples, "provider", "provider.tf")))
	}
	return e
}

// eachFile calls use for each file below a folder. The names are relative to the folder, with slashes.
func eachFile(t *testing.T, dir string, use func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			use(filepath.ToSlash(name), read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func isHCL(name string) bool {
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".hcl")
}

// init runs terraform init, which installs the providers.
func (f *folder) init() {
	f.t.Helper()
	f.terraform(0, "init", "-no-color", "-input=false")
}

// plan runs terraform plan -detailed-exitcode and expects this exit code.
func (e *example) plan(exit int) string {
	e.t.Helper()
	return e.terraform(exit, "plan", "-no-color", "-input=false", "-detailed-exitcode")
}

// apply runs terraform apply and expects this exit code.
func (e *example) apply(exit int) string {
	e.t.Helper()
	return e.terraform(exit, "apply", "-no-color", "-input=false", "-auto-approve")
}

// appliesCleanly runs init, then applies the configuration, and expects no warnings. It also expects that the next plan
// has no changes.
func (e *example) appliesCleanly() (applied string) {
	e.t.Helper()
	e.init()
	applied = e.apply(0)
	expectNoWarning(e.t, applied)
	e.expectNoChanges()
	return applied
}

// expectNoWarning fails if the output contains a warning. It ignores the hint to use a write-only attribute, because
// one example uses a plain token on purpose.
func expectNoWarning(t *testing.T, printed string) {
	t.Helper()
	if strings.Count(printed, "Warning:") > strings.Count(printed, "Warning: Available Write-Only Attribute Alternative") {
		t.Errorf("the output contains a warning: %s", printed)
	}
}

// expectNoChanges makes a plan. It expects that the plan has no changes and that no check fails.
func (e *example) expectNoChanges() {
	e.t.Helper()
	e.expectOutput(e.plan(0), "No changes.")
}

func (e *example) expectOutput(printed, words string) {
	e.t.Helper()
	if strings.Contains(printed, "Check block assertion failed") {
		e.t.Errorf("a check fails: %s", printed)
	}
	if !strings.Contains(printed, words) {
		e.t.Errorf("the output doesn't contain %q: %s", words, printed)
	}
}

// connectionID returns the ID of the connection in the sandbox. It fails the test unless there is exactly one.
func (e *example) connectionID() string {
	e.t.Helper()
	all := e.Connections()
	if len(all) != 1 {
		e.t.Fatalf("the sandbox has %d connections instead of 1", len(all))
	}
	return all[0].ID
}

// exampleTests maps the folder of each example to the example's test. TestAccEachExampleIsRunAndFormatted fails if a
// folder with HCL files is missing here.
var exampleTests = map[string]func(t *testing.T, dir string){
	"provider": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.init()
		e.expectNoChanges()
	},
	"resources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		t.Run("created", func(t *testing.T) {
			newExample(t, dir, "resource.tf").appliesCleanly()
		})
		for _, file := range []string{"import-by-string-id.tf", "import-by-identity.tf"} {
			t.Run(file, func(t *testing.T) {
				e := newExample(t, dir, "resource.tf", file)
				id := e.Connect(acme, exampleName, e.Token)
				e.write(file, strings.ReplaceAll(read(t, filepath.Join(e.dir, file)), exampleID, id))
				e.expectOutput(e.appliesCleanly(), "1 imported, 0 added, 0 changed, 0 destroyed")
			})
		}
		t.Run("imported by command", func(t *testing.T) { testImportByCommand(t, dir) })
	},
	"data-sources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		id := e.Connect(acme, "By hand", e.Token)
		e.init()
		e.expectNoChanges()
		e.SetStatus(id, "invalid")
		if printed := e.plan(0); !strings.Contains(printed, "Acme's connection to Wintro is invalid.") {
			t.Errorf("the check doesn't fail: %s", printed)
		}
	},
	"data-sources/wintro_recruitee_connections": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.SetStatus(e.Connect(acme, "By hand", e.Token), "invalid")
		e.expectOutput(e.appliesCleanly(), `invalid_connections = tolist([ "By hand", ])`)
	},
	"ephemeral-resources/wintro_recruitee_token": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.appliesCleanly()
		stranger := e.AddOwner(sandbox.Owner{CompanyID: acme, Email: "ada@elsewhere.example", Administrator: true})
		e.useToken(e.IssueToken(acme, stranger.ID))
		e.expectOutput(e.plan(1), "The token's owner doesn't work at Acme.")
	},
	"list-resources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		for file, healthy := range map[string]int{"list-resource.tfquery.hcl": 1, "list-resource-invalid.tfquery.hcl": 0} {
			t.Run(file, func(t *testing.T) {
				e := newExample(t, dir, file)
				e.Connect(acme, "Healthy", e.Token)
				// Create more than 100 connections, because terraform query returns only 100 if a list block has no
				// limit.
				for range 101 {
					company := e.AddCompany(sandbox.Company{}).ID
					owner := e.AddOwner(sandbox.Owner{CompanyID: company, Administrator: true})
					e.SetStatus(e.Connect(company, "Broken", e.IssueToken(company, owner.ID)), "invalid")
				}
				e.init()
				e.terraform(0, "validate", "-no-color", "-query")
				found := e.terraform(0, "query", "-no-color", "-generate-config-out=found.tf")
				if strings.Count(found, ": Healthy") != healthy || strings.Count(found, ": Broken") != 101 {
					t.Errorf("the query printed %s", found)
				}
				expectNoWarning(t, found)
			})
		}
	},
	"actions/wintro_recruitee_connection_sync": func(t *testing.T, dir string) {
		if !hasFeatures(t, []*terraformcli.Feature{terraformcli.SyncAction}) {
			t.Skip("this Terraform is too old, or is OpenTofu")
		}
		e := newExample(t, "provider")
		text := read(t, filepath.Join(examples, dir, "action.tf"))
		if !cli(t).Has(terraformcli.ActionOnDestroy) {
			// A comment in the example asks users of older versions to make this change.
			text = strings.Replace(text, "= caller.id", "= wintro_recruitee_connection.acme.id", 1)
		}
		e.write("action.tf", text)
		e.expectOutput(e.appliesCleanly(), "succeeded, vacancies read: 12")
		e.expectOutput(e.applyWith("-invoke=action.wintro_recruitee_connection_sync.acme"), "succeeded, vacancies read: 12")
	},
	"functions/recruitee_company_id": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.expectOutput(e.appliesCleanly(), `company_id = "38422"`)
	},
	"functions/token_fingerprint": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.Connect(acme, "By hand", e.Token)
		e.init()
		e.expectNoChanges()
		e.useToken(e.newToken())
		if printed := e.plan(0); !strings.Contains(printed, "Wintro has another token for Acme.") {
			t.Errorf("the check doesn't fail: %s", printed)
		}
	},
	"complete": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.expectOutput(e.appliesCleanly(), `"company" = "Acme"`)
		if cli(t).Has(terraformcli.SyncAction) {
			e.expectOutput(e.applyWith("-invoke=action.wintro_recruitee_connection_sync.acme"), "succeeded, vacancies read: 12")
		}
		e.useToken(e.newToken())
		e.apply(0)
		e.expectNoChanges()
	},
	"rotation/by-value":            testRotation,
	"rotation/vault":               testRotation,
	"rotation/aws-secrets-manager": testRotation,
	"rotation/1password":           testRotation,
	"rotation/plain":               testRotation,
	"rotation/by-version":          testRotation,
	"many-companies": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.expectOutput(e.appliesCleanly(), `"acme_canada" = "disabled" "acme_netherlands" = "active" "acme_poland" = "active"`)
		counts := map[string]int{}
		for _, connection := range e.Snapshot().Connections {
			counts[connection.OrganisationID]++
		}
		for i, expected := range []int{2, 1} {
			if got := counts[e.Organisations()[i].ID]; got != expected {
				t.Errorf("%d connections in organisation %d instead of %d", got, i, expected)
			}
		}
	},
	"watch-a-token": testWatchAToken,
	// This example needs an account in HCP Terraform, so the tests only parse it and check its format.
	"ci/hcp-terraform": func(*testing.T, string) {},
	"ci": func(t *testing.T, dir string) {
		newExample(t, dir).appliesCleanly()
	},
	"drift-detection": func(t *testing.T, dir string) {
		newExample(t, dir).appliesCleanly()
	},
	"module-with-tests": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.init()
		e.expectOutput(e.terraform(0, "test", "-no-color"), "Success! 7 passed, 0 failed.")
		if left := len(e.Connections()); left > 0 {
			t.Errorf("the example's tests left %d connections", left)
		}
	},
}

func (e *example) applyWith(arguments ...string) string {
	e.t.Helper()
	return e.terraform(0, append([]string{"apply", "-no-color", "-auto-approve"}, arguments...)...)
}

func TestAccExamples(t *testing.T) {
	t.Parallel()
	for dir, test := range exampleTests {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			test(t, dir)
		})
	}
}

func TestAccEachExampleIsRunAndFormatted(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.dir = examples
	f.terraform(0, "fmt", "-check", "-diff", "-recursive")
	eachFile(t, examples, func(name, _ string) {
		if !isHCL(name) {
			return
		}
		for dir := range exampleTests {
			if strings.HasPrefix(name, dir+"/") {
				return
			}
		}
		t.Errorf("no test runs examples/%s", name)
	})
}

// testRotation creates a connection, and then applies a new token. It expects Wintro to get this token. The example by
// version sends a new token only together with a new version.
func testRotation(t *testing.T, dir string) {
	e := newExample(t, dir)
	e.appliesCleanly()
	token := e.newToken()
	e.useToken(token)
	if dir == "rotation/by-version" {
		e.expectNoChanges()
		e.set("TF_VAR_recruitee_api_token_version", "2026-12")
	}
	e.expectOutput(e.apply(0), "0 added, 1 changed, 0 destroyed")
	e.expectNoChanges()
	if !e.HoldsToken(e.connectionID(), token) {
		t.Error("Wintro doesn't have the new token")
	}
}

// testWatchAToken plans without an API token of Wintro, first with a token that works, and then with each problem that
// the example reports.
func testWatchAToken(t *testing.T, dir string) {
	e := newExample(t, dir)
	e.env = slices.DeleteFunc(e.env, func(variable string) bool { return strings.HasPrefix(variable, "WINTRO_") })
	e.init()
	e.expectNoChanges()
	e.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})
	e.expectMessage(e.plan(1), "Recruitee could not be reached, so the token was not verified.")
	e.ClearFaults()
	e.SetAdministrator(sandbox.SeedOwnerID, false)
	e.expectMessage(e.plan(1), blockWith(t, guide(t, "before-wintro-opens-its-api", "text"), "isn't an Administrator"))
	e.SetAdministrator(sandbox.SeedOwnerID, true)
	e.SetActive(sandbox.SeedOwnerID, false)
	e.expectMessage(e.plan(1), "gives no access to Recruitee company 816")
	e.SetActive(sandbox.SeedOwnerID, true)
	e.set("TF_VAR_pasted_token_fingerprint", sandbox.Fingerprint(e.Token))
	e.expectNoChanges()
	token := e.newToken()
	e.useToken(token)
	e.expectMessage(e.plan(1), "a different token from the one that was pasted into Wintro")
	e.RevokeToken(token)
	e.expectMessage(e.plan(1), "Recruitee rejected the API token")
	if sent := len(e.Requests().To(sandbox.Wintro)); sent > 0 {
		t.Errorf("%d requests were sent to Wintro", sent)
	}
}

// exampleID is the connection ID that the import examples use.
const exampleID = "conn_93ceff9b16ab4ea5aa68"

// exampleName is the connection's name in the example of the resource.
const exampleName = "Recruitee (Acme)"

func testImportByCommand(t *testing.T, dir string) {
	for line := range strings.Lines(read(t, filepath.Join(examples, dir, "import.sh"))) {
		command := strings.Fields(line)
		if len(command) == 0 || command[0] != "terraform" {
			continue
		}
		e := newExample(t, dir, "resource.tf")
		id := e.Connect(acme, exampleName, e.Token)
		e.init()
		for i := range command {
			command[i] = strings.ReplaceAll(command[i], exampleID, id)
		}
		e.expectOutput(e.terraform(0, command[1:]...), "Import successful!")
		e.expectNoChanges()
	}
}
