package docstest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const (
	initCommand = "terraform init -input=false"
	// GitHub reads a line of a job's log such as "::error::" as a command, and names can contain such lines.
	stopCommands = "echo \"::stop-commands::$(openssl rand -hex 16)\"\n"
	applyCommand = "terraform apply -input=false -lock-timeout=5m plan.tfplan"
	mergeRequest = `$CI_PIPELINE_SOURCE == "merge_request_event"`
	afterMerge   = `$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`
	// missing is the result of the function value for a path that the file doesn't contain.
	missing = "<nil>"
)

// pipelines maps files in examples to paths in each file, and to the value at each path. A path consists of keys and
// list indices. These values determine which job gets which secret, and when the apply job runs.
var pipelines = map[string]map[string]string{
	"ci/github-workflow.yml": {
		"on.push.branches":                                  "[main]",
		"jobs.plan.if":                                      missing,
		"jobs.plan.environment":                             missing,
		"jobs.plan.permissions.pull-requests":               "write",
		"jobs.plan.outputs.changes":                         "${{ steps.plan.outputs.changes }}",
		"jobs.plan.steps.1.with.terraform_version":          "${{ env.TERRAFORM_VERSION }}",
		"jobs.plan.steps.2.run":                             initCommand,
		"jobs.plan.steps.3.id":                              "plan",
		"jobs.plan.steps.3.env.WINTRO_API_TOKEN":            "${{ secrets.WINTRO_READ_TOKEN }}",
		"jobs.plan.steps.3.env.TF_VAR_recruitee_api_token":  "${{ secrets.RECRUITEE_API_TOKEN }}",
		"jobs.plan.steps.3.if":                              missing,
		"jobs.plan.steps.4.if":                              "${{ !cancelled() && github.event_name == 'pull_request' }}",
		"jobs.plan.steps.4.env.GH_TOKEN":                    "${{ github.token }}",
		"jobs.plan.steps.4.env.PULL_REQUEST":                "${{ github.event.pull_request.number }}",
		"jobs.plan.steps.5.if":                              "github.event_name == 'push'",
		"jobs.plan.steps.5.with.name":                       "plan",
		"jobs.plan.steps.5.with.path":                       "plan.tfplan",
		"jobs.plan.steps.6":                                 missing,
		"jobs.apply.if":                                     "github.event_name == 'push' && needs.plan.outputs.changes == 'true'",
		"jobs.apply.needs":                                  "plan",
		"jobs.apply.environment":                            "production",
		"jobs.apply.steps.1.with.terraform_version":         "${{ env.TERRAFORM_VERSION }}",
		"jobs.apply.steps.2.with.name":                      "plan",
		"jobs.apply.steps.3.run":                            initCommand,
		"jobs.apply.steps.4.run":                            stopCommands + applyCommand + "\n",
		"jobs.apply.steps.4.env.WINTRO_API_TOKEN":           "${{ secrets.WINTRO_API_TOKEN }}",
		"jobs.apply.steps.4.env.TF_VAR_recruitee_api_token": "${{ secrets.RECRUITEE_API_TOKEN }}",
		"jobs.apply.steps.4.if":                             missing,
		"jobs.apply.steps.5":                                missing,
	},
	"ci/gitlab-ci.yml": {
		// The nightly job of examples/drift-detection runs in the default stage, which is "test".
		"stages":                  "[test plan apply]",
		"default.before_script.1": initCommand,
		"plan.environment":        missing,
		"plan.rules":              "[map[if:" + mergeRequest + "] map[if:" + afterMerge + "]]",
		"plan.script":             "[./plan.sh]",
		"plan.after_script.0":     "cat comment.md",
		"plan.after_script.2":     missing,
		"plan.artifacts.access":   "developer",
		"plan.artifacts.paths":    "[plan.tfplan]",
		"apply.environment":       "production",
		"apply.rules":             "[map[if:" + afterMerge + " when:manual]]",
		"apply.needs":             "[plan]",
		"apply.script":            "[" + applyCommand + "]",
	},
	"drift-detection/github-workflow.yml": {
		"jobs.plan.steps.3.run": stopCommands + "./drift.sh\n",
		"jobs.plan.steps.4":     missing,
	},
	"watch-a-token/github-workflow.yml": {
		"jobs.plan.steps.3.run": stopCommands + "terraform plan -input=false\n",
		"jobs.plan.steps.4":     missing,
	},
	"drift-detection/gitlab-ci.yml": {
		"drift.script": "[./drift.sh]",
	},
	"ci/atlantis.yaml": {
		"workflows": missing,
	},
	"ci/atlantis-server.yaml": {
		"repos.0.workflow":                    "connections",
		"repos.0.apply_requirements":          "[approved mergeable undiverged]",
		"repos.0.allowed_overrides":           "[]",
		"repos.0.allow_custom_workflows":      "false",
		"repos.1":                             missing,
		"workflows.connections.plan.steps.0":  vaultStep("WINTRO_API_TOKEN", "wintro_read_token"),
		"workflows.connections.plan.steps.1":  vaultStep("TF_VAR_recruitee_api_token", "recruitee_api_token"),
		"workflows.connections.plan.steps.2":  "init",
		"workflows.connections.plan.steps.3":  "plan",
		"workflows.connections.plan.steps.4":  missing,
		"workflows.connections.apply.steps.0": vaultStep("WINTRO_API_TOKEN", "wintro_api_token"),
		"workflows.connections.apply.steps.1": vaultStep("TF_VAR_recruitee_api_token", "recruitee_api_token"),
		"workflows.connections.apply.steps.2": "apply",
		"workflows.connections.apply.steps.3": missing,
	},
}

// vaultStep returns an Atlantis step, as value formats it, that sets an environment variable to a field of a secret in
// Vault.
func vaultStep(variable, field string) string {
	return fmt.Sprintf("map[env:map[command:vault kv get -field=%s secret/wintro name:%s]]", field, variable)
}

// commentLine matches a comment in a shell script.
var commentLine = regexp.MustCompile(`(?m)^#.*\n`)

func TestPipelinesProtectSecretsAndPlans(t *testing.T) {
	t.Parallel()
	for file, values := range pipelines {
		for path, expected := range values {
			if got := commentLine.ReplaceAllString(value(t, file, path), ""); got != expected {
				t.Errorf("%s: %s is %q instead of %q", file, path, got, expected)
			}
		}
	}
	if text := read(t, filepath.Join(examples, "ci", "github-workflow.yml")); strings.Count(text, "secrets.") != 4 {
		t.Error("only two steps of github-workflow.yml may use secrets, and each must use exactly two")
	}
	// gitlab-ci.yml can't restrict CI/CD variables to certain jobs, so the comment at its top must tell users how to protect
	// the tokens in these variables.
	for _, words := range []string{`"production", which must also be protected`, "the role Reporter, the lowest role"} {
		if !strings.Contains(read(t, filepath.Join(examples, "ci", "gitlab-ci.yml")), words) {
			t.Errorf("gitlab-ci.yml doesn't say %q", words)
		}
	}
}

func TestReleaseStopsIfTheSigningKeyIsNotPublished(t *testing.T) {
	t.Parallel()
	script := value(t, "../.github/workflows/release.yml", "jobs.release.steps.4.run")
	for published, exit := range map[string]int{"KEY": 0, "OTHER": 1} {
		f := &folder{t: t, dir: t.TempDir()}
		f.env = append(os.Environ(), "GITHUB_ENV=environment", "PATH="+commandsPath(t, "gpg", `case "$*" in
*secret-keys*) echo fpr:::::::::KEY: ;;
*show-keys*) echo fpr:::::::::`+published+`: ;;
esac
`))
		f.run(exit, "bash", "-e", "-o", "pipefail", "-c", script)
	}
}

// value formats the value at a path in a YAML file of examples. If the path doesn't exist, value returns missing.
func value(t *testing.T, file, path string) string {
	t.Helper()
	var found any
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(examples, file))), &found); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for key := range strings.SplitSeq(path, ".") {
		switch parent := found.(type) {
		case map[string]any:
			found = parent[key]
		case []any:
			found = nil
			if index, err := strconv.Atoi(key); err == nil && index < len(parent) {
				found = parent[index]
			}
		default:
			return missing
		}
	}
	return fmt.Sprint(found)
}

// TestGitHubWorkflowPostsComment runs the steps that plan and post, with stand-ins for plan.sh and gh.
func TestGitHubWorkflowPostsComment(t *testing.T) {
	t.Parallel()
	f := &folder{t: t, dir: t.TempDir()}
	// If the step asks for the pull request's comments, the stand-in for gh returns the file "comments". Otherwise, it
	// prints its arguments and the new comment.
	f.env = append(os.Environ(), "PATH="+commandsPath(t, "gh", `for last; do :; done
case $* in
*--jq*) jq --raw-output "$last" comments ;;
*) echo "gh $*" && cat "${last#body=@}" ;;
esac
`), "GITHUB_REPOSITORY=acme/infrastructure", "PULL_REQUEST=17", "GITHUB_OUTPUT=output", "GITHUB_STEP_SUMMARY=summary")
	// The step must edit only the bot's own comment with the marker. It must not edit another user's comment with the
	// marker, or another comment by the bot.
	const (
		others = `{"id":1,"user":{"login":"mallory"},"body":"<!-- wintro-connections -->"},
			{"id":2,"user":{"login":"github-actions[bot]"},"body":"Tests passed."}`
		own = `{"id":3,"user":{"login":"github-actions[bot]"},"body":"<!-- wintro-connections -->\nOld"}`
	)
	plan := value(t, "ci/github-workflow.yml", "jobs.plan.steps.3.run")
	post := value(t, "ci/github-workflow.yml", "jobs.plan.steps.4.run")
	for _, test := range []struct {
		planCode           int
		comments, expected string
	}{
		{0, others, "repos/acme/infrastructure/issues/17/comments"},
		{1, others + "," + own, "--method PATCH repos/acme/infrastructure/issues/comments/3"},
	} {
		f.write("plan.sh", fmt.Sprintf(`#!/bin/sh
echo the comment >comment.md
echo '{"changes": %t}' >connections.json
exit %d
`, test.planCode == 0, test.planCode))
		f.write("comments", "["+test.comments+"]")
		if printed := f.run(test.planCode, "sh", "-e", "-c", plan); printed != "" {
			t.Errorf("the step printed %q, which GitHub may read as a command", printed)
		}
		if printed := f.run(0, "sh", "-e", "-c", post); printed != "gh api --silent "+test.expected+" --field body=@comment.md the comment" {
			t.Errorf("after a plan with exit code %d, the step ran %q", test.planCode, printed)
		}
	}
	if summary := f.read("summary"); summary != "the comment\nthe comment\n" {
		t.Errorf("the summary is %q", summary)
	}
	if output := f.read("output"); output != "changes=true\nchanges=false\n" {
		t.Errorf("the output is %q", output)
	}
}

func TestGitLabPipelinePostsComment(t *testing.T) {
	t.Parallel()
	var posted string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		posted = r.URL.Path + " " + r.Header.Get("Private-Token") + " " + r.PostFormValue("body")
	}))
	defer server.Close()
	f := &folder{t: t, dir: t.TempDir(), env: os.Environ()}
	f.write("comment.md", "the comment")
	script := value(t, "ci/gitlab-ci.yml", "plan.after_script.1")
	// Without the number of a merge request, the script must not call curl, which would fail without a URL.
	f.run(0, "sh", "-e", "-c", script)
	f.set("CI_API_V4_URL", server.URL)
	f.set("CI_PROJECT_ID", "5")
	f.set("CI_MERGE_REQUEST_IID", "17")
	f.set("COMMENT_TOKEN", "comment_token")
	f.run(0, "sh", "-e", "-c", script)
	// Close waits until the handler has set posted.
	server.Close()
	if posted != "/projects/5/merge_requests/17/notes comment_token the comment" {
		t.Errorf("the script posted %q", posted)
	}
}

func (f *folder) read(name string) string {
	f.t.Helper()
	return read(f.t, filepath.Join(f.dir, name))
}

// secretArgument matches a variable with a secret in the arguments of a command, because every process on the machine
// can read the arguments.
var secretArgument = regexp.MustCompile(`(?i)(curl[^\n|]*|--header |-H )"?[^"\n|]*\$\{?\w*(TOKEN|WEBHOOK|SECRET|PASSWORD)`)

func TestExamplesPassNoSecretsAsArguments(t *testing.T) {
	t.Parallel()
	check := func(name, text string) {
		text = strings.ReplaceAll(text, "\\\n", " ")
		// Ignore calls to the sandbox, because its tokens aren't secret.
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
	versionInExample = regexp.MustCompile(`(?m)(?:terraform_version[ :=]+|hashicorp/terraform:|TERRAFORM_VERSION: )"?v?([^"\n$]+)"?$`)
	exactVersion     = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

// TestPipelinesPinTerraform expects the same exact version in all examples, because Terraform refuses to apply a plan
// that another version saved, even if only the patch release differs.
func TestPipelinesPinTerraform(t *testing.T) {
	t.Parallel()
	var versions []string
	eachFile(t, examples, func(_, text string) {
		for _, match := range versionInExample.FindAllStringSubmatch(text, -1) {
			versions = append(versions, match[1])
		}
	})
	slices.Sort(versions)
	if versions = slices.Compact(versions); len(versions) != 1 || !exactVersion.MatchString(versions[0]) {
		t.Errorf("the examples must use one exact version of Terraform, not %q", versions)
	}
}

// TestWorkflowsDisableTheWrapperOfTerraform expects each workflow to disable the wrapper that hashicorp/setup-terraform
// installs by default. With the wrapper, a plan with changes would end with exit code 0 instead of 2.
func TestWorkflowsDisableTheWrapperOfTerraform(t *testing.T) {
	t.Parallel()
	eachFile(t, examples, func(name, text string) {
		if strings.Count(text, "hashicorp/setup-terraform@") != strings.Count(text, "terraform_wrapper: false") {
			t.Errorf("examples/%s installs Terraform without disabling its wrapper", name)
		}
	})
}
