package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

var examples = filepath.Join(root, "examples")

const acme = sandbox.SeedCompanyID

// example is a configuration from the examples in a folder of its own, and its world.
type example struct {
	*folder
	*world
	t *testing.T
}

// newExample copies a folder, or some files of it, from the examples. What this Terraform is too old for
// is left out, file by file, where the rest can do without it; otherwise the test is skipped.
func newExample(t *testing.T, dir string, files ...string) *example {
	t.Helper()
	w := newWorld(t)
	e := &example{folder: newFolder(t, w.environment()...), world: w, t: t}
	hasSettings, copied := false, 0
	eachFile(t, filepath.Join(examples, dir), func(name, text string) {
		if len(files) > 0 && !slices.Contains(files, name) {
			return
		}
		if isHCL(name) {
			body := parse(t, name, text)
			if lacks(t, needs(body)) {
				return
			}
			hasSettings = hasSettings || has(body, "terraform")
			copied++
		}
		e.write(name, text)
	})
	if copied == 0 || len(files) > copied {
		t.Skip("this Terraform lacks what it is about")
	}
	if !hasSettings {
		e.write("provider.tf", read(t, filepath.Join(examples, "provider", "provider.tf")))
	}
	if err := os.Chmod(filepath.Join(e.dir, "drift.sh"), 0o700); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return e
}

// eachFile reads all files below a folder. Names have slashes and begin below the folder.
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

// set changes a variable of the environment.
func (f *folder) set(name, value string) {
	f.env = append(f.env, name+"="+value)
}

// useToken gives the configuration another Recruitee token, from wherever it has it.
func (e *example) useToken(token string) {
	e.set("TF_VAR_recruitee_api_token", token)
	e.set(storedToken, token)
}

// valid installs the providers and validates.
func (e *example) valid() {
	e.t.Helper()
	e.terraform(0, "init", "-no-color", "-input=false")
	e.terraform(0, "validate", "-no-color")
}

// plan expects this exit code, as apply does.
func (e *example) plan(exit int) string {
	e.t.Helper()
	return e.terraform(exit, "plan", "-no-color", "-input=false", "-detailed-exitcode")
}

func (e *example) apply(exit int) string {
	e.t.Helper()
	return e.terraform(exit, "apply", "-no-color", "-input=false", "-auto-approve")
}

// works validates, plans and applies, and plans again: then nothing is to be done.
func (e *example) works() (applied string) {
	e.t.Helper()
	e.valid()
	e.plan(2)
	applied = e.apply(0)
	e.isClean()
	return applied
}

// isClean plans: nothing is to be done, and no check fails.
func (e *example) isClean() {
	e.t.Helper()
	e.contains(e.plan(0), "No changes.")
}

func (e *example) contains(printed, words string) {
	e.t.Helper()
	if strings.Contains(printed, "Check block assertion failed") {
		e.t.Errorf("a check fails: %s", printed)
	}
	if !strings.Contains(printed, words) {
		e.t.Errorf("%q isn't printed: %s", words, printed)
	}
}

// link is the only one there is.
func (e *example) link() string {
	e.t.Helper()
	all := e.Connections()
	if len(all) != 1 {
		e.t.Fatalf("there are %d links", len(all))
	}
	return all[0].ID
}

// exampleTests hold what is done with each example. A folder that isn't here fails the test below.
var exampleTests = map[string]func(t *testing.T, dir string){
	"provider": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.valid()
		e.isClean()
	},
	"resources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		t.Run("made", func(t *testing.T) {
			newExample(t, dir, "resource.tf").works()
		})
		t.Run("imported by ID", func(t *testing.T) { importByID(t, dir) })
		t.Run("imported by identity", func(t *testing.T) { importedByIdentity(t, dir) })
		t.Run("imported by command", func(t *testing.T) { importedByCommand(t, dir) })
	},
	"data-sources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		id := e.Connect(acme, "By hand", e.token)
		e.valid()
		e.isClean()
		e.SetStatus(id, "invalid")
		if printed := e.plan(0); !strings.Contains(printed, "Acme's link to Wintro is invalid.") {
			t.Errorf("the check says nothing: %s", printed)
		}
	},
	"data-sources/wintro_recruitee_connections": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.SetStatus(e.Connect(acme, "By hand", e.token), "invalid")
		e.contains(e.works(), `links_that_do_not_work = tolist([ "By hand", ])`)
	},
	"ephemeral-resources/wintro_recruitee_token": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.works()
		stranger := e.AddOwner(sandbox.Owner{CompanyID: acme, Email: "ada@elsewhere.example", Administrator: true})
		e.useToken(e.IssueToken(acme, stranger.ID))
		e.contains(e.plan(1), "The token belongs to nobody at Acme.")
	},
	"list-resources/wintro_recruitee_connection": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.Connect(acme, "By hand", e.token)
		e.SetStatus(e.Connect(e.AddCompany(sandbox.Company{}).ID, "Broken", "t"), "invalid")
		e.valid()
		e.terraform(0, "validate", "-no-color", "-query")
		found := e.terraform(0, "query", "-no-color", "-generate-config-out=found.tf")
		if strings.Count(found, "By hand (816)") != 1 || strings.Count(found, "Broken (") != 2 {
			t.Errorf("found: %s", found)
		}
	},
	"actions/wintro_recruitee_connection_sync": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.contains(e.works(), "is succeeded: 12 read so far")
		e.contains(e.applyWith("-invoke=action.wintro_recruitee_connection_sync.acme"), "is succeeded: 12 read so far")
	},
	"functions/recruitee_company_id": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.contains(e.works(), `company_id = "38422"`)
	},
	"functions/token_fingerprint": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.Connect(acme, "By hand", e.token)
		e.valid()
		e.isClean()
		e.useToken(e.newToken())
		if printed := e.plan(0); !strings.Contains(printed, "Wintro holds another token for Acme.") {
			t.Errorf("the check says nothing: %s", printed)
		}
	},
	"complete": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.contains(e.works(), `"token_owner" = "ada@acme.example"`)
		e.useToken(e.newToken())
		e.apply(0)
		e.isClean()
	},
	"rotation/by-value":            rotates,
	"rotation/vault":               rotates,
	"rotation/aws-secrets-manager": rotates,
	"rotation/1password":           rotates,
	"rotation/plain":               rotates,
	"rotation/by-version": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.works()
		token := e.newToken()
		e.useToken(token)
		e.isClean()
		e.set("TF_VAR_recruitee_api_token_version", "2026-12")
		e.plan(2)
		e.apply(0)
		e.isClean()
		if !e.HoldsToken(e.link(), token) {
			t.Error("Wintro doesn't hold the new token")
		}
	},
	"many-companies": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		tokens := []string{`acme_netherlands = "` + e.token + `"`}
		for key, id := range map[string]int64{"acme_poland": 817, "acme_canada": 818} {
			e.AddCompany(sandbox.Company{ID: id})
			owner := e.AddOwner(sandbox.Owner{CompanyID: id, Administrator: true})
			tokens = append(tokens, key+` = "`+e.IssueToken(id, owner.ID)+`"`)
		}
		// Here the two organisations are one.
		e.set("TF_VAR_wintro_api_tokens", `{ europe = "`+e.WintroToken()+`", americas = "`+e.WintroToken()+`" }`)
		e.set("TF_VAR_recruitee_api_tokens", "{ "+strings.Join(tokens, ", ")+" }")
		e.contains(e.works(), `"acme_canada" = "disabled" "acme_netherlands" = "active" "acme_poland" = "active"`)
	},
	"drift-detection": func(t *testing.T, dir string) {
		newExample(t, dir).works()
	},
	"module-with-tests": func(t *testing.T, dir string) {
		e := newExample(t, dir)
		e.terraform(0, "init", "-no-color", "-input=false")
		e.contains(e.terraform(0, "test", "-no-color"), "Success! 7 passed, 0 failed.")
		if left := len(e.Connections()); left > 0 {
			t.Errorf("%d links are left", left)
		}
	},
}

// applyWith applies with arguments.
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
	eachFile(t, examples, func(name, text string) {
		if !isHCL(name) {
			return
		}
		expectFormatted(t, "examples/"+name, text)
		for dir := range exampleTests {
			if strings.HasPrefix(name, dir+"/") {
				return
			}
		}
		t.Errorf("examples/%s isn't run", name)
	})
}

// rotates makes a link, and another token is applied.
func rotates(t *testing.T, dir string) {
	e := newExample(t, dir)
	e.works()
	token := e.newToken()
	e.useToken(token)
	e.plan(2)
	e.apply(0)
	e.isClean()
	if !e.HoldsToken(e.link(), token) {
		t.Error("Wintro doesn't hold the new token")
	}
}

// exampleID is the ID in examples of imports.
const exampleID = "conn_93ceff9b16ab4ea5aa68"

// exampleName is the label in the example of the resource.
const exampleName = "Recruitee (Acme)"

func importByID(t *testing.T, dir string) {
	e := newExample(t, dir, "resource.tf", "import-by-string-id.tf")
	e.Connect(acme, exampleName, e.token)
	e.contains(e.works(), "1 imported, 0 added, 0 changed, 0 destroyed")
}

func importedByIdentity(t *testing.T, dir string) {
	e := newExample(t, dir, "resource.tf", "import-by-identity.tf")
	id := e.Connect(acme, exampleName, e.token)
	e.write("import-by-identity.tf", strings.ReplaceAll(read(t, filepath.Join(e.dir, "import-by-identity.tf")), exampleID, id))
	e.contains(e.works(), "1 imported, 0 added, 0 changed, 0 destroyed")
}

func importedByCommand(t *testing.T, dir string) {
	for line := range strings.Lines(read(t, filepath.Join(examples, dir, "import.sh"))) {
		command := strings.Fields(line)
		if len(command) == 0 || command[0] != "terraform" {
			continue
		}
		e := newExample(t, dir, "resource.tf")
		id := e.Connect(acme, exampleName, e.token)
		e.valid()
		for i := range command {
			command[i] = strings.ReplaceAll(command[i], exampleID, id)
		}
		e.contains(e.terraform(0, command[1:]...), "Import successful!")
		e.isClean()
	}
}
