package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

const address = "wintro_recruitee_connection.acme"

// terraform runs the real Terraform or OpenTofu in its own folder. Unlike terraform-plugin-testing, it lets a test check
// exit codes, warnings and the requests of a single command.
type terraform struct {
	t   *testing.T
	dir string
	env []string
	// token is the value of var.token. If it is empty, var.token is null.
	token string
}

// result describes how one Terraform command ended.
type result struct {
	t    *testing.T
	exit int
	// output is everything that the command printed.
	output string
	// diagnostics are the errors and warnings that the command printed, if it ran with -json.
	diagnostics []diagnostic
	// plan returns the content of the saved plan.
	plan func() *tfjson.Plan
}

type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	// Address is the address of the resource that the diagnostic is about.
	Address string `json:"address"`
	Snippet *struct {
		Code string `json:"code"`
	} `json:"snippet"`
}

// terraform returns a Terraform runner whose provider runs in the test process.
func (env *environment) terraform(t *testing.T, config ...string) *terraform {
	t.Helper()
	tf := &terraform{t: t, dir: t.TempDir(), token: env.Token}
	tf.env = terraformcli.Environment("TF_IN_AUTOMATION=1", "TF_REATTACH_PROVIDERS="+serve(t))
	tf.write(config...)
	return tf
}

// write replaces the configuration in main.tf.
func (tf *terraform) write(config ...string) {
	tf.t.Helper()
	tf.addFile("main.tf", strings.Join(config, "\n"))
}

// addFile writes a file to Terraform's folder.
func (tf *terraform) addFile(name, content string) {
	tf.t.Helper()
	if err := os.WriteFile(filepath.Join(tf.dir, name), []byte(content), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

func (tf *terraform) plan(arguments ...string) result {
	tf.t.Helper()
	return tf.run(append([]string{"plan", "-json", "-detailed-exitcode", "-out=plan"}, arguments...)...)
}

func (tf *terraform) apply(arguments ...string) result {
	tf.t.Helper()
	return tf.run(append([]string{"apply", "-json", "-auto-approve"}, arguments...)...)
}

func (tf *terraform) applySavedPlan() result {
	tf.t.Helper()
	return tf.run("apply", "-json", "plan")
}

func (tf *terraform) destroy() result {
	tf.t.Helper()
	return tf.run("destroy", "-json", "-auto-approve")
}

func (tf *terraform) importID(id string) result {
	tf.t.Helper()
	return tf.run("import", "-no-color", address, id)
}

func (tf *terraform) run(arguments ...string) result {
	tf.t.Helper()
	code, output := tf.execute(arguments...)
	r := result{t: tf.t, exit: code, output: output}
	for line := range strings.Lines(output) {
		var event struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if json.Unmarshal([]byte(line), &event) == nil && event.Diagnostic != nil {
			r.diagnostics = append(r.diagnostics, *event.Diagnostic)
		}
	}
	r.plan = sync.OnceValue(func() *tfjson.Plan {
		tf.t.Helper()
		_, shown := tf.execute("show", "-json", "plan")
		var plan tfjson.Plan
		if err := json.Unmarshal([]byte(shown), &plan); err != nil {
			tf.t.Fatalf("reading the plan: %v\n%s", err, shown)
		}
		return &plan
	})
	return r
}

func (tf *terraform) execute(arguments ...string) (code int, output string) {
	tf.t.Helper()
	ctx, cancel := context.WithTimeout(tf.t.Context(), 15*time.Minute)
	defer cancel()
	env := tf.env
	if tf.token != "" {
		env = append(slices.Clip(env), "TF_VAR_token="+tf.token)
	}
	run, err := terraformcli.Command{Program: cli(tf.t).Path, Arguments: arguments, Dir: tf.dir, Env: env}.Run(ctx)
	if err != nil {
		tf.t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, run.Output)
	}
	return run.ExitCode, run.Output
}

// state contains the parts of the state file that tests check.
type state struct {
	Resources []struct {
		Type, Name string
		Instances  []struct {
			Attributes, Identity map[string]any
			Status, Deposed      string
			Private              []byte
		}
	}
	Outputs map[string]struct{ Value map[string]any }
}

func (tf *terraform) state() (s state) {
	tf.t.Helper()
	if err := json.Unmarshal(tf.stateFile(), &s); err != nil {
		tf.t.Fatal(err)
	}
	return s
}

// attributes returns the attributes of the first resource in the state file, or nil if the state has no resource.
func (tf *terraform) attributes() map[string]any {
	tf.t.Helper()
	all := tf.state().Resources
	if len(all) == 0 || len(all[0].Instances) == 0 {
		return nil
	}
	return all[0].Instances[0].Attributes
}

func (tf *terraform) stateFile() []byte {
	tf.t.Helper()
	content, err := os.ReadFile(filepath.Join(tf.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return []byte("{}")
	}
	if err != nil {
		tf.t.Fatal(err)
	}
	return content
}

// expectState fails if attributes in the state file don't have the expected values.
func (tf *terraform) expectState(expected map[string]any) {
	tf.t.Helper()
	tf.expectFields("state", tf.attributes(), expected)
}

func (tf *terraform) expectFields(of string, is, expected map[string]any) {
	tf.t.Helper()
	for name, value := range expected {
		if fmt.Sprint(is[name]) != fmt.Sprint(value) {
			tf.t.Errorf("%s has %s = %v instead of %v", of, name, is[name], value)
		}
	}
}

// expectExit fails and prints the output if the command had another exit code.
func (r result) expectExit(code int) result {
	r.t.Helper()
	if r.exit != code {
		r.t.Fatalf("exit code %d instead of %d:\n%s", r.exit, code, r.output)
	}
	return r
}

// expectError fails unless the command failed and expectDiagnostic finds the error.
func (r result) expectError(summary string, words ...string) result {
	r.t.Helper()
	r.expectExit(1)
	r.expectDiagnostic("error", summary, words...)
	return r
}

func (r result) expectWarning(summary string, words ...string) result {
	r.t.Helper()
	r.expectDiagnostic("warning", summary, words...)
	return r
}

// expectDiagnostic fails unless a diagnostic has this text in its summary, and the first such diagnostic contains the
// words.
func (r result) expectDiagnostic(severity, summary string, words ...string) {
	r.t.Helper()
	for _, d := range r.diagnostics {
		if d.Severity == severity && strings.Contains(d.Summary, summary) {
			d.expectWords(r.t, words...)
			return
		}
	}
	r.t.Errorf("Terraform printed no %s %q:\n%s", severity, summary, r.output)
}

// expectErrors fails unless the command failed with an error for each object. expected maps the objects' addresses to
// text in the summary of the error, followed by words that the error contains.
func (r result) expectErrors(expected map[string][]string) result {
	r.t.Helper()
	r.expectExit(1)
	for address, words := range expected {
		at := slices.IndexFunc(r.diagnostics, func(d diagnostic) bool {
			return d.Severity == "error" && strings.HasSuffix(d.Address, address) && strings.Contains(d.Summary, words[0])
		})
		if at < 0 {
			r.t.Errorf("%s has no error %q:\n%s", address, words[0], r.output)
			continue
		}
		r.diagnostics[at].expectWords(r.t, words[1:]...)
	}
	return r
}

// expectWords fails unless the diagnostic, or the line of configuration that it points at, contains the words.
func (d diagnostic) expectWords(t *testing.T, words ...string) {
	t.Helper()
	text := d.Detail
	if d.Snippet != nil {
		text += "\n" + d.Snippet.Code
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("the %s %q doesn't contain %q:\n%s", d.Severity, d.Summary, word, text)
		}
	}
}

func (r result) expectNoWarning(summary string) result {
	r.t.Helper()
	for _, d := range r.diagnostics {
		if d.Severity == "warning" && strings.Contains(d.Summary, summary) {
			r.t.Errorf("unexpected warning %q: %s", d.Summary, d.Detail)
		}
	}
	return r
}

// expectPlan runs checks on the saved plan.
func (r result) expectPlan(checks ...plancheck.PlanCheck) result {
	r.t.Helper()
	for _, check := range checks {
		var resp plancheck.CheckPlanResponse
		check.CheckPlan(r.t.Context(), plancheck.CheckPlanRequest{Plan: r.plan()}, &resp)
		if resp.Error != nil {
			r.t.Errorf("%v\n%s", resp.Error, r.output)
		}
	}
	return r
}

// planCheck implements [plancheck.PlanCheck] with a function.
type planCheck func(*tfjson.Plan) error

func (check planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = check(req.Plan)
}

// checkChange returns a check that calls check with the planned change of the connection.
func checkChange(check func(*tfjson.Change) error) planCheck {
	return func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			if change.Address == address {
				return check(change.Change)
			}
		}
		return fmt.Errorf("the plan doesn't mention %s", address)
	}
}

// planned returns a check that the plan has this action for the connection.
func planned(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, action)
}

// changes returns a check of an attribute's prior and planned values, which may be the same. The value knownAfterApply
// stands for an unknown value.
func changes(attribute string, from, to any) plancheck.PlanCheck {
	return checkChange(func(change *tfjson.Change) error {
		before, after, unknown := attributesOf(change)
		planned := after[attribute]
		if unknown[attribute] == true {
			planned = knownAfterApply
		}
		if fmt.Sprint(before[attribute]) != fmt.Sprint(from) || fmt.Sprint(planned) != fmt.Sprint(to) {
			return fmt.Errorf("%s: %v -> %v instead of %v -> %v", attribute, before[attribute], planned, from, to)
		}
		return nil
	})
}

const knownAfterApply = "(known after apply)"

// onlyChange returns a check that the plan changes no other attribute, and makes no attribute unknown.
func onlyChange(attribute string) plancheck.PlanCheck {
	return checkChange(func(change *tfjson.Change) error {
		before, after, unknown := attributesOf(change)
		for name, value := range after {
			if name != attribute && fmt.Sprint(before[name]) != fmt.Sprint(value) {
				return fmt.Errorf("the plan also changes %s: %v -> %v", name, before[name], value)
			}
		}
		for name, value := range unknown {
			if value == true {
				return fmt.Errorf("the plan makes %s unknown", name)
			}
		}
		return nil
	})
}

// attributesOf returns the attributes before and after a change. unknown is true for each attribute that is unknown
// after the change.
func attributesOf(change *tfjson.Change) (before, after, unknown map[string]any) {
	before, _ = change.Before.(map[string]any)
	after, _ = change.After.(map[string]any)
	unknown, _ = change.AfterUnknown.(map[string]any)
	return before, after, unknown
}

var findCLI = sync.OnceValues(func() (terraformcli.CLI, error) {
	return terraformcli.Find(context.Background(), "")
})

// cli returns the Terraform or OpenTofu binary that the acceptance tests run.
func cli(t *testing.T) terraformcli.CLI {
	t.Helper()
	found, err := findCLI()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// serve runs the provider in the test process, and returns the value of TF_REATTACH_PROVIDERS with which Terraform
// finds it.
func serve(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	reattach, stopped := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve("registry.terraform.io/wintro-ai/wintro",
			func() tfprotov6.ProviderServer { return newServer(newTestProvider()) },
			tf6server.WithDebug(ctx, reattach, stopped),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()),
			tf6server.WithLoggingSink(t),
		)
	}()
	t.Cleanup(func() { stop(); <-stopped })

	select {
	case err := <-served:
		t.Fatalf("the provider didn't start: %v", err)
	case config := <-reattach:
		provider := map[string]any{
			"Protocol": string(config.Protocol), "ProtocolVersion": 6, "Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
		return string(must(json.Marshal(map[string]any{
			"registry.terraform.io/wintro-ai/wintro": provider,
			"registry.opentofu.org/wintro-ai/wintro": provider,
		})))
	}
	return ""
}

// expectNoDrift fails if -refresh-only shows drift. It doesn't use the exit code, which is unreliable in Terraform
// 1.11, because that version compares the lists of sensitive attributes in both states, and their order is random.
func (r result) expectNoDrift() {
	r.t.Helper()
	if strings.Contains(r.output, "resource_drift") {
		r.t.Errorf("Terraform shows drift:\n%s", r.output)
	}
}

// expectOutput fails unless the command printed these words. It ignores line breaks and the box that Terraform draws
// around a message.
func (r result) expectOutput(words string) {
	r.t.Helper()
	unboxed := strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(r.output)
	if !strings.Contains(strings.Join(strings.Fields(unboxed), " "), words) {
		r.t.Errorf("Terraform didn't print %q:\n%s", words, r.output)
	}
}

// expectOutputs fails if fields of an output in state don't have the expected values. The output must be an object.
func (tf *terraform) expectOutputs(name string, expected map[string]any) {
	tf.t.Helper()
	tf.expectFields("output "+name, tf.state().Outputs[name].Value, expected)
}
