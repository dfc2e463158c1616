package docs

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The tests of what guides say that is more than a valid block.

// guide returns the blocks of code of a guide, in this language.
func guide(t *testing.T, name, language string) []string {
	t.Helper()
	p := page{"docs/guides/" + name + ".md", read(t, filepath.Join(root, "docs", "guides", name+".md"))}
	blocks, _ := p.split(t)
	var all []string
	for _, b := range blocks {
		if b.language == language {
			all = append(all, b.text)
		}
	}
	return all
}

// blockWith is the one block that has these words.
func blockWith(t *testing.T, blocks []string, words string) string {
	t.Helper()
	for _, b := range blocks {
		if strings.Contains(b, words) {
			return b
		}
	}
	t.Fatalf("there is no block with %q", words)
	return ""
}

// newGuide is a folder with blocks of a guide, and what they leave out.
func newGuide(t *testing.T, blocks ...string) *example {
	t.Helper()
	w := newWorld(t)
	e := &example{folder: newFolder(t, w.environment()...), world: w, t: t}
	e.use(blocks...)
	return e
}

func (e *example) use(blocks ...string) {
	e.t.Helper()
	text := strings.Join(blocks, "\n")
	e.write("main.tf", text)
	e.write("stubs.tf", stubs(e.t, parse(e.t, "main.tf", text)))
}

func TestAccDriftScriptTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	e := newExample(t, "drift-detection")
	var mu sync.Mutex
	var said []string
	channel := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var message struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(body, &message); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		said = append(said, message.Text)
	}))
	defer channel.Close()
	e.set("ALERT_WEBHOOK", channel.URL)
	e.set("RUN_URL", "https://ci.example/17")
	e.set("PATH", e.commands())
	drift := func(exit int, expected string) {
		t.Helper()
		printed := e.run(exit, "./drift.sh")
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(printed, e.token) {
			t.Error("the token is printed")
		}
		if is := strings.Join(said, "\n"); expected == "" && is != "" || !strings.Contains(is, expected) || expected != "" && !strings.Contains(is, "https://ci.example/17") {
			t.Errorf("%q is said instead of %q", is, expected)
		}
		said = nil
	}

	e.terraform(0, "init", "-no-color", "-input=false")
	e.apply(0)
	drift(0, "")
	e.SetStatus(e.link(), "invalid")
	drift(2, "does not work, or is not as it is configured")
	e.apply(0)
	e.RevokeToken(e.token)
	drift(2, "does not work, or is not as it is configured")
	e.SetWintroAccess(sandbox.AccessForbidden)
	drift(1, "could not be checked")
	e.SetWintroAccess(sandbox.AccessGranted)
	e.useToken(e.newToken())
	e.apply(0)
	drift(0, "")
	// A day would have to pass for the check to fail.
	e.write("main.tf", strings.Replace(read(t, filepath.Join(e.dir, "main.tf")), `"24h"`, `"0h"`, 1))
	drift(0, "A check of the links between Recruitee and Wintro fails.")
}

// commands is a PATH on which the Terraform of this test is terraform.
func (e *example) commands() string {
	e.t.Helper()
	dir := e.t.TempDir()
	if err := os.Symlink(theTerraform(e.t).path, filepath.Join(dir, "terraform")); err != nil {
		e.t.Fatal(err)
	}
	return dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

func TestAccDataInsideOfACheckIsExitCode2(t *testing.T) {
	t.Parallel()
	e := newGuide(t, `
data "wintro_recruitee_connection" "outside" {
  company_id = "816"
}

check "outside" {
  assert {
    condition     = data.wintro_recruitee_connection.outside.status == "active"
    error_message = "It doesn't work."
  }
}`)
	e.Connect(acme, "By hand", e.token)
	e.valid()
	e.apply(0)
	e.plan(0)
	e.write("main.tf", `
check "inside" {
  data "wintro_recruitee_connection" "inside" {
    company_id = "816"
  }

  assert {
    condition     = data.wintro_recruitee_connection.inside.status == "active"
    error_message = "It doesn't work."
  }
}`)
	e.apply(0)
	if code, printed := e.execute(nil, theTerraform(t).path, "plan", "-no-color", "-detailed-exitcode"); code != 2 {
		t.Errorf("exit code %d: the guides and the examples say something else\n%s", code, printed)
	}
}

func TestAccOnlyRefreshingNoticesABadTokenWithTheEphemeralResource(t *testing.T) {
	t.Parallel()
	e := newGuide(t, blockWith(t, guide(t, "drift-detection", "terraform"), `ephemeral "wintro_recruitee_token"`))
	e.works()
	e.RevokeToken(e.token)
	e.contains(e.terraform(1, "plan", "-refresh-only", "-no-color"), "Recruitee rejected the API token")

	without := newExample(t, "drift-detection")
	without.works()
	without.RevokeToken(without.token)
	without.terraform(0, "plan", "-refresh-only", "-no-color")
	without.SetStatus(without.link(), "invalid")
	without.contains(without.terraform(0, "plan", "-refresh-only", "-no-color"), `status = "active" -> "invalid"`)
}

func TestAccASavedPlanHoldsAValueThatIsOnlySensitive(t *testing.T) {
	t.Parallel()
	configuration := read(t, filepath.Join(examples, "rotation", "by-value", "main.tf"))
	for _, ephemeral := range []bool{true, false} {
		e := newExample(t, "rotation/by-value")
		if !ephemeral {
			e.write("main.tf", strings.Replace(configuration, "  ephemeral = true\n", "", 1))
		}
		e.valid()
		e.terraform(0, "plan", "-no-color", "-out=saved")
		if holds := strings.Contains(e.savedPlan("saved"), e.token); holds == ephemeral {
			t.Errorf("ephemeral is %t, the plan holds the token is %t", ephemeral, holds)
		}
	}
}

// savedPlan is what a plan file holds of the plan itself.
func (e *example) savedPlan(name string) string {
	e.t.Helper()
	archive, err := zip.OpenReader(filepath.Join(e.dir, name))
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	file, err := archive.Open("tfplan")
	if err != nil {
		e.t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(text)
}

func TestAccMovingFromRestapiObject(t *testing.T) {
	t.Parallel()
	blocks := guide(t, "migrating", "terraform")
	e := newGuide(t, blockWith(t, blocks, `resource "restapi_object"`))
	e.set("TF_VAR_wintro_api_token", e.WintroToken())
	e.valid()
	e.apply(0)
	e.Connect(acme, exampleName, e.token)
	before := e.link()

	e.use(blockWith(t, blocks, "removed {"), `provider "restapi" { uri = "https://www.wintro.app/api/v1" }`)
	e.ClearRequests()
	planned := e.plan(2)
	e.contains(planned, "1 to import, 0 to add, 0 to change, 0 to destroy")
	e.contains(planned, "but will not be destroyed")
	e.apply(0)
	e.isClean()
	if e.link() != before || len(e.Requests().With(http.MethodPatch)) > 0 {
		t.Error("the link is another one, or was changed")
	}
}

func TestAccAdoptingSomeLinks(t *testing.T) {
	t.Parallel()
	e := newGuide(t, blockWith(t, guide(t, "adopting-existing-connections", "terraform"), `company_id=${each.value}`))
	e.Connect(acme, "Recruitee", e.token)
	e.Connect(e.AddCompany(sandbox.Company{ID: 817}).ID, "Recruitee", e.IssueToken(817, e.AddOwner(sandbox.Owner{CompanyID: 817, Administrator: true}).ID))
	e.contains(e.works(), "2 imported, 0 added, 0 changed, 0 destroyed")
}

func TestAccAdoptingALinkWithTimeoutsIsOneUpdateThatSendsNothing(t *testing.T) {
	t.Parallel()
	block := blockWith(t, guide(t, "adopting-existing-connections", "terraform"), "Recruitee (by Ada)")
	e := newGuide(t, strings.TrimSuffix(strings.TrimSpace(block), "}")+"\n  timeouts {\n    create = \"5m\"\n  }\n}\n")
	e.Connect(acme, "Recruitee (by Ada)", e.token)
	e.ClearRequests()
	e.contains(e.works(), "1 imported, 0 added, 1 changed, 0 destroyed")
	if len(e.Requests().With(http.MethodPatch)) > 0 {
		t.Error("something was sent")
	}
}

// The lines with curl are run as they stand, one after the other.
func TestAccSandboxGuideBreaksThings(t *testing.T) {
	t.Parallel()
	e := newExample(t, "rotation/by-value")
	e.valid()
	e.apply(0)
	strict := "set -e\ncurl() { command curl --fail-with-body --silent --show-error \"$@\"; }\n"
	ran := 0
	for _, script := range guide(t, "testing-with-the-sandbox", "sh") {
		if !strings.Contains(script, "curl $WINTRO_SANDBOX_CONTROL/") {
			continue
		}
		ran++
		e.run(0, "sh", "-c", strict+script)
	}
	if ran != 3 {
		t.Errorf("%d blocks were run", ran)
	}
	if left := len(e.Connections()) + len(e.Faults()); left > 0 {
		t.Errorf("%d links and faults are left", left)
	}
}

func TestSandboxGuideHasAllCommandsAndFaults(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join(root, "docs", "guides", "testing-with-the-sandbox.md"))
	w := newWorld(t)
	resp, err := http.Get(w.url + sandbox.ControlPath) //nolint:noctx // it is in this process
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var commands []struct {
		Method, Path string
	}
	if err := json.NewDecoder(resp.Body).Decode(&commands); err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, c := range commands {
		there["`"+c.Method+" "+c.Path+"`"] = true
	}
	for _, named := range regexp.MustCompile("(?m)^\\| (`[A-Z]+ /[a-z/-]+`) \\|").FindAllStringSubmatch(text, -1) {
		if !there[named[1]] {
			t.Errorf("there is no command %s", named[1])
		}
		delete(there, named[1])
	}
	for command := range there {
		t.Errorf("the guide doesn't name %s", command)
	}
	_, faults, _ := strings.Cut(text, "| Kind |")
	for _, kind := range sandbox.FaultKinds() {
		if !strings.Contains(faults, "`"+string(kind.Kind)+"`") {
			t.Errorf("the guide doesn't name the fault %s", kind.Kind)
		}
	}
}
