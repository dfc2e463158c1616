package docstest

import (
	"archive/zip"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/itchyny/gojq"
	"go.yaml.in/yaml/v4"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A pipeline runs the jobs of an example as its CI system does: each in a new checkout, with the secrets that the job
// names and nothing else, and with the artifacts of the job before.
type pipeline struct {
	*example
	// checkout are the files of the example.
	checkout map[string]string
	// inherited is the environment of each job.
	inherited []string
	// posted are the comments and, before each, how it was posted.
	posted string
}

// artifacts are the only files that a job hands to the next one. The local state stands in for a backend.
var artifacts = []string{"plan.tfplan", "terraform.tfstate"}

func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	e := newExample(t, "ci")
	p := &pipeline{example: e, checkout: map[string]string{}, posted: filepath.Join(t.TempDir(), "posted")}
	eachFile(t, e.dir, func(name, text string) { p.checkout[name] = text })
	// Both tokens come from the pipeline's own secrets.
	p.inherited = slices.DeleteFunc(slices.Clone(e.env), func(variable string) bool {
		return strings.HasPrefix(variable, "WINTRO_API_TOKEN=") || strings.HasPrefix(variable, "TF_VAR_")
	})
	p.inherited = append(p.inherited, "PATH="+p.commands(
		// gh and apk are on the machines of GitHub and in the image.
		command{"gh", "#!/bin/sh\nfor last; do :; done\n{ echo \"gh $*\"; cat \"$last\"; } >>" + p.posted + "\n"},
		command{"apk", "#!/bin/sh\n"},
		command{"vault", "#!/bin/sh\ncase $3 in -field=wintro_api_token) echo \"$STORED_WINTRO_TOKEN\" ;; -field=recruitee_api_token) echo \"$" + storedToken + "\" ;; *) exit 2 ;; esac\n"},
	), "STORED_WINTRO_TOKEN="+e.WintroToken())
	return p
}

// newJob checks out the example and leaves nothing of the last job but its artifacts.
func (p *pipeline) newJob() {
	p.t.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, entry := range entries {
		if slices.Contains(artifacts, entry.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(p.dir, entry.Name())); err != nil {
			p.t.Fatal(err)
		}
	}
	for name, text := range p.checkout {
		p.write(name, text)
	}
	p.makeExecutable()
	p.env = slices.Clone(p.inherited)
}

// script runs a script, which stops at the first command that fails.
func (p *pipeline) script(script string) (ok bool, printed string) {
	p.t.Helper()
	code, printed := p.execute(nil, "sh", "-e", "-c", script)
	for _, secret := range []string{p.Token, p.WintroToken()} {
		if strings.Contains(printed, secret) {
			p.t.Error("a token is printed")
		}
	}
	return code == 0, printed
}

func (p *pipeline) takePosted() string {
	p.t.Helper()
	text, err := os.ReadFile(p.posted)
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	_ = os.Remove(p.posted)
	return string(text)
}

// A story is what happens to a connection in the pipeline of any CI system.
type story struct {
	// propose runs what a pull request does, and returns its comment. merge runs what happens after the merge, and
	// reports whether there was something to apply.
	propose func() (ok bool, comment string)
	merge   func() (applied bool)
}

// tell tells all of the story, or the beginning and the end.
func (p *pipeline) tell(s story, all bool) {
	p.t.Helper()
	expectComment := func(words ...string) {
		p.t.Helper()
		ok, comment := s.propose()
		for _, expected := range words {
			if !strings.Contains(comment, expected) {
				p.t.Errorf("the comment doesn't contain %q:\n%s", expected, comment)
			}
		}
		if failed := strings.Contains(comment, "**The plan failed.**"); ok == failed {
			p.t.Errorf("the job succeeded: %t, and the comment is\n%s", ok, comment)
		}
	}

	expectComment("1 of 1 connections change or don't work.", "| wintro_recruitee_connection.acme | 816 | – | create |", "# wintro_recruitee_connection.acme will be created")
	if !s.merge() || len(p.Connections()) != 1 {
		p.t.Fatal("the plan wasn't applied")
	}
	if all {
		expectComment("No changes.")
		if s.merge() {
			p.t.Error("there was something to apply")
		}
		p.Relabel(p.connectionID(), "A|B")
		expectComment(`| name: "A\|B" -> "Recruitee (Acme)" |`)
	}

	p.SetAdministrator(sandbox.SeedOwnerID, false)
	expectComment("| active | update | The owner of the API token for company 816 isn't an Administrator |", "~~~text")
	p.SetAdministrator(sandbox.SeedOwnerID, true)

	p.SetWintroAccess(sandbox.AccessUnauthorized)
	expectComment("**The plan failed.**", "**ERROR: Wintro rejected the provider's API token**")
	p.SetWintroAccess(sandbox.AccessGranted)
}

type githubWorkflow struct {
	Jobs map[string]struct {
		If          string
		Needs       string
		Environment string
		Outputs     map[string]string
		Steps       []struct {
			ID, If, Run, Uses string
			With, Env         map[string]string
		}
	}
}

func TestAccGitHubWorkflowPlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	var workflow githubWorkflow
	readYAML(t, filepath.Join(p.dir, "github-workflow.yml"), &workflow)
	conditions := map[string]func(event string, outputs map[string]string) bool{
		"": func(string, map[string]string) bool { return true },
		"${{ !cancelled() && github.event_name == 'pull_request' }}": func(event string, _ map[string]string) bool { return event == "pull_request" },
		"github.event_name == 'push'":                                func(event string, _ map[string]string) bool { return event == "push" },
		"github.event_name == 'push' && needs.plan.outputs.changes == 'true'": func(event string, outputs map[string]string) bool {
			return event == "push" && outputs["changes"] == "true"
		},
	}
	holds := func(condition, event string, outputs map[string]string) bool {
		t.Helper()
		evaluate, known := conditions[condition]
		if !known {
			t.Fatalf("the test doesn't know the condition %q", condition)
		}
		return evaluate(event, outputs)
	}
	values := func(environment string) map[string]string {
		known := map[string]string{
			"secrets.RECRUITEE_API_TOKEN":      p.Token,
			"secrets.WINTRO_READ_TOKEN":        p.WintroToken(),
			"github.token":                     "ghs_token",
			"github.event.pull_request.number": "17",
		}
		if environment == "production" {
			known["secrets.WINTRO_API_TOKEN"] = p.WintroToken()
		}
		return known
	}
	// run runs a job. It returns false for run if the job's condition doesn't hold.
	run := func(name, event string, outputs map[string]string) (ran, ok bool) {
		t.Helper()
		job := workflow.Jobs[name]
		if !holds(job.If, event, outputs) {
			return false, false
		}
		p.newJob()
		known := values(job.Environment)
		ok = true
		for _, step := range job.Steps {
			if step.Run == "" || !holds(step.If, event, nil) || !ok && !strings.Contains(step.If, "!cancelled()") {
				continue
			}
			p.env = append(slices.Clone(p.inherited), "GITHUB_OUTPUT="+filepath.Join(p.dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(p.dir, "summary"))
			for variable, value := range step.Env {
				p.set(variable, expand(t, value, known))
			}
			succeeded, printed := p.script(step.Run)
			if !succeeded {
				t.Logf("%s: %s", step.Run, printed)
			}
			ok = ok && succeeded
		}
		for line := range strings.Lines(p.readOptional("output")) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			outputs[key] = value
		}
		return true, ok
	}
	p.tell(story{
		propose: func() (bool, string) {
			p.RevokeScope(p.WintroToken(), "ats-connections:write")
			defer p.GrantScope(p.WintroToken(), "ats-connections:write")
			_, ok := run("plan", "pull_request", map[string]string{})
			posted := p.takePosted()
			if !strings.HasPrefix(posted, "gh pr comment 17 --edit-last --create-if-none --body-file comment.md\n") {
				t.Errorf("posted: %s", posted)
			}
			if summary := p.readOptional("summary"); !strings.Contains(posted, summary) || summary == "" {
				t.Errorf("the summary isn't the comment: %s", summary)
			}
			return ok, posted
		},
		merge: func() bool {
			outputs := map[string]string{}
			if _, ok := run("plan", "push", outputs); !ok {
				t.Fatal("the plan failed")
			}
			if posted := p.takePosted(); posted != "" {
				t.Errorf("posted: %s", posted)
			}
			applied, ok := run("apply", "push", outputs)
			if applied && !ok {
				t.Fatal("the apply failed")
			}
			return applied
		},
	}, true)
}

var expression = regexp.MustCompile(`\$\{\{ ([a-zA-Z_.]+) \}\}`)

// expand replaces the expressions in a value of GitHub's.
func expand(t *testing.T, text string, known map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := known[name]
		if !ok {
			t.Fatalf("%s isn't there", name)
		}
		return value
	})
}

func (f *folder) readOptional(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil && !os.IsNotExist(err) {
		f.t.Fatal(err)
	}
	return string(text)
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type gitlabJob struct {
	Rules []struct {
		If, When string
	}
	BeforeScript []string `yaml:"before_script"`
	Script       []string
	AfterScript  []string `yaml:"after_script"`
	Artifacts    struct{ Paths []string }
}

func TestAccGitLabPipelinePlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	var file struct {
		Stages               []string
		Default, Plan, Apply gitlabJob
	}
	readYAML(t, filepath.Join(p.dir, "gitlab-ci.yml"), &file)
	if !slices.Contains(file.Stages, "test") {
		t.Error("the nightly job has no stage")
	}
	if !slices.Equal(file.Plan.Artifacts.Paths, []string{"plan.tfplan"}) {
		t.Errorf("the artifacts are %q", file.Plan.Artifacts.Paths)
	}
	var mu sync.Mutex
	notes := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/projects/5/merge_requests/17/notes" || r.Header.Get("Private-Token") != "glpat" {
			http.Error(w, "forbidden", http.StatusForbidden)
		}
		notes += r.PostFormValue("body")
	}))
	defer server.Close()
	const mergeRequest, push = `$CI_PIPELINE_SOURCE == "merge_request_event"`, `$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`
	run := func(job gitlabJob, event string) (ok bool) {
		t.Helper()
		if !slices.ContainsFunc(job.Rules, func(rule struct{ If, When string }) bool { return rule.If == event }) {
			t.Fatalf("the job doesn't run if %s", event)
		}
		p.newJob()
		p.env = append(p.env, "WINTRO_API_TOKEN="+p.WintroToken(), "TF_VAR_recruitee_api_token="+p.Token, "COMMENT_TOKEN=glpat", "CI_API_V4_URL="+server.URL, "CI_PROJECT_ID=5")
		if event == mergeRequest {
			p.set("CI_MERGE_REQUEST_IID", "17")
		}
		ok, printed := p.script(strings.Join(slices.Concat(file.Default.BeforeScript, job.Script), "\n"))
		if !ok {
			t.Log(printed)
		}
		if done, printed := p.script(strings.Join(job.AfterScript, "\n")); !done {
			t.Error(printed)
		}
		return ok
	}
	p.tell(story{
		propose: func() (bool, string) {
			ok := run(file.Plan, mergeRequest)
			mu.Lock()
			defer mu.Unlock()
			posted := notes
			notes = ""
			return ok, posted
		},
		merge: func() bool {
			if !run(file.Plan, push) {
				t.Fatal("the plan failed")
			}
			changes := strings.Contains(p.readOptional("connections.json"), `"changes": true`)
			if changes && !run(file.Apply, push) {
				t.Fatal("the apply failed")
			}
			return changes
		},
	}, false)
	if notes != "" {
		t.Errorf("a push has posted %s", notes)
	}
}

func TestAccAtlantisPlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	type step struct{ Steps []any }
	var file struct {
		Projects  []struct{ Workflow string }
		Workflows map[string]struct{ Plan, Apply step }
	}
	readYAML(t, filepath.Join(p.dir, "atlantis.yaml"), &file)
	workflow := file.Workflows[file.Projects[0].Workflow]
	// What Atlantis runs for its own steps.
	commands := map[string]string{
		"init":  "terraform init -input=false -upgrade",
		"plan":  "terraform plan -input=false -no-color -out=plan.tfplan",
		"apply": "terraform apply -input=false -no-color plan.tfplan",
	}
	run := func(steps []any) (printed string) {
		t.Helper()
		p.env = slices.Clone(p.inherited)
		for _, step := range steps {
			if name, ok := step.(string); ok {
				own, known := commands[name]
				if !known {
					t.Fatalf("the test doesn't know the step %q", name)
				}
				succeeded, output := p.script(own)
				if !succeeded {
					t.Fatalf("%s: %s", own, output)
				}
				printed += output
				continue
			}
			parts, _ := step.(map[string]any)
			variable, _ := parts["env"].(map[string]any)
			code, value := p.execute(nil, "sh", "-c", fmt.Sprint(variable["command"]))
			if code != 0 {
				t.Fatalf("%v: %s", step, value)
			}
			p.set(fmt.Sprint(variable["name"]), strings.TrimSpace(value))
		}
		return printed
	}
	p.newJob()
	if printed := run(workflow.Plan.Steps); !strings.Contains(printed, "Plan: 1 to add, 0 to change, 0 to destroy.") {
		t.Errorf("planned: %s", printed)
	}
	if printed := run(workflow.Apply.Steps); !strings.Contains(printed, "1 added, 0 changed, 0 destroyed") {
		t.Errorf("applied: %s", printed)
	}
	if !p.HoldsToken(p.connectionID(), p.Token) {
		t.Error("Wintro doesn't hold the token")
	}
}

// TestAccPlanScriptSaysWhichConnectionAndWhy runs the script with both implementations of jq, and then the guide's own
// commands.
func TestAccPlanScriptSaysWhichConnectionAndWhy(t *testing.T) {
	t.Parallel()
	e := newExample(t, "ci")
	e.set("PATH", e.commands())
	e.terraform(0, "init", "-no-color", "-input=false")
	e.apply(0)
	e.SetStatus(e.connectionID(), "invalid")
	ours := e.t.TempDir()
	link(t, filepath.Join(ours, "jq"))
	var results []string
	for _, path := range []string{e.commands(), ours + string(os.PathListSeparator) + e.commands()} {
		e.set("PATH", path)
		e.run(0, "./plan.sh")
		results = append(results, compact(t, read(t, filepath.Join(e.dir, "connections.json"))), read(t, filepath.Join(e.dir, "comment.md")))
	}
	if results[0] != results[2] || results[1] != results[3] {
		t.Errorf("jq and gojq differ: %q", results)
	}
	expected := `{"action":"update","address":"wintro_recruitee_connection.acme","company_id":"816","company_name":"Acme","ok":false,"status":"invalid","why":["Wintro can't log in to Recruitee for company 816"]}`
	if !strings.Contains(results[0], expected) {
		t.Errorf("connections.json is %s", results[0])
	}
	var guides []string
	for _, block := range guide(t, "ci", "sh") {
		if strings.Contains(block, "jq -r") {
			printed := e.run(0, "sh", "-c", block)
			guides = append(guides, printed)
		}
	}
	if expected := []string{
		"816 invalid update Wintro can't log in to Recruitee for company 816",
		`wintro_connection_ok{company="816"} 0`,
		"warning: Wintro can't log in to Recruitee for company 816",
	}; !slices.Equal(guides, expected) {
		t.Errorf("the guide's commands print %q", guides)
	}

	// Without a plan there are only messages.
	e.SetWintroAccess(sandbox.AccessUnauthorized)
	e.run(1, "./plan.sh")
	var failed struct {
		Failed, Changes bool
		Messages        []struct{ Severity, Summary string }
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(e.dir, "connections.json"))), &failed); err != nil {
		t.Fatal(err)
	}
	if !failed.Failed || failed.Changes || len(failed.Messages) != 1 || failed.Messages[0].Severity != "error" {
		t.Errorf("connections.json is %+v", failed)
	}
	if _, err := os.Stat(filepath.Join(e.dir, "plan.json")); !os.IsNotExist(err) {
		t.Error("plan.json is left")
	}
}

// compact formats JSON with sorted keys and no white space.
func compact(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	result, err := gojq.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(result)
}

// TestGitHubWorkflowsAreLinted checks that make lint finds all workflows, by their name.
func TestGitHubWorkflowsAreLinted(t *testing.T) {
	t.Parallel()
	eachFile(t, examples, func(name, text string) {
		if extension := filepath.Ext(name); extension != ".yml" && extension != ".yaml" {
			return
		}
		var file map[string]any
		if err := yaml.Unmarshal([]byte(text), &file); err != nil {
			t.Errorf("examples/%s: %v", name, err)
		}
		if matched, _ := filepath.Match("*/github-workflow.yml", name); file["jobs"] != nil && !matched {
			t.Errorf("examples/%s: call it github-workflow.yml", name)
		}
	})
	if !strings.Contains(read(t, filepath.Join(root, "GNUmakefile")), "examples/*/github-workflow.yml") {
		t.Error("make lint doesn't check the workflows in the examples")
	}
}

func TestAccProviderTrustsAPrivateAuthority(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE has an effect on Linux only")
	}
	e := newExample(t, "ci")
	target, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	proxy.StartTLS()
	defer proxy.Close()
	e.set("WINTRO_ENDPOINT", proxy.URL+sandbox.WintroPath)
	e.set("RECRUITEE_ENDPOINT", proxy.URL+sandbox.RecruiteePath)
	e.terraform(0, "init", "-no-color", "-input=false")
	e.expectOutput(e.plan(2), "set SSL_CERT_FILE")
	e.write("company-ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})))
	e.set("HOME", e.dir)
	bundle := blockWith(t, guide(t, "ci", "sh"), "SSL_CERT_FILE")
	e.write("bundle.sh", strings.Replace(bundle, "/etc/ssl/certs/ca-certificates.crt", "/dev/null", 1)+"terraform apply -input=false -no-color -auto-approve\n")
	e.set("PATH", e.commands())
	e.expectOutput(e.run(0, "sh", "-e", "bundle.sh"), "1 added, 0 changed, 0 destroyed")
}

// TestAccOfflineRunnerInstallsFromAnArchive uses the guide's settings, with an archive as releases have it.
func TestAccOfflineRunnerInstallsFromAnArchive(t *testing.T) {
	t.Parallel()
	e := newExample(t, "ci")
	registry := "registry.terraform.io"
	if cli(t).OpenTofu {
		registry = "registry.opentofu.org"
	}
	plugins := t.TempDir()
	folder := filepath.Join(plugins, registry, "wintro-ai", "wintro")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "terraform-provider-wintro_v0.1.0")
	link(t, program)
	platform := runtime.GOOS + "_" + runtime.GOARCH
	writeArchive(t, filepath.Join(folder, "terraform-provider-wintro_0.1.0_"+platform+".zip"), filepath.Base(program), "#!/bin/sh\nexec "+program+" \"$@\"\n")

	settings := strings.NewReplacer("/opt/terraform/plugins", plugins, "registry.terraform.io", registry).
		Replace(blockWith(t, guide(t, "ci", "text"), "provider_installation"))
	e.write("offline.tfrc", settings)
	e.set("TF_CLI_CONFIG_FILE", filepath.Join(e.dir, "offline.tfrc"))
	lock := strings.NewReplacer("/opt/terraform/plugins", plugins, "linux_amd64", platform).Replace(blockWith(t, guide(t, "ci", "sh"), "providers lock"))
	e.set("PATH", e.commands())
	e.run(0, "sh", "-e", "-c", lock)
	e.terraform(0, "init", "-no-color", "-input=false", "-lockfile=readonly")
	e.plan(2)
}

func writeArchive(t *testing.T, path, name, text string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	header := &zip.FileHeader{Name: name}
	header.SetMode(fs.FileMode(0o755))
	content, err := archive.CreateHeader(header)
	if err == nil {
		_, err = content.Write([]byte(text))
	}
	if err == nil {
		err = archive.Close()
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A command is a program on PATH that stands in for a real one.
type command struct{ name, text string }

// commands returns a PATH on which terraform is the Terraform of this test, and on which there is a jq.
func (e *example) commands(standIns ...command) string {
	e.t.Helper()
	dir := e.t.TempDir()
	if err := os.Symlink(cli(e.t).Path, filepath.Join(dir, "terraform")); err != nil {
		e.t.Fatal(err)
	}
	if _, err := exec.LookPath("jq"); err != nil {
		link(e.t, filepath.Join(dir, "jq"))
	}
	for _, one := range standIns {
		if err := os.WriteFile(filepath.Join(dir, one.name), []byte(one.text), 0o700); err != nil {
			e.t.Fatal(err)
		}
	}
	return dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

// link makes a symbolic link to this program, which TestMain runs by its name.
func link(t *testing.T, path string) {
	t.Helper()
	program, err := os.Executable()
	if err == nil {
		err = os.Symlink(program, path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
