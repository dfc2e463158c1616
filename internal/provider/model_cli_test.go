package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

var (
	onTheCLI  = flag.Int("model.cli", 0, "play this many random sequences of TestModelOnTheCLI")
	firstSeed = flag.Int("model.first", int(time.Now().Unix()), "the seed of the first sequence; the name of each subtest is its seed")
)

// TestModelOnTheCLI plays sequences of TestModel with the real Terraform or OpenTofu, in case these behave differently
// from the imitation. A sequence takes ten times as long as in TestModel, and isn't shrunk if it fails.
//
//	go test ./internal/provider -run TestModelOnTheCLI -model.cli 200
func TestModelOnTheCLI(t *testing.T) {
	t.Parallel()
	// Without the flag, the test plays the same few sequences each time.
	first, number := 1, 12
	if *onTheCLI > 0 {
		first, number = *firstSeed, *onTheCLI
	}
	for seed := first; seed < first+number; seed++ {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			if m := play(t.Context(), sandboxtest.Start(t), scripts.Example(seed), newCLIRunner(t)); m.finding != nil {
				t.Fatal(m.story())
			}
		})
	}
}

// cliRunner runs the commands of a sequence with the real Terraform or OpenTofu.
type cliRunner struct {
	*model
	terraform *terraform
	// options contains the additional command-line options of the last plan, which a direct apply repeats.
	options []string
	// plans is the number of commands so far that have made a plan. read maps each resource to its current object in
	// the state file.
	plans int
	read  map[*modelResource]*stateObject
	// later contains the terraform_data resources of all plans so far, whose outputs are known only after apply. The
	// configuration keeps those of earlier plans, because Terraform would report a cycle if it removed such a resource
	// together with a resource that depends on it.
	later fields
}

func newCLIRunner(t *testing.T) func(m *model) runner {
	return func(m *model) runner {
		tf := &terraform{t: t, dir: t.TempDir()}
		tf.env = terraformcli.Environment("TF_IN_AUTOMATION=1", "TF_REATTACH_PROVIDERS="+serve(t))
		return &cliRunner{model: m, terraform: tf, read: map[*modelResource]*stateObject{}, later: fields{}}
	}
}

func (c *cliRunner) plan(options planOptions, planned func(*modelResource, *change)) {
	c.plans++
	c.writeState()
	c.writeConfig(options)
	c.options = nil
	if options.noRefresh {
		c.options = append(c.options, "-refresh=false")
	}
	if options.minimalRefresh && cli(c.terraform.t).Has(terraformcli.MinimalRefresh) {
		c.options = append(c.options, "-minimal-refresh")
	}
	for _, r := range c.resources {
		if options.replace && !r.removed {
			c.options = append(c.options, "-replace="+r.address())
		}
	}
	ran := c.run(append([]string{"plan", "-json", "-out=plan"}, c.options...)...)
	about := c.sort("plan", nil, ran)
	for _, r := range c.resources {
		change := &change{}
		if ran.exit == 0 {
			change = c.changeOf(r, ran.plan())
		}
		change.reported = about[r]
		if change.errs != nil || ran.exit == 0 {
			planned(r, change)
		}
	}
}

func (c *cliRunner) apply(changes map[*modelResource]*change, direct bool, done func(*modelResource, applied)) {
	c.systems.ClearRequests()
	c.systems.finishChecksSoon(slices.ContainsFunc(c.resources, (*modelResource).waits))
	when, arguments := "apply", []string{"apply", "-json", "plan"}
	if direct {
		when, arguments = "direct apply", append([]string{"apply", "-json", "-auto-approve"}, c.options...)
	}
	about := c.sort(when, changes, c.run(arguments...))
	c.readState()
	for _, r := range c.resources {
		if planned := changes[r]; planned != nil {
			done(r, applied{final: r.finalOf(planned), reported: about[r]})
		}
	}
}

func (c *cliRunner) refreshOnly() {
	c.plans++
	c.writeState()
	c.writeConfig(planOptions{})
	for r, about := range c.sort("refresh", nil, c.run("apply", "-json", "-auto-approve", "-refresh-only")) {
		if about.errs != nil {
			c.note("  %s: error: %v", r.name, about.errs)
		}
	}
	c.readState()
}

// run runs a command with the current values of all token sources.
func (c *cliRunner) run(arguments ...string) result {
	usual := c.terraform.env
	defer func() { c.terraform.env = usual }()
	for _, r := range c.systems.resources {
		c.terraform.env = append(c.terraform.env, fmt.Sprintf("TF_VAR_%s={value=%s}", r.name, r.yielded()))
	}
	return c.terraform.run(arguments...)
}

// yielded returns the current value of the token's source as an HCL expression.
func (r *modelResource) yielded() string {
	if token := r.tokens[r.token]; token != "" {
		return strconv.Quote(token)
	}
	return "null"
}

// sort checks all of Terraform's messages and groups them by resource. changes contains the applied changes, or is nil
// if the command applies no plan.
func (c *cliRunner) sort(when string, changes map[*modelResource]*change, ran result) map[*modelResource]reported {
	all, hasError := map[*modelResource]reported{}, false
	for _, d := range ran.diagnostics {
		c.checkOutput(when, []*tfprotov6.Diagnostic{{Summary: d.Summary, Detail: d.Detail}}, nil, nil)
		// Like process.validate, ignore the framework's hint to use the write-only argument.
		if strings.HasPrefix(d.Summary, "Available Write-Only Attribute") {
			continue
		}
		text, isAboutOne := d.Summary+": "+d.Detail, false
		hasError = hasError || d.Severity == "error"
		for _, r := range c.resources {
			// Errors about an import, a deletion, or a resource without a block have no address. A warning without an
			// address may be about any resource.
			planned := changes[r]
			deletes := planned != nil && (planned.action == deleteIt || planned.action.replaces() || planned.deposed != nil)
			if d.Address != r.address() && (d.Address != "" || d.Severity == "error" && r.importID == "" && !deletes && !r.removed) {
				continue
			}
			isAboutOne = true
			about := all[r]
			if d.Severity == "error" {
				about.errs = append(about.errs, text)
			} else {
				about.warnings = append(about.warnings, text)
			}
			all[r] = about
		}
		if !isAboutOne {
			c.fail(when+": Terraform's own "+d.Severity, "%s: %s at %q: %s", when, d.Severity, d.Address, text)
		}
	}
	if (ran.exit != 0) != hasError {
		c.fail(when+": exit code without a matching error", "%s ended with exit code %d:\n%s", when, ran.exit, ran.output)
	}
	return all
}

func (r *modelResource) address() string { return connectionType + "." + r.name }

// changeOf returns the change for a resource in a saved plan, and checks the planned values.
func (c *cliRunner) changeOf(r *modelResource, plan *tfjson.Plan) *change {
	all := &change{action: noOp, config: r.block()}
	for _, planned := range plan.ResourceChanges {
		if planned.Address != r.address() {
			continue
		}
		if planned.DeposedKey != "" {
			all.deposed = append(all.deposed, &change{action: deleteIt})
			continue
		}
		all.action = actionOf(planned.Change.Actions)
		all.isImport = planned.Change.Importing != nil
		if before := objectOf(planned.Change.Before, nil); before != nil {
			all.before = &stateObject{value: before, tainted: r.state.current != nil && r.state.current.tainted}
		}
		all.after = objectOf(planned.Change.After, planned.Change.AfterUnknown)
	}
	if all.after != nil {
		all.given = all.config.withIgnoredChanges(all.before)
		if all.action.replaces() {
			all.given = all.config.values
		}
		c.checkOutput("plan", nil, all.after, nil)
		c.checkPlan("plan", all)
	}
	return all
}

// actionOf converts the actions of a change in a saved plan, such as "delete" and "create".
func actionOf(actions tfjson.Actions) planAction {
	var words []string
	for _, action := range actions {
		words = append(words, string(action))
	}
	return planAction(strings.Join(words, ", then "))
}

// finalOf returns a planned change in which the configured values replace unknown values. The checks use the result as
// the final plan, which Terraform doesn't show.
func (r *modelResource) finalOf(first *change) *change {
	final := *first
	final.after = maps.Clone(first.after)
	now := r.values(true)
	if now["require_administrator"].IsNull() {
		now["require_administrator"] = tftypes.NewValue(tftypes.Bool, true)
	}
	for name, value := range final.after {
		if configured, is := now[name]; is && !value.IsKnown() && !configured.IsNull() {
			final.after[name] = configured
		}
	}
	return &final
}

// objectOf converts a connection from decoded JSON to an object, or nil to a nil object. In unknowns, which has the
// structure of a plan's after_unknown, unknown attributes have the value true.
func objectOf(written, unknowns any) object {
	if written == nil {
		return nil
	}
	schema := connectionSchema().resource
	o := schema.object(must((tfprotov6.RawState{JSON: must(json.Marshal(written))}).Unmarshal(schema.objectType)))
	isUnknown, _ := unknowns.(map[string]any)
	for name, is := range isUnknown {
		nested, isNested := is.(map[string]any)
		if is == true {
			o[name] = tftypes.NewValue(schema.objectType.AttributeTypes[name], tftypes.UnknownValue)
		}
		if block, there := schema.blocks[name]; isNested && there && !o[name].IsNull() {
			inner := block.object(o[name])
			for name := range nested {
				inner[name] = tftypes.NewValue(block.objectType.AttributeTypes[name], tftypes.UnknownValue)
			}
			o[name] = block.value(inner)
		}
	}
	return o
}

// writeConfig writes the configuration. Values that are known only after apply come from resources of type
// terraform_data.
func (c *cliRunner) writeConfig(options planOptions) {
	after := func(name string, values fields) (output string) {
		name = fmt.Sprintf("%s_%d", name, c.plans)
		c.later[name] = fields{"input": values}
		return "terraform_data." + name + ".output."
	}
	wintro := c.providerBlock()
	if options.providerUnknown {
		output := after("provider", fields{"api_token": wintro["api_token"]})
		wintro["api_token"] = "${" + output + "api_token}"
	}
	blocks, variables, imports := fields{}, fields{}, []any{}
	for _, r := range c.systems.resources {
		variables[r.name] = fields{"type": "object({ value = string })", "ephemeral": true, "sensitive": true}
		if r.removed || !slices.Contains(c.resources, r) {
			continue
		}
		if r.importID != "" {
			imports = append(imports, fields{"to": r.address(), "id": r.importID})
		}
		blocks[r.name] = r.written(after)
	}
	config := fields{
		"terraform": fields{"required_providers": fields{"wintro": fields{"source": "wintro-ai/wintro"}}},
		"provider":  fields{"wintro": wintro},
		"variable":  variables,
	}
	resources := fields{}
	if len(blocks) > 0 {
		resources[connectionType] = blocks
	}
	if len(c.later) > 0 {
		resources["terraform_data"] = c.later
	}
	if len(resources) > 0 {
		config["resource"] = resources
	}
	if len(imports) > 0 {
		config["import"] = imports
	}
	c.terraform.addFile("main.tf.json", string(must(json.MarshalIndent(config, "", "  "))))
}

// written returns the content of a resource block. The function after must add a resource whose outputs are known only
// after apply. It must return a reference to these outputs, which ends with a dot, so that written can append the name
// of a value.
func (r *modelResource) written(after func(name string, values fields) (output string)) fields {
	block, later := r.arguments(true), fields{}
	for name, value := range r.arguments(false) {
		if value == unknown {
			later[name] = block[name]
		}
	}
	timeouts, _ := block["timeouts"].(fields)
	for name, value := range r.config.timeouts {
		if value == unknown {
			later[name] = timeouts[name]
		}
	}
	if r.config.tokenUnknown {
		// A write-only token can't be an input of terraform_data, so let the token depend on another input.
		later[string(r.config.mode)] = true
	}
	output := ""
	if len(later) > 0 {
		output = after(r.name, later)
	}
	for name := range later {
		if reference := "${" + output + name + "}"; timeouts[name] != nil {
			timeouts[name] = reference
		} else {
			block[name] = reference
		}
	}
	token := map[tokenMode]string{asWriteOnly: "var." + r.name + ".value", asPlain: r.yielded()}[r.config.mode]
	if r.config.tokenUnknown {
		token = output + string(r.config.mode) + " ? " + token + " : " + token
	}
	if token != "" {
		block[string(r.config.mode)] = "${" + token + "}"
	}
	if r.config.createBeforeDestroy || r.config.ignoreChanges != nil {
		block["lifecycle"] = fields{"create_before_destroy": r.config.createBeforeDestroy, "ignore_changes": append([]string{}, r.config.ignoreChanges...)}
	}
	return block
}

// readState reads the objects of each resource from the state file into the model.
func (c *cliRunner) readState() {
	file := c.terraform.state()
	for _, r := range c.systems.resources {
		r.state = instance{}
		for _, resource := range file.Resources {
			if resource.Type+"."+resource.Name != r.address() {
				continue
			}
			for _, one := range resource.Instances {
				o := &stateObject{value: objectOf(one.Attributes, nil), private: one.Private, tainted: one.Status == "tainted"}
				c.checkOutput("state", nil, o.value, o.private)
				if one.Deposed == "" {
					r.state.current = o
				} else {
					r.state.deposed = append(r.state.deposed, o)
				}
			}
		}
		c.read[r] = r.state.current
	}
}

// writeState repeats the changes to state that events have made since the last command in the state file, with
// terraform state rm and terraform taint.
func (c *cliRunner) writeState() {
	for _, r := range c.systems.resources {
		switch r.state.current {
		case c.read[r]:
		case nil:
			c.run("state", "rm", r.address()).expectExit(0)
		default:
			c.run("taint", r.address()).expectExit(0)
		}
		c.read[r] = r.state.current
	}
}
