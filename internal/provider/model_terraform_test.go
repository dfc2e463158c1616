package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// core imitates Terraform core. For each resource, it makes the same calls to the provider in the same order and with
// the same values. Each command gets a new instance of the provider. Unlike Terraform core, it handles one resource
// after another, so a sequence always has the same result. It doesn't imitate how Terraform core tracks sensitive
// values.
type core struct {
	*model
}

func newCore(m *model) runner { return &core{m} }

func (tf *core) plan(options planOptions, planned func(*modelResource, *change)) {
	process := tf.start(options)
	for _, r := range tf.resources {
		if !process.validate(r.whileValidating()) {
			tf.fail("validate fails", "%s: %v", r.name, process.errs)
		}
		process.reported = reported{}
		options.importID = r.importID
		change := process.planInstance(r.state, r.block(), options)
		change.reported = process.reported
		planned(r, change)
	}
}

func (tf *core) apply(changes map[*modelResource]*change, _ bool, done func(*modelResource, applied)) {
	process := tf.start(planOptions{})
	for _, r := range tf.resources {
		planned := changes[r]
		if planned == nil {
			continue
		}
		tf.systems.ClearRequests()
		tf.systems.finishChecksSoon(r.waits())
		process.reported = reported{}
		var final *change
		r.state, final = process.applyInstance(planned, r.appliedValues(planned.config.values))
		done(r, applied{final: final, reported: process.reported})
	}
}

func (tf *core) refreshOnly() {
	process := tf.start(planOptions{})
	for _, r := range tf.resources {
		if r.state.current == nil {
			continue
		}
		read, ok := process.refresh(r.state.current)
		if !ok {
			tf.note("  %s: error: %v", r.name, process.errs)
			return
		}
		r.state.current = read
	}
}

// connectionSchema returns the schemas of the provider block, the resource and its identity.
var connectionSchema = sync.OnceValue(func() (s struct {
	provider, resource, identity objectSchema
}) {
	server, ctx := newServer(newTestProvider()), context.Background()
	schemas := must(server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}))
	identities := must(server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{}))
	s.provider = must(newObjectSchema(schemas.Provider.Block))
	s.resource = must(newObjectSchema(schemas.ResourceSchemas[connectionType].Block))
	identity, _ := identities.IdentitySchemas[connectionType].ValueType().(tftypes.Object)
	s.identity = objectSchema{objectType: identity}
	return s
})

// stateObject is a connection in Terraform's state, with the data that Terraform keeps for it.
type stateObject struct {
	value    object
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

func (o *stateObject) taint() *stateObject {
	if o == nil {
		return nil
	}
	tainted := *o
	tainted.tainted = true
	return &tainted
}

// instance is a resource in Terraform's state.
type instance struct {
	// current is nil if state contains no current object.
	current *stateObject
	// deposed contains objects that Terraform still has to delete, although it has created or tried to create their
	// replacement.
	deposed []*stateObject
}

type planAction string

const (
	noOp             planAction = "no-op"
	createIt         planAction = "create"
	updateIt         planAction = "update"
	deleteThenCreate planAction = "delete, then create"
	createThenDelete planAction = "create, then delete"
	deleteIt         planAction = "delete"
)

func (a planAction) replaces() bool { return a == deleteThenCreate || a == createThenDelete }

// resourceConfig is the result of evaluating a resource block.
type resourceConfig struct {
	// values contains the values of the arguments. It is nil if the block was removed.
	values object
	// ignoreChanges contains the names of ignored attributes.
	ignoreChanges       []string
	createBeforeDestroy bool
}

// change is the planned change of a resource, or of one of its objects.
type change struct {
	action planAction
	config resourceConfig
	// given is the configuration that the provider received, with the prior values of ignored attributes.
	given  object
	before *stateObject
	after  object
	// private is the planned private state.
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	// deposed contains the changes that delete deposed objects.
	deposed []*change
	// isImport reports whether the object was imported for this plan.
	isImport bool
	// prior contains the resource's objects in state after the refresh.
	prior instance
	reported
}

// reported contains the errors and warnings that Terraform reports about a resource.
type reported struct{ errs, warnings []string }

// process is a configured instance of the provider, which plays the part of a provider process.
type process struct {
	*core
	tfprotov6.ProviderServer
	// settings contains the arguments of the provider block.
	settings fields
	// reported contains the messages about the current resource.
	reported
}

func (tf *core) start(options planOptions) *process {
	provider := newTestProvider()
	provider.adjust = func(settings *connection.Settings) { settings.RoundTripper = tf.systems.Transport }
	p := &process{core: tf, ProviderServer: newServer(provider), settings: tf.providerBlock()}
	if options.providerUnknown {
		p.settings["api_token"] = unknown
	}
	schema := connectionSchema().provider
	resp, err := p.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: schema.pack(schema.newObject(p.settings)),
	})
	if !p.checkResponse("configure", err, resp.Diagnostics) {
		p.fail("configure fails", "configure: %v", p.errs)
	}
	return p
}

// checkResponse checks the messages of a response, and adds them to p.errs and p.warnings. ok reports whether the
// response contains no error.
func (p *process) checkResponse(when string, err error, diagnostics []*tfprotov6.Diagnostic) (ok bool) {
	if err != nil {
		p.fail(when+": error instead of a response", "%s: %v", when, err)
	}
	p.checkOutput(when, diagnostics, nil, nil)
	ok = true
	for _, d := range diagnostics {
		message := d.Summary + ": " + d.Detail
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			p.errs = append(p.errs, message)
			ok = false
		} else {
			p.warnings = append(p.warnings, message)
		}
	}
	return ok
}

// identityOf returns the identity of an object, or nil if o is nil or the imitated Terraform doesn't support
// identities.
func (tf *core) identityOf(o *stateObject) *tfprotov6.ResourceIdentityData {
	if o == nil || !tf.script.identities {
		return nil
	}
	return o.identity
}

// keepIdentity fails if a call has changed the identity of an object, or if the identity doesn't match the object. It
// returns the new identity.
func (tf *core) keepIdentity(when string, before, after *tfprotov6.ResourceIdentityData, value object) *tfprotov6.ResourceIdentityData {
	if !tf.script.identities {
		return nil
	}
	if after == nil || after.IdentityData == nil {
		if value != nil {
			tf.fail(when+": no identity", "%s returned no identity", when)
		}
		return after
	}
	schema := connectionSchema().identity
	is := schema.unpack(after.IdentityData)
	if before != nil && before.IdentityData != nil && !schema.equal(is, schema.unpack(before.IdentityData)) {
		tf.fail(when+": another identity", "%s changed the identity", when)
	}
	for name, attribute := range is {
		if value != nil && !attribute.Equal(value[name]) {
			tf.fail(when+": identity of another object", "%s: identity and object differ in %s", when, name)
		}
	}
	return after
}

// validate validates a configuration. It records errors, but no warnings.
func (p *process) validate(config object) (ok bool) {
	resp, err := p.ValidateResourceConfig(p.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: connectionType, Config: connectionSchema().resource.pack(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	// Ignore the framework's hint to use the write-only argument.
	warnings := p.warnings
	ok = p.checkResponse("validate", err, resp.Diagnostics)
	p.warnings = warnings
	return ok
}

// refresh reads an object. It returns nil if the object no longer exists.
func (p *process) refresh(o *stateObject) (_ *stateObject, ok bool) {
	schema, before := connectionSchema().resource, len(p.warnings)
	resp, err := p.ReadResource(p.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: schema.pack(o.value), Private: o.private, CurrentIdentity: p.identityOf(o),
	})
	if !p.checkResponse("read", err, resp.Diagnostics) {
		return nil, false
	}
	read := &stateObject{value: schema.unpack(resp.NewState), private: resp.Private, tainted: o.tainted}
	if read.value == nil {
		return nil, true
	}
	for _, warning := range p.warnings[before:] {
		if p.settings["api_token"] != unknown {
			summary, _, _ := strings.Cut(warning, ":")
			p.fail("planning rules: a read has a warning: "+summary, "a read has a warning: %s", warning)
		}
	}
	p.checkOutput("read", nil, read.value, read.private)
	read.identity = p.keepIdentity("read", o.identity, resp.NewIdentity, read.value)
	if names := schema.unknowns(read.value); names != nil {
		p.fail("a read leaves attributes unknown", "a read left %v unknown", names)
	}
	return read, true
}

// importID imports a connection and reads it.
func (p *process) importID(id string) (_ *stateObject, ok bool) {
	schema := connectionSchema().resource
	resp, err := p.ImportResourceState(p.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: connectionType, ID: id})
	if !p.checkResponse("import", err, resp.Diagnostics) {
		return nil, false
	}
	one := resp.ImportedResources[0]
	imported := &stateObject{value: schema.unpack(one.State), private: one.Private, identity: one.Identity}
	p.checkOutput("import", nil, imported.value, imported.private)
	read, ok := p.refresh(imported)
	if ok && read == nil {
		p.errs = append(p.errs, "Cannot import non-existent remote object")
	}
	return read, read != nil
}

// call calls PlanResourceChange, and checks the response against the rules of Terraform.
func (p *process) call(when string, prior *stateObject, private []byte, config object) (_ *tfprotov6.PlanResourceChangeResponse, planned object, ok bool) {
	schema := connectionSchema().resource
	var before object
	if prior != nil {
		before = prior.value
	}
	resp, err := p.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: schema.pack(before), ProposedNewState: schema.pack(schema.proposed(before, config)),
		Config: schema.pack(config), PriorPrivate: private, PriorIdentity: p.identityOf(prior),
	})
	if !p.checkResponse(when, err, resp.Diagnostics) {
		return resp, nil, false
	}
	planned = schema.unpack(resp.PlannedState)
	p.checkOutput(when, nil, planned, resp.PlannedPrivate)
	for _, problem := range schema.planProblems(before, config, planned) {
		p.fail("invalid plan: "+problem, "Provider produced invalid plan: %s: %s", when, problem)
	}
	return resp, planned, true
}

// plan plans the current object of a resource, for the first plan or for the final plan during the apply. For the final
// plan, first is the change in the first plan. plan returns nil if there is an error.
func (p *process) plan(when string, prior *stateObject, config resourceConfig, replace bool, first *change) *change {
	schema := connectionSchema().resource
	if !p.validate(config.values) {
		return nil
	}
	planned := &change{config: config, before: prior}
	tainted := prior != nil && prior.tainted
	// Terraform plans to replace a tainted object, and sends the provider neither its state nor its private state.
	var before *stateObject
	var private []byte
	if prior != nil && !tainted {
		before, private = prior, prior.private
	}
	if first != nil && p.script.carries {
		private = first.private
	}
	planned.given = config.withIgnoredChanges(before)
	resp, after, ok := p.call(when, before, private, planned.given)
	if !ok {
		return nil
	}
	planned.after, planned.private, planned.identity = after, resp.PlannedPrivate, resp.PlannedIdentity

	replaced := createThenDelete
	if !config.createBeforeDestroy {
		replaced = deleteThenCreate
	}
	requires := slices.ContainsFunc(resp.RequiresReplace, func(path *tftypes.AttributePath) bool {
		name, isName := path.Steps()[0].(tftypes.AttributeName)
		return before != nil && isName && !after[string(name)].Equal(before.value[string(name)])
	})
	switch {
	case before == nil:
		planned.action = createIt
	case replace || requires:
		planned.action = replaced
	case schema.equal(after, before.value):
		planned.action = noOp
	default:
		planned.action = updateIt
	}
	if before != nil && !planned.action.replaces() {
		p.keepIdentity(when, before.identity, resp.PlannedIdentity, nil)
	}
	if planned.action.replaces() {
		// Like Terraform, don't apply ignore_changes to a new object, and drop the warnings of this call.
		warnings := p.warnings
		resp, after, ok = p.call(when+" of the replacement", nil, planned.private, config.values)
		p.warnings = warnings
		if !ok {
			return nil
		}
		planned.after, planned.private, planned.identity = after, resp.PlannedPrivate, resp.PlannedIdentity
		planned.given = config.values
	}
	p.checkPlan(when, planned)
	if tainted {
		planned.action = replaced
	}
	// During the apply of a replacement, the prior object has already been deleted or deposed, so the final plan only
	// creates an object.
	if first != nil && first.action.replaces() && planned.action == createIt {
		planned.action, planned.before = first.action, first.before
	}
	return planned
}

// withIgnoredChanges returns the configuration with the prior values of ignored attributes.
func (c resourceConfig) withIgnoredChanges(prior *stateObject) object {
	if prior == nil {
		return c.values
	}
	kept := object{}
	for name, value := range c.values {
		kept[name] = value
		if slices.Contains(c.ignoreChanges, name) {
			kept[name] = prior.value[name]
		}
	}
	return kept
}

// planOptions contains the options of one plan for one resource.
type planOptions struct {
	noRefresh, minimalRefresh, replace bool
	// providerUnknown reports whether the provider's API token is known only after apply.
	providerUnknown bool
	// importID is the ID in an import block, or "".
	importID string
}

func (o planOptions) String() (text string) {
	for _, option := range []struct {
		is   bool
		text string
	}{{o.noRefresh, " -refresh=false"}, {o.minimalRefresh, " -minimal-refresh"}, {o.replace, " -replace"}, {o.providerUnknown, ", the provider's token (known after apply)"}} {
		if option.is {
			text += option.text
		}
	}
	return text
}

// planInstance refreshes and plans all objects of a resource as terraform plan does. It returns an empty change if
// there is an error.
func (p *process) planInstance(is instance, config resourceConfig, options planOptions) *change {
	failed, ok := &change{}, true
	prior := instance{current: is.current}
	var deposed []*change
	for _, o := range is.deposed {
		if !options.noRefresh && !options.minimalRefresh {
			if o, ok = p.refresh(o); !ok {
				return failed
			}
		}
		if o == nil {
			continue
		}
		prior.deposed = append(prior.deposed, o)
		deletion := p.planDelete(o)
		if deletion == nil {
			return failed
		}
		deposed = append(deposed, deletion)
	}
	isImport := options.importID != "" && is.current == nil
	switch {
	case isImport:
		prior.current, ok = p.importID(options.importID)
	case is.current != nil && options.minimalRefresh:
		prior.current, ok = p.refreshChanged(is.current, config, options)
	case is.current != nil && !options.noRefresh:
		prior.current, ok = p.refresh(is.current)
	}
	if !ok {
		return failed
	}
	planned := &change{action: noOp}
	switch {
	case config.values != nil:
		planned = p.plan("plan", prior.current, config, options.replace, nil)
	case prior.current != nil:
		planned = p.planDelete(prior.current)
	}
	if planned == nil {
		return failed
	}
	planned.prior, planned.deposed, planned.isImport = prior, deposed, isImport
	return planned
}

// refreshChanged refreshes an object as -minimal-refresh does. It refreshes the object only if a plan from the old
// state would update or replace it, and not if Terraform will delete it.
func (p *process) refreshChanged(o *stateObject, config resourceConfig, options planOptions) (_ *stateObject, ok bool) {
	if config.values == nil {
		return o, true
	}
	warnings := p.warnings
	planned := p.plan("plan before the refresh", o, config, options.replace, nil)
	p.warnings = warnings
	if planned == nil || planned.action == noOp {
		return o, planned != nil
	}
	return p.refresh(o)
}

// planDelete lets the provider plan to delete an object. It returns nil if there is an error.
func (p *process) planDelete(o *stateObject) *change {
	resp, _, ok := p.call("plan of a deletion", o, o.private, nil)
	if !ok {
		return nil
	}
	return &change{action: deleteIt, before: o, private: resp.PlannedPrivate}
}

// applyInstance applies the change of a resource as terraform apply does. values contains the current values of the
// configuration, all of which are known. It returns the new state and the final plan, or nil if Terraform makes no
// final plan or the final plan fails.
func (p *process) applyInstance(first *change, values object) (is instance, final *change) {
	is, final = p.applyCurrent(first, values)
	// At the end, and only if there was no error, Terraform deletes the objects that earlier applies have deposed.
	if p.errs == nil {
		for _, deletion := range first.deposed {
			is = p.deleteDeposed(is, deletion)
		}
	}
	return is, final
}

// applyCurrent applies the change of the current object.
func (p *process) applyCurrent(first *change, values object) (is instance, final *change) {
	is = instance{current: first.prior.current, deposed: slices.Clone(first.prior.deposed)}
	var ok bool
	config := first.config
	config.values = values
	if first.action == deleteIt || first.action == deleteThenCreate {
		// For a replacement, Terraform sends the private state that was planned for the new object, even when it
		// deletes the old one.
		is.current, ok = p.apply(&change{action: deleteIt, before: first.before, private: first.private}, nil, is.current)
		if !ok {
			return is, nil
		}
	}
	if first.action == createThenDelete {
		is.deposed, is.current = append(is.deposed, is.current), nil
	}
	// Terraform doesn't plan unchanged resources again, not even if they have conditions to check.
	if values == nil || first.action == noOp {
		return is, nil
	}

	final = p.plan("final plan", is.current, config, false, first)
	if final == nil {
		// With create_before_destroy, the old object stays deposed, and the next plan proposes to delete it.
		return is, nil
	}
	p.checkFinal(first, final)
	if final.action == noOp {
		return is, final
	}
	reduced := *final
	if final.action.replaces() {
		reduced.action, reduced.before = createIt, nil
	}
	is.current, ok = p.apply(&reduced, values, is.current)
	if !ok && reduced.action == createIt {
		is.current = is.current.taint()
	}
	if first.action == createThenDelete {
		last := len(is.deposed) - 1
		old := is.deposed[last]
		if ok {
			if deletion := p.planDelete(old); deletion != nil {
				is = p.deleteDeposed(is, deletion)
			}
		} else if is.current == nil {
			// The create returned no object, so the old object becomes the current object again.
			is.current, is.deposed = old, is.deposed[:last]
		}
	}
	return is, final
}

// deleteDeposed deletes a deposed object. If that fails, the object stays deposed.
func (p *process) deleteDeposed(is instance, deletion *change) instance {
	left, _ := p.apply(deletion, nil, deletion.before)
	is.deposed = slices.DeleteFunc(is.deposed, func(o *stateObject) bool { return o == deletion.before })
	if left != nil {
		is.deposed = append(is.deposed, left)
	}
	return is
}

// checkFinal fails if the final plan contradicts the first one.
func (p *process) checkFinal(first, final *change) {
	problems := connectionSchema().resource.changes(first.after, final.after)
	if first.action != final.action && (first.action != updateIt || final.action != noOp) {
		problems = append([]string{fmt.Sprintf("%s became %s", first.action, final.action)}, problems...)
	}
	if problems != nil {
		p.fail("inconsistent final plan: "+problems[0], "Provider produced inconsistent final plan: %q", problems)
	}
}

// apply calls ApplyResourceChange and checks the response. It returns the new object, or nil if the object no longer
// exists. If the provider returns an error without an object, apply returns is, the object in state.
func (p *process) apply(c *change, config object, is *stateObject) (_ *stateObject, ok bool) {
	schema := connectionSchema().resource
	when := "apply to " + string(c.action)
	var before object
	var old, identity *tfprotov6.ResourceIdentityData
	if c.before != nil {
		before, old = c.before.value, c.before.identity
	}
	switch {
	case p.script.identities && c.action != deleteIt:
		identity = c.identity
	case p.script.carries:
		identity = p.identityOf(c.before)
	}
	resp, err := p.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: schema.pack(before), PlannedState: schema.pack(c.after), Config: schema.pack(config),
		PlannedPrivate: c.private, PlannedIdentity: identity,
	})
	ok = p.checkResponse(when, err, resp.Diagnostics)
	made := schema.unpack(resp.NewState)
	p.checkOutput(when, nil, made, resp.Private)
	if names := schema.unknowns(made); names != nil {
		p.fail(fmt.Sprintf("%s: left unknown %v", when, names), "Provider returned invalid result object after apply: %v unknown", names)
	}
	for name, attribute := range schema.attributes {
		if attribute.WriteOnly && made != nil && !made[name].IsNull() {
			p.fail(when+": write-only value in state", "%s is in state", name)
		}
	}
	if ok {
		for _, problem := range schema.changes(c.after, made) {
			p.fail("inconsistent result after apply: "+problem, "Provider produced inconsistent result after apply: %s: %s", when, problem)
		}
	}
	if made == nil {
		if !ok {
			return is, false
		}
		return nil, true
	}
	after := &stateObject{value: made, private: resp.Private, tainted: !ok && is != nil && is.tainted}
	if c.action == deleteIt {
		// If a delete fails, Terraform doesn't expect an identity in the response.
		after.identity = old
	} else {
		after.identity = p.keepIdentity(when, old, resp.NewIdentity, made)
	}
	return after, ok
}

// privateText returns the decoded values of private state.
func privateText(private []byte) string {
	var keys map[string][]byte
	if json.Unmarshal(private, &keys) != nil {
		return string(private)
	}
	var all []string
	for _, value := range keys {
		all = append(all, string(value))
	}
	return strings.Join(all, " ")
}
