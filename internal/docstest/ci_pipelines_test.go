package docstest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
)

// These tests run the pipelines' jobs as each CI system does. Stand-ins for plan.sh and Terraform record how the
// jobs call them. Other tests run the real programs.

// A pipeline runs jobs. Each job gets a new checkout, the secrets that it names, and the artifacts of the previous
// job.
type pipeline struct {
	*folder
	// inherited is the environment that each job inherits.
	inherited []string
	// records is the file in which the stand-ins record their calls.
	records string
}

const (
	planToken, applyToken, recruiteeToken = "wintro_plan", "wintro_apply", "recruitee_token"
	// commentToken is the token with which jobs post comments.
	commentToken = "comment_token"
)

func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	p := &pipeline{folder: &folder{t: t, dir: t.TempDir()}, records: filepath.Join(t.TempDir(), "records")}
	record := "#!/bin/sh\necho \"${0##*/} $* [$WINTRO_API_TOKEN $TF_VAR_recruitee_api_token]\" >>" + p.records + "\n"
	p.inherited = append(os.Environ(), "PATH="+commandsPath(t,
		command{"terraform", record + "case $1 in apply) cat plan.tfplan ;; esac\n"},
		command{"apk", "#!/bin/sh\n"},
		command{"vault", "#!/bin/sh\ncase $3 in -field=wintro_read_token) echo " + planToken + " ;; -field=wintro_api_token) echo " + applyToken + " ;; -field=recruitee_api_token) echo " + recruiteeToken + " ;; *) exit 2 ;; esac\n"},
		// gh either reads comments from the file "comments", or records its arguments and the comment to post.
		command{"gh", "#!/bin/sh\nfor last; do :; done\ncase $* in\n*--jq*) jq --raw-output \"$last\" comments ;;\n" +
			"*) echo \"gh $* $GH_TOKEN\" >>" + p.records + "; cat \"${last#body=@}\" >>" + p.records + " ;;\nesac\n"},
	), "CHANGES=true", "PLAN_CODE=0")
	p.write("plan.sh.stub", record+"echo '{\"changes\": '$CHANGES'}' >connections.json\necho the comment >comment.md\necho the plan >plan.tfplan\nexit $PLAN_CODE\n")
	return p
}

// newJob prepares the folder for the next job: it keeps only the artifacts and the output of the previous job.
func (p *pipeline) newJob(variables ...string) {
	p.t.Helper()
	for _, name := range []string{"comment.md", "connections.json", "summary"} {
		_ = os.Remove(filepath.Join(p.dir, name))
	}
	p.write("plan.sh", p.readOptional("plan.sh.stub"))
	p.env = slices.Concat(p.inherited, variables)
}

// script runs a script, which stops at the first command that fails, and reports whether it succeeded.
func (p *pipeline) script(script string) (ok bool) {
	p.t.Helper()
	code, printed := p.execute(nil, "sh", "-e", "-c", script)
	p.t.Logf("exit code %d: %s", code, printed)
	return code == 0
}

// expectRecords compares the recorded calls with the expected ones, and deletes the records.
func (p *pipeline) expectRecords(expected ...string) {
	p.t.Helper()
	got := p.readOptional(p.records)
	_ = os.Remove(p.records)
	if got != strings.Join(expected, "\n")+"\n" {
		p.t.Errorf("recorded:\n%s\nexpected:\n%s", got, strings.Join(expected, "\n"))
	}
}

// All pipelines make these calls.
const (
	initCall  = "terraform init -input=false"
	planCall  = "plan.sh  [" + planToken + " " + recruiteeToken + "]"
	applyCall = "terraform apply -input=false -lock-timeout=5m plan.tfplan [" + applyToken + " " + recruiteeToken + "]"
)

type githubWorkflow struct {
	Env  map[string]string
	Jobs map[string]struct {
		If, Environment string
		Steps           []struct {
			If, Run string
			Env     map[string]string
		}
	}
}

func TestGitHubWorkflowPlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	var workflow githubWorkflow
	readYAML(t, filepath.Join(examples, "ci", "github-workflow.yml"), &workflow)
	eventName := regexp.MustCompile(`github\.event_name == '(\w+)'`)
	holds := func(condition, event string) bool {
		name := eventName.FindStringSubmatch(condition)
		return (name == nil || name[1] == event) && (!strings.Contains(condition, "changes == 'true'") || p.readOptional("output") == "changes=true\n")
	}
	// run runs a job, if its condition holds.
	run := func(name, event string, variables ...string) (ran, ok bool) {
		t.Helper()
		job := workflow.Jobs[name]
		if !holds(job.If, event) {
			return false, false
		}
		known := map[string]string{
			"secrets.RECRUITEE_API_TOKEN":      recruiteeToken,
			"secrets.WINTRO_READ_TOKEN":        planToken,
			"github.token":                     commentToken,
			"github.event.pull_request.number": "17",
		}
		if job.Environment == "production" {
			known["secrets.WINTRO_API_TOKEN"] = applyToken
		}
		ok = true
		p.newJob()
		if name == "plan" {
			_ = os.Remove(filepath.Join(p.dir, "output"))
		}
		for _, step := range job.Steps {
			if step.Run == "" || !holds(step.If, event) || !ok && !strings.Contains(step.If, "!cancelled()") {
				continue
			}
			p.env = slices.Concat(p.inherited, variables, []string{"GITHUB_REPOSITORY=acme/infrastructure",
				"GITHUB_OUTPUT=" + filepath.Join(p.dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(p.dir, "summary")})
			for variable, value := range step.Env {
				p.set(variable, expand(t, value, known))
			}
			ok = p.script(step.Run) && ok
		}
		return true, ok
	}
	const create, edit = "gh api --silent repos/acme/infrastructure/issues/17/comments --field body=@comment.md " + commentToken,
		"gh api --silent --method PATCH repos/acme/infrastructure/issues/comments/3 --field body=@comment.md " + commentToken
	const others = `{"id":1,"user":{"login":"mallory"},"body":"<!-- wintro-connections -->"},{"id":2,"user":{"login":"github-actions[bot]"},"body":"Tests passed."}`

	// The job must change neither another user's comment, even if it contains the marker, nor the bot's other
	// comments.
	p.write("comments", "["+others+"]")
	if _, ok := run("plan", "pull_request"); !ok || p.readOptional("summary") != "the comment\n" {
		t.Errorf("the job failed, or its summary is %q", p.readOptional("summary"))
	}
	p.expectRecords(initCall+" [ ]", planCall, create, "the comment")
	p.write("comments", "["+others+`,{"id":3,"user":{"login":"github-actions[bot]"},"body":"<!-- wintro-connections -->\nOld"}]`)
	if _, ok := run("plan", "pull_request", "PLAN_CODE=1"); ok {
		t.Error("the job succeeded although the plan failed")
	}
	p.expectRecords(initCall+" [ ]", planCall, edit, "the comment")

	for _, changes := range []bool{true, false} {
		if _, ok := run("plan", "push", fmt.Sprint("CHANGES=", changes)); !ok {
			t.Error("the plan job failed")
		}
		p.expectRecords(initCall+" [ ]", planCall)
		if ran, ok := run("apply", "push"); ran != changes || ok != changes {
			t.Errorf("with changes = %t, the apply job ran: %t, and succeeded: %t", changes, ran, ok)
		}
		if changes {
			p.expectRecords(initCall+" [ ]", applyCall)
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ ([a-zA-Z_.]+) \}\}`)

// expand replaces each expression in a text with its value.
func expand(t *testing.T, text string, known map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := known[name]
		if !ok {
			t.Fatalf("the job uses %s, which this test doesn't know", name)
		}
		return value
	})
}

func (f *folder) readOptional(name string) string {
	f.t.Helper()
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(f.dir, name)
	}
	text, err := os.ReadFile(path)
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
	Environment  string
	Artifacts    struct{ Paths []string }
}

func TestGitLabPipelinePlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	var file struct {
		Stages               []string
		Default, Plan, Apply gitlabJob
	}
	readYAML(t, filepath.Join(examples, "ci", "gitlab-ci.yml"), &file)
	if !slices.Contains(file.Stages, "test") {
		t.Error("the stage of the nightly job is missing")
	}
	if !slices.Equal(file.Plan.Artifacts.Paths, []string{"plan.tfplan"}) {
		t.Errorf("the artifacts of the plan job are %q", file.Plan.Artifacts.Paths)
	}
	var mu sync.Mutex
	var notes []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/projects/5/merge_requests/17/notes" || r.Header.Get("Private-Token") != commentToken {
			http.Error(w, "forbidden", http.StatusForbidden)
		}
		notes = append(notes, r.PostFormValue("body"))
	}))
	defer server.Close()
	run := func(job gitlabJob, event string, variables ...string) (ok bool) {
		t.Helper()
		if !slices.ContainsFunc(job.Rules, func(rule struct{ If, When string }) bool { return rule.If == event }) {
			t.Fatalf("the job has no rule for %s", event)
		}
		token := planToken
		if job.Environment == "production" {
			token = applyToken
		}
		p.newJob(append(variables, "WINTRO_API_TOKEN="+token, "TF_VAR_recruitee_api_token="+recruiteeToken, "COMMENT_TOKEN="+commentToken, "CI_API_V4_URL="+server.URL, "CI_PROJECT_ID=5")...)
		ok = p.script(strings.Join(slices.Concat(file.Default.BeforeScript, job.Script), "\n"))
		if !p.script(strings.Join(job.AfterScript, "\n")) {
			t.Error("after_script failed")
		}
		return ok
	}
	initCall := initCall + " [" + planToken + " " + recruiteeToken + "]"

	const mergeRequest, push = `$CI_PIPELINE_SOURCE == "merge_request_event"`, `$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`
	for code, expected := range map[string]bool{"0": true, "1": false} {
		if ok := run(file.Plan, mergeRequest, "CI_MERGE_REQUEST_IID=17", "PLAN_CODE="+code); ok != expected {
			t.Errorf("the plan exited with %s, and the job succeeded: %t", code, ok)
		}
		p.expectRecords(initCall, planCall)
	}
	if expected := []string{"the comment\n", "the comment\n"}; !slices.Equal(notes, expected) {
		t.Errorf("the pipeline posted the comments %q", notes)
	}
	if !run(file.Plan, push) || !run(file.Apply, push) || len(notes) != 2 {
		t.Errorf("after the merge, a job failed or posted a comment: %q", notes)
	}
	p.expectRecords(initCall, planCall, strings.Replace(initCall, planToken, applyToken, 1), applyCall)
}

func TestAtlantisPlansAndApplies(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	type step struct{ Steps []any }
	var server struct {
		Repos []struct {
			Workflow             string
			AllowedOverrides     []string `yaml:"allowed_overrides"`
			AllowCustomWorkflows bool     `yaml:"allow_custom_workflows"`
		}
		Workflows map[string]struct{ Plan, Apply step }
	}
	readYAML(t, filepath.Join(examples, "ci", "atlantis-server.yaml"), &server)
	if repo := server.Repos[0]; len(repo.AllowedOverrides) > 0 || repo.AllowCustomWorkflows {
		t.Errorf("a pull request can change its own workflow: %+v", repo)
	}
	if text := read(t, filepath.Join(examples, "ci", "atlantis.yaml")); strings.Contains(text, "\nworkflows:") {
		t.Error("the repository's configuration contains a workflow")
	}
	run := func(steps []any) {
		t.Helper()
		p.newJob()
		for _, step := range steps {
			if name, ok := step.(string); ok {
				p.script("terraform " + name)
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
	}
	workflow := server.Workflows[server.Repos[0].Workflow]
	run(workflow.Plan.Steps)
	planned := " [" + planToken + " " + recruiteeToken + "]"
	p.expectRecords("terraform init"+planned, "terraform plan"+planned)
	run(workflow.Apply.Steps)
	p.expectRecords("terraform apply [" + applyToken + " " + recruiteeToken + "]")
}

// secretArgument matches a secret in the arguments of a command. Every process on the machine can read such
// arguments.
var secretArgument = regexp.MustCompile(`(?i)(curl[^\n|]*|--header |-H )"?[^"\n|]*\$\{?\w*(TOKEN|WEBHOOK|SECRET|PASSWORD)`)

func TestExamplesPassNoSecretsAsArguments(t *testing.T) {
	t.Parallel()
	check := func(name, text string) {
		text = strings.ReplaceAll(text, "\\\n", " ")
		// The sandbox's tokens aren't secret.
		text = strings.ReplaceAll(text, "curl $WINTRO_SANDBOX_CONTROL", "")
		if found := secretArgument.FindString(text); found != "" {
			t.Errorf("%s: a process argument contains a secret: %s", name, found)
		}
	}
	eachFile(t, examples, check)
	for _, p := range pages(t) {
		blocks, _ := p.split(t)
		for _, b := range blocks {
			check(fmt.Sprintf("%s:%d", p.name, b.line), b.text)
		}
	}
}

var (
	versionInExample = regexp.MustCompile(`(?m)(?:terraform_version[ :=]+|hashicorp/terraform:|TERRAFORM_VERSION: )"?([^"\n]+)"?$`)
	exactVersion     = regexp.MustCompile(`^(v?\d+\.\d+\.\d+|\$\{\{ env\.TERRAFORM_VERSION \}\})$`)
)

// TestPipelinesPinTerraform expects that all examples use the same exact version. Otherwise, plan and apply could
// use different patch releases, and Terraform refuses to apply a plan that another version saved.
func TestPipelinesPinTerraform(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	eachFile(t, examples, func(name, text string) {
		for _, match := range versionInExample.FindAllStringSubmatch(text, -1) {
			found[strings.TrimPrefix(match[1], "v")] = true
			if !exactVersion.MatchString(match[1]) {
				t.Errorf("examples/%s uses Terraform %s, which isn't an exact version", name, match[1])
			}
		}
	})
	delete(found, "${{ env.TERRAFORM_VERSION }}")
	if len(found) != 1 {
		t.Errorf("the examples must use one version of Terraform, not %v", found)
	}
}

// TestWorkflowsDisableTheWrapperOfTerraform expects that each workflow turns off the wrapper that
// hashicorp/setup-terraform installs by default. With the wrapper, a plan's exit code 2 would reach the scripts as
// 0.
func TestWorkflowsDisableTheWrapperOfTerraform(t *testing.T) {
	t.Parallel()
	uses, off := 0, 0
	eachFile(t, examples, func(_, text string) {
		uses += strings.Count(text, "hashicorp/setup-terraform@")
		off += strings.Count(text, "terraform_wrapper: false")
	})
	if uses == 0 || uses != off {
		t.Errorf("%d steps install Terraform, and %d disable its wrapper", uses, off)
	}
}
