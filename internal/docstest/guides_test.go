package docstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// These tests check statements in the guides, and run blocks of code from the guides.

// guide returns the blocks of code in this language from a guide.
func guide(t *testing.T, name, language string) []string {
	t.Helper()
	return codeIn(t, "docs/guides/"+name+".md", language)
}

// codeIn returns the blocks of code in this language from a page.
func codeIn(t *testing.T, name, language string) (all []string) {
	t.Helper()
	blocks, _ := readPage(t, name).split(t)
	for _, b := range blocks {
		if b.language == language {
			all = append(all, b.text)
		}
	}
	return all
}

// blockWith returns the first block that contains these words.
func blockWith(t *testing.T, blocks []string, words string) string {
	t.Helper()
	for _, b := range blocks {
		if strings.Contains(b, words) {
			return b
		}
	}
	t.Fatalf("no block contains %q", words)
	return ""
}

// newGuide returns an example that contains blocks from a guide, and stubs for the variables and objects that the
// blocks don't declare.
func newGuide(t *testing.T, blocks ...string) *example {
	t.Helper()
	e := newEmptyExample(t)
	e.use(blocks...)
	return e
}

func (e *example) use(blocks ...string) {
	e.t.Helper()
	text := strings.Join(blocks, "\n")
	e.write("main.tf", text)
	e.write("stubs.tf", stubs(text, parse(e.t, "main.tf", text)))
}

func TestAccDriftScriptAlerts(t *testing.T) {
	t.Parallel()
	e := newExample(t, "drift-detection")
	var mu sync.Mutex
	var posted []string
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
		posted = append(posted, message.Text)
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
		if strings.Contains(printed, e.Token) {
			t.Error("the script printed the token")
		}
		got := strings.Join(posted, "\n")
		posted = nil
		switch {
		case expected == "" && got != "", !strings.Contains(got, expected):
			t.Errorf("%q was posted instead of %q", got, expected)
		case expected != "" && !strings.Contains(got, "https://ci.example/17"):
			t.Errorf("%q was posted without the address of the run", got)
		}
	}

	e.init()
	e.apply(0)
	drift(0, "")
	e.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})
	e.RevokeToken(e.Token)
	drift(3, "nothing is known about the API tokens")
	e.ClearFaults()
	drift(2, "does not work, or differs from its configuration")
	e.useToken(e.newToken())
	e.apply(0)
	e.SetStatus(e.connectionID(), "invalid")
	drift(2, "does not work, or differs from its configuration")
	e.apply(0)
	e.SetWintroAccess(sandbox.AccessForbidden)
	drift(1, "could not be checked")
	e.SetWintroAccess(sandbox.AccessGranted)
	e.useToken(e.newToken())
	e.apply(0)
	drift(0, "")
	// The example's check fails only after a day. Shorten this time to zero.
	e.write("main.tf", strings.Replace(read(t, filepath.Join(e.dir, "main.tf")), `"24h"`, `"0h"`, 1))
	drift(0, "A check of the connections between Recruitee and Wintro fails.")
}

func TestAccDataSourceInsideACheckMeansExitCode2(t *testing.T) {
	t.Parallel()
	e := newGuide(t, `
check "inside" {
  data "wintro_recruitee_connection" "inside" {
    company_id = "816"
  }

  assert {
    condition     = data.wintro_recruitee_connection.inside.status == "active"
    error_message = "It doesn't work."
  }
}`)
	e.Connect(acme, "By hand", e.Token)
	e.init()
	e.apply(0)
	e.plan(2)
}

func TestAccRefreshOnlyNoticesABadTokenWithTheEphemeralResource(t *testing.T) {
	t.Parallel()
	e := newGuide(t, blockWith(t, guide(t, "drift-detection", "terraform"), `ephemeral "wintro_recruitee_token"`))
	e.appliesCleanly()
	e.RevokeToken(e.Token)
	e.expectOutput(e.terraform(1, "plan", "-refresh-only", "-no-color"), "Recruitee rejected the API token")
	e.expectOutput(e.terraform(1, "destroy", "-no-color", "-auto-approve"), "Recruitee rejected the API token")
	e.terraform(0, "destroy", "-no-color", "-auto-approve", "-refresh=false")
	if left := len(e.Connections()); left > 0 {
		t.Errorf("the destroy that the guide recommends left %d connections", left)
	}

	without := newExample(t, "drift-detection")
	without.appliesCleanly()
	without.RevokeToken(without.Token)
	without.terraform(0, "plan", "-refresh-only", "-no-color")
	without.SetStatus(without.connectionID(), "invalid")
	without.expectOutput(without.terraform(0, "plan", "-refresh-only", "-no-color"), `status = "active" -> "invalid"`)
}

func TestAccSavedPlanContainsAValueThatIsOnlySensitive(t *testing.T) {
	t.Parallel()
	configuration := read(t, filepath.Join(examples, "rotation", "by-value", "main.tf"))
	for _, ephemeral := range []bool{true, false} {
		e := newExample(t, "rotation/by-value")
		if !ephemeral {
			e.write("main.tf", strings.Replace(configuration, "  ephemeral = true\n", "", 1))
		}
		e.init()
		e.terraform(0, "plan", "-no-color", "-out=saved")
		if contains := strings.Contains(e.terraform(0, "show", "-json", "saved"), e.Token); contains == ephemeral {
			t.Errorf("ephemeral = %t: the plan contains the token: %t", ephemeral, contains)
		}
	}
}

// TestAccVersionAvoidsReplacements renames a connection on which another resource depends. With api_token_wo_version,
// the rename must not replace the other resource.
func TestAccVersionAvoidsReplacements(t *testing.T) {
	t.Parallel()
	block := blockWith(t, codeIn(t, "docs/resources/recruitee_connection.md", "terraform"), "triggers_replace")
	unversioned := strings.NewReplacer("  api_token_wo_version = var.token_version\n", "", "acme.api_token_wo_version", "acme.api_token_fingerprint").Replace(block)
	byFingerprint := strings.Replace(block, "acme.api_token_wo_version", "acme.api_token_fingerprint", 1)
	for name, test := range map[string]struct{ configuration, expected string }{
		"unversioned":    {unversioned, "Plan: 1 to add, 1 to change, 1 to destroy."},
		"by fingerprint": {byFingerprint, "Plan: 0 to add, 1 to change, 0 to destroy."},
		"by version":     {block, "Plan: 0 to add, 1 to change, 0 to destroy."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newGuide(t, test.configuration)
			e.set("TF_VAR_token_version", "1")
			e.appliesCleanly()
			e.use(strings.Replace(test.configuration, "company_id ", "name = \"Renamed\"\n  company_id ", 1))
			e.expectOutput(e.plan(2), test.expected)
		})
	}
	t.Run("unknown company", func(t *testing.T) {
		t.Parallel()
		configuration := "resource \"terraform_data\" \"company\" {\n  input = \"816\"\n  triggers_replace = [\"1\"]\n}\n" +
			strings.Replace(connectionWith("api_token_wo = var.recruitee_api_token"), `"816"`, "terraform_data.company.output", 1)
		e := newGuide(t, configuration)
		e.appliesCleanly()
		e.use(strings.Replace(configuration, `["1"]`, `["2"]`, 1))
		e.expectOutput(e.plan(2), "Plan: 2 to add, 0 to change, 2 to destroy.")
		e.terraform(0, "apply", "-no-color", "-input=false", "-auto-approve", "-target=terraform_data.company")
		e.expectNoChanges()
	})
}

// expectMessage fails unless the output contains this message from a guide. It looks for the summary and the detail
// separately, because Terraform prints the location of an error between its summary and its detail.
func (e *example) expectMessage(printed, message string) {
	e.t.Helper()
	summary, detail, _ := strings.Cut(message, "\n\n")
	for _, part := range []string{summary, detail} {
		e.expectOutput(printed, strings.Join(strings.Fields(part), " "))
	}
}

func TestAccGuideQuotesTheErrorAboutALinkedCompany(t *testing.T) {
	t.Parallel()
	quoted := blockWith(t, guide(t, "reliability", "text"), "is already linked with Wintro")
	e := newExample(t, "resources/wintro_recruitee_connection", "resource.tf")
	id := e.Connect(acme, "By hand", e.Token)
	e.init()
	e.expectMessage(e.apply(1), strings.ReplaceAll(quoted, exampleID, id))
}

func TestAccAdoptingFromAScript(t *testing.T) {
	t.Parallel()
	e := newGuide(t, `
resource "terraform_data" "acme" {
  provisioner "local-exec" {
    when    = destroy
    command = "touch unlinked"
  }
}`)
	e.init()
	e.apply(0)
	e.Connect(acme, exampleName, e.Token)
	before := e.connectionID()

	e.use(blockWith(t, guide(t, "adopting-existing-connections", "terraform"), "from = terraform_data.acme"))
	e.init()
	e.ClearRequests()
	planned := e.plan(2)
	e.expectOutput(planned, "1 to import, 0 to add, 0 to change, 0 to destroy")
	e.expectOutput(planned, "but will not be destroyed")
	e.apply(0)
	e.expectNoChanges()
	if e.connectionID() != before || len(e.Requests().With(http.MethodPatch)) > 0 {
		t.Error("the connection was replaced or changed")
	}
	if exists(filepath.Join(e.dir, "unlinked")) {
		t.Error("the provisioner has run")
	}
}

func TestAccAdoptingSomeConnections(t *testing.T) {
	t.Parallel()
	e := newGuide(t, blockWith(t, guide(t, "adopting-existing-connections", "terraform"), `company_id=${each.value}`))
	e.Connect(acme, "Recruitee", e.Token)
	e.Connect(817, "Recruitee", e.IssueToken(817, e.AddOwner(sandbox.Owner{CompanyID: 817, Administrator: true}).ID))
	e.expectOutput(e.appliesCleanly(), "2 imported, 0 added, 0 changed, 0 destroyed")
}

func TestAccAdoptingAConnectionWithTimeoutsSendsNothing(t *testing.T) {
	t.Parallel()
	block := blockWith(t, guide(t, "adopting-existing-connections", "terraform"), "Recruitee (by Ada)")
	e := newGuide(t, strings.TrimSuffix(strings.TrimSpace(block), "}")+"\n  timeouts {\n    create = \"5m\"\n  }\n}\n")
	e.Connect(acme, "Recruitee (by Ada)", e.Token)
	e.ClearRequests()
	e.expectOutput(e.appliesCleanly(), "1 imported, 0 added, 1 changed, 0 destroyed")
	if len(e.Requests().With(http.MethodPatch)) > 0 {
		t.Error("the apply sent a PATCH request to Wintro")
	}
}

// TestMessageToWintroNamesAllEndpoints expects that the guide's message to Wintro names all endpoints and scopes of
// openapi.yaml.
func TestMessageToWintroNamesAllEndpoints(t *testing.T) {
	t.Parallel()
	text := blockWith(t, guide(t, "before-wintro-opens-its-api", "text"), "Subject:")
	var document struct {
		Paths map[string]map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, "internal", "contract", "openapi.yaml"))), &document); err != nil {
		t.Fatal(err)
	}
	operations := 0
	for path, methods := range document.Paths {
		for method, described := range methods {
			operation, ok := described.(map[string]any)
			if !ok {
				continue // parameters that the operations share
			}
			operations++
			scope, _ := operation["x-required-scope"].(string)
			call := fmt.Sprintf("%-6s /api/v1%s\n", strings.ToUpper(method), path)
			if scope == "" || !strings.Contains(text, call) || !strings.Contains(text, scope) {
				t.Errorf("the text doesn't ask for %s or its scope %q", strings.TrimSpace(call), scope)
			}
		}
	}
	if named := strings.Count(text, " /api/v1/"); named != operations {
		t.Errorf("the text names %d endpoints, and openapi.yaml has %d", named, operations)
	}
}

// TestAccSandboxGuideBreaksThings runs the guide's blocks that call curl, one after the other. At the end, no
// connection and no fault must be left.
func TestAccSandboxGuideBreaksThings(t *testing.T) {
	t.Parallel()
	e := newExample(t, "rotation/by-value")
	e.init()
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
	if ran != 4 {
		t.Errorf("%d blocks were run instead of 4", ran)
	}
	if left := len(e.Connections()) + len(e.Faults()); left > 0 {
		t.Errorf("the blocks left %d connections and faults", left)
	}
}

func TestSandboxGuideHasAllCommandsAndFaults(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join(root, "docs", "guides", "testing-with-the-sandbox.md"))
	e := newEmptyExample(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+sandbox.ControlPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(request)
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
			t.Errorf("the guide names %s, but the sandbox has no such command", named[1])
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

// TestAccFirstBlockOfTheReadmeApplies applies the README's first HCL block unchanged, because new users paste it.
func TestAccFirstBlockOfTheReadmeApplies(t *testing.T) {
	t.Parallel()
	e := newEmptyExample(t)
	e.write("main.tf", codeIn(t, "README.md", "hcl")[0])
	e.init()
	e.apply(0)
	if made := e.Connections(); len(made) != 1 || !e.HoldsToken(made[0].ID, e.Token) {
		t.Errorf("the sandbox has the connections %+v", made)
	}
}
