package docstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// These tests run plan.sh, which the example pipelines for GitHub and GitLab share.

// addScripts copies the scripts of examples/ci into a folder.
func (f *folder) addScripts() {
	f.t.Helper()
	for _, name := range []string{"plan.sh", "connections.jq", "comment.jq"} {
		f.write(name, read(f.t, filepath.Join(examples, "ci", name)))
	}
}

// newScriptFolder returns a folder with the scripts of examples/ci, in which the command terraform runs the given shell
// script.
func newScriptFolder(t *testing.T, terraform string) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir(), env: os.Environ()}
	f.addScripts()
	f.set("PATH", commandsPath(t, "terraform", terraform))
	return f
}

// TestAccPlanScriptHidesTokens makes two kinds of changes for which Terraform writes tokens to the saved plan. The
// script must not print the tokens, or write them to other files.
func TestAccPlanScriptHidesTokens(t *testing.T) {
	t.Parallel()
	for name, argument := range map[string]string{"rotation": "api_token", "migration to write-only": "api_token_wo"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newExample(t, "rotation/plain")
			e.addScripts()
			e.set("PATH", e.commands())
			e.init()
			e.apply(0)
			tokens := []string{e.Token, e.newToken()}
			e.useToken(tokens[1])
			configuration := strings.Replace(e.read("main.tf"), "  api_token  =", "  "+argument+" =", 1)
			ephemeral := fmt.Sprintf("sensitive = true\n  ephemeral = %t", argument == "api_token_wo")
			e.write("main.tf", strings.Replace(configuration, "sensitive = true", ephemeral, 1))
			written := e.run(0, "./plan.sh") + e.read("comment.md") + e.read("connections.json")
			for i, token := range tokens {
				if strings.Contains(written, token) {
					t.Errorf("the log, the comment or the report contains token %d:\n%s", i, written)
				}
			}
			e.expectOutput(e.read("connections.json"), "api_token: (not shown)")
			if left, _ := filepath.Glob(filepath.Join(e.dir, "plan.*")); len(left) != 2 {
				t.Errorf("after the script, plan.* matches %q instead of only plan.sh and plan.tfplan", left)
			}
		})
	}
}

// reported is the part of connections.json that the tests read.
type reported struct {
	Failed, Changes, Unverified bool
	Connections                 []map[string]any
	Messages                    []struct{ Severity string }
}

func (f *folder) reported() (r reported) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.read("connections.json")), &r); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// TestAccPlanScriptReportsConnections runs the script with the real Terraform, for one connection with different
// changes and problems.
func TestAccPlanScriptReportsConnections(t *testing.T) {
	t.Parallel()
	e := newExample(t, "ci")
	e.set("PATH", e.commands())
	// comment runs the script, and returns the comment that the script has written.
	comment := func(exit int) string {
		t.Helper()
		if printed := e.run(exit, "./plan.sh"); printed != "" {
			t.Errorf("the script printed %s", printed)
		}
		text := e.read("comment.md")
		if contains := strings.Contains(text, "**The plan failed.**"); contains != (exit == 1) || e.reported().Failed != contains {
			t.Errorf("exit code %d, and the comment is %s", exit, text)
		}
		return text
	}

	e.init()
	created := comment(0)
	e.expectOutput(created, "1 of 1 connections change or don't work.")
	e.expectOutput(created, "| `wintro_recruitee_connection.acme` | `816` | – | `create` |  |")
	e.expectOutput(created, "    # wintro_recruitee_connection.acme will be created")
	e.apply(0)
	e.expectOutput(comment(0), "\nNo changes.\n")

	e.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})
	outage := comment(0)
	e.expectOutput(outage, "**No changes, but the API tokens could not be verified.**")
	e.expectOutput(outage, "| `Acme` | `active` | `none` | `API tokens could not be verified with Recruitee` |")
	if r := e.reported(); !r.Unverified || r.Connections[0]["ok"] != false {
		t.Errorf("during an outage, the report is %+v", r)
	}
	e.ClearFaults()

	e.Relabel(e.connectionID(), "By hand")
	e.expectOutput(comment(0), "| `active` | `update` | `name: \"By hand\" -> \"Recruitee (Acme)\"` |")
	e.SetAdministrator(sandbox.SeedOwnerID, false)
	rejected := comment(0)
	e.expectOutput(rejected, "| `active` | `update` | `The owner of the API token for company 816 isn't an Administrator` |")
	e.expectOutput(rejected, "**Warning:** `The owner")
	e.SetAdministrator(sandbox.SeedOwnerID, true)
	e.apply(0)

	e.SetStatus(e.connectionID(), "invalid")
	comment(0)
	const invalid = "map[action:update address:wintro_recruitee_connection.acme company_id:816 company_name:Acme ok:false " +
		"status:invalid why:[Wintro can't log in to Recruitee for company 816]]"
	if got := fmt.Sprint(e.reported().Connections[0]); got != invalid {
		t.Errorf("the report contains the connection %s", got)
	}
	var printed []string
	for _, block := range guide(t, "ci", "sh") {
		if strings.Contains(block, "jq -r") {
			printed = append(printed, e.run(0, "sh", "-c", block))
		}
	}
	if expected := []string{
		"816 invalid update Wintro can't log in to Recruitee for company 816",
		`wintro_connection_ok{company="816"} 0`,
		"warning: Wintro can't log in to Recruitee for company 816",
	}; !slices.Equal(printed, expected) {
		t.Errorf("the guide's commands print %q", printed)
	}

	e.SetWintroAccess(sandbox.AccessUnauthorized)
	e.expectOutput(comment(1), "**Error:** `Wintro rejected the provider's API token`")
	if r := e.reported(); len(r.Messages) != 1 || r.Messages[0].Severity != "error" {
		t.Errorf("after a failed plan, the report is %+v", r)
	}
}

// runPlanScript runs the script with a stand-in for Terraform. As the saved plan, the stand-in shows these changes as
// JSON and this text. While it makes the plan, it prints this log.
func runPlanScript(t *testing.T, changes []any, text string, log ...map[string]any) *folder {
	t.Helper()
	f := newScriptFolder(t, `case "$*" in
plan*) : >plan.tfplan; cat given/log; exit 2 ;;
"show -json"*) cat given/plan ;;
show*) cat given/text ;;
*) exit 1 ;;
esac
`)
	encode := func(value any) string {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(encoded) + "\n"
	}
	lines := ""
	for _, line := range log {
		lines += encode(line)
	}
	f.write("given/plan", encode(map[string]any{"resource_changes": changes}))
	f.write("given/text", text)
	f.write("given/log", lines)
	f.run(0, "./plan.sh")
	return f
}

// plannedUpdate returns an update of a connection in the format of a JSON plan.
func plannedUpdate(address string, before, after map[string]any, sensitive any) any {
	return map[string]any{
		"mode": "managed", "type": "wintro_recruitee_connection", "address": address,
		"change": map[string]any{
			"actions": []string{"update"}, "before": before, "after": after, "after_unknown": map[string]any{},
			"before_sensitive": sensitive, "after_sensitive": sensitive,
		},
	}
}

// warning returns a warning in the format of "terraform plan -json".
func warning(address, summary, detail string) map[string]any {
	return map[string]any{"type": "diagnostic", "diagnostic": map[string]any{
		"severity": "warning", "summary": summary, "detail": detail, "address": address,
	}}
}

// hostileNames lists names that a Markdown renderer, a terminal or a CI system would interpret, for example as a
// mention or a command.
var hostileNames = []string{
	"@acme/admins", "#1", "https://evil.example", "www.evil.example", "ada@evil.example",
	"![x](https://evil.example/track.png)", "[Approve](https://evil.example)", "<img src=//evil.example>", "<!-- -->",
	"`@acme/admins`", "``@acme/admins", "a | b", `a \| b`, "\\", "**bold**", "~~~", "```", "$x$", "&#64;acme",
	"a\n\n@acme/admins", "a\r@acme/admins", "a\u2028b", "a\u202eb", "a\u200bb", "\x1b[31mred",
	"a\n::error::forged", "::set-output name=changes::false", "##[error]forged", "",
}

// A "|" ends a cell of a table, even inside a code span.
var codeSpan = regexp.MustCompile("`[^`|\n]+`")

// TestPlanScriptWritesNamesAsCode reads the comment like a Markdown renderer, for which code spans and indented lines
// after a blank line are code. The other parts of the comment must not contain any part of a name.
func TestPlanScriptWritesNamesAsCode(t *testing.T) {
	t.Parallel()
	// fixed matches each line that isn't code, after the letter C has replaced all code spans.
	fixed := regexp.MustCompile(`^(<!-- wintro-connections -->|### Connections between Recruitee and Wintro|\d+ of \d+ connections change or don't work\.|\| Connection \| Company \| Status \| Apply \| Why \||\|---\|---\|---\|---\|---\||\*\*Warning:\*\* C|\| [C–] \| [C–] \| [C–] \| [C–] \| (C(; C)*)? \||<details><summary>The whole plan</summary>|</details>|)$`)
	var changes []any
	var log []map[string]any
	for _, name := range hostileNames {
		before := map[string]any{"company_id": "816", "company_name": name, "name": name, "status": name}
		changes = append(changes, plannedUpdate("wintro_recruitee_connection.c["+name+"]", before, map[string]any{"name": "x" + name}, false))
		log = append(log, warning("other", "About "+name, "First.\n\n"+name+"\n"))
	}
	f := runPlanScript(t, changes, strings.Join(hostileNames, "\n"), log...)
	comment, previous := f.read("comment.md"), ""
	for line := range strings.SplitSeq(strings.TrimSuffix(comment, "\n"), "\n") {
		isCode := strings.HasPrefix(line, "    ") && (previous == "" || strings.HasPrefix(previous, "    "))
		if !isCode && !fixed.MatchString(codeSpan.ReplaceAllString(line, "C")) {
			t.Errorf("the comment contains the line %q", line)
		}
		if strings.ContainsAny(line, "\r\x1b\u2028\u202e\u200b") {
			t.Errorf("the line %q contains an invisible character", line)
		}
		previous = line
	}
	if rows := strings.Count(comment, "\n| `"); rows != len(hostileNames) {
		t.Errorf("the table has %d rows instead of %d:\n%s", rows, len(hostileNames), comment)
	}
}

func TestPlanScriptHidesSensitiveValues(t *testing.T) {
	t.Parallel()
	before := map[string]any{"company_id": "47110", "name": "old-secret", "api_token": "old-secret", "api_token_wo_version": "old-secret", "status": "active"}
	after := map[string]any{"company_id": "47111", "name": "new-secret", "api_token": "new-secret", "api_token_wo_version": "new-secret", "status": "active"}
	for _, sensitive := range []any{true, map[string]any{"company_id": true, "name": true}} {
		f := runPlanScript(t, []any{plannedUpdate("a.b", before, after, sensitive)}, "")
		if written := f.read("connections.json") + f.read("comment.md"); strings.Contains(written, "secret") || strings.Contains(written, "4711") {
			t.Errorf("sensitive = %v: the script wrote a secret: %s", sensitive, written)
		}
		const expected = "[api_token: (not shown) api_token_wo_version: (not shown) " +
			"company_id: (sensitive value) -> (sensitive value) name: (sensitive value) -> (sensitive value)]"
		if why := fmt.Sprint(f.reported().Connections[0]["why"]); why != expected {
			t.Errorf("sensitive = %v: the report explains the update with %s", sensitive, why)
		}
	}
	// If a user writes a token into company_id by mistake, Terraform doesn't mark it as sensitive.
	f := runPlanScript(t, []any{plannedUpdate("a.b", map[string]any{"company_id": "secret"}, map[string]any{"company_id": "secret"}, false)}, "")
	if written := f.read("connections.json"); strings.Contains(written, "secret") {
		t.Errorf("the report contains a company ID that isn't a number: %s", written)
	}
}

// TestPlanScriptReportsOutageForAllConnections expects the script to report an outage for each active connection,
// although Terraform prints the warning about an outage only once.
func TestPlanScriptReportsOutageForAllConnections(t *testing.T) {
	t.Parallel()
	active := map[string]any{"status": "active"}
	changes := []any{plannedUpdate("a.b", active, active, false), plannedUpdate("a.c", active, active, false)}
	const outage = "API tokens could not be verified with Recruitee"
	f := runPlanScript(t, changes, "", warning("a.b", outage, ""))
	for _, connection := range f.reported().Connections {
		if why := fmt.Sprint(connection["why"]); why != "["+outage+"]" {
			t.Errorf("the report explains the status of %s with %s", connection["address"], why)
		}
	}
}

func TestPlanScriptLimitsTheComment(t *testing.T) {
	t.Parallel()
	var changes []any
	var log []map[string]any
	for i := range 300 {
		address := fmt.Sprintf("wintro_recruitee_connection.company[%q]", strings.Repeat("é", 50)+strconv.Itoa(i))
		changes = append(changes, plannedUpdate(address, map[string]any{"name": "Old"}, map[string]any{"name": "New"}, false))
		log = append(log, warning(address, fmt.Sprint("Warning ", i), strings.Repeat("One line.\n", 20)))
	}
	f := runPlanScript(t, changes, strings.Repeat("€", 70_000)+strings.Repeat("\n", 70_000), log...)
	comment := f.read("comment.md")
	if len(comment) > 65_536 || !strings.HasSuffix(comment, "\n</details>\n") {
		t.Errorf("the comment has %d bytes and ends with %q", len(comment), comment[len(comment)-100:])
	}
	if strings.Count(comment, "\n*The rest doesn't fit into a comment.*\n") != 2 {
		t.Error("the comment doesn't mention that both parts were cut")
	}
	if len(f.reported().Connections) != 300 {
		t.Error("the report doesn't contain all 300 connections")
	}
}

// TestPlanScriptReportsCrashOfTerraform runs the script with a Terraform that dies in the middle of a log line, as if
// the kernel had killed it because of low memory. The script must replace the comment of an earlier plan.
func TestPlanScriptReportsCrashOfTerraform(t *testing.T) {
	t.Parallel()
	f := newScriptFolder(t, "printf '{\"type\":\"log\"}\\n{\"type\":\"diag'\nexit 137\n")
	f.write("comment.md", "No changes.")
	f.run(1, "./plan.sh")
	if r := f.reported(); !r.Failed || r.Changes {
		t.Errorf("the report is %+v", r)
	}
	if comment := f.read("comment.md"); !strings.Contains(comment, "**The plan failed.**") {
		t.Errorf("the comment is %s", comment)
	}
}

// TestPlanScriptRemovesSecretsAfterSignal sends the script a signal while Terraform makes the plan. The script must
// remove the file with Terraform's log, and the comment of an earlier plan.
func TestPlanScriptRemovesSecretsAfterSignal(t *testing.T) {
	t.Parallel()
	// If the tests run in the background, the script would inherit that SIGINT and SIGHUP are ignored.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(caught) })
	for _, name := range []string{"INT", "TERM", "HUP"} {
		f := newScriptFolder(t, "echo secret\nkill -"+name+" $PPID\nexit 1\n")
		f.write("comment.md", "No changes.")
		f.run(130, "./plan.sh")
		for _, file := range []string{"plan.jsonl", "comment.md"} {
			if exists(filepath.Join(f.dir, file)) {
				t.Errorf("%s still exists after SIG%s", file, name)
			}
		}
	}
}
