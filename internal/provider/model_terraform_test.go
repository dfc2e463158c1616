package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// core imitates Terraform core. It makes the same calls to the provider in the same order and with the same values, in
// a new provider process for each walk. Unlike Terraform core, it handles one resource after the other, so that a
// sequence can be repeated. It also doesn't implement marks, with which Terraform core tracks sensitive values.
type core struct {
	*model
	// provider contains the arguments of the provider block with which the last process was configured.
	provider fields
	// identities reports whether this Terraform supports identities, as 1.12 and newer do.
	identities bool
	// carries reports whether this Terraform sends what older versions don't. Terraform 1.16.5 and newer send the
	// identity of an object that they delete. Terraform 1.16 and newer send the private state from the first plan when
	// they make the final plan.
	carries bool
}

func newCore(m *model) runner {
	return &core{
		model:      m,
		identities: m.script.identities,
		carries:    m.script.carries,
	}
}

func (tf *core) plan(options planOptions) iter.Seq2[*modelResource, planResult] {
	return func(yield func(*modelResource, planResult) bool) {
		process := tf.start(options)
		for _, r := range tf.resources {
			if err := process.validate(r.whileValidating()); err != nil {
				tf.fail("validate fails", "%s: %v", r.name, err)
			}
			options.importID = r.importID
			change, err := process.planInstance(r.state, r.block(), options)
			if !yield(r, planResult{change, err}) {
				return
			}
		}
	}
}

func (tf *core) apply(changes map[*modelResource]*change, _ bool) iter.Seq2[*modelResource, applied] {
	return func(yield func(*modelResource, applied) bool) {
		process := tf.start(planOptions{})
		for _, r := range tf.resources {
			planned := changes[r]
			if planned == nil {
				continue
			}
			tf.systems.ClearRequests()
			tf.systems.beginApply(r.waits())
			var done applied
			r.state, done.final, done.warnings, done.err = process.applyInstance(planned, r.appliedValues(planned.config.values))
			if !yield(r, done) {
				return
			}
		}
	}
}

func (tf *core) refreshOnly() {
	process := tf.start(planOptions{})
	for _, r := range tf.resources {
		if r.state.current == nil {
			continue
		}
		read, _, err := process.refresh(r.state.current)
		if err != nil {
			tf.note("  %s: error: %v", r.name, err)
			return
		}
		r.state.current = read
	}
}

// connectionSchema returns the provider's schemas. The model takes all attribute names from them.
var connectionSchema = sync.OnceValue(func() (s struct {
	provider, resource, identity objectSchema
}) {
	server, ctx := newServer(newTestProvider()), context.Background()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		panic(err)
	}
	if s.provider, err = newObjectSchema(schemas.Provider.Block); err != nil {
		panic(err)
	}
	if s.resource, err = newObjectSchema(schemas.ResourceSchemas[connectionType].Block); err != nil {
		panic(err)
	}
	identity, _ := identities.IdentitySchemas[connectionType].ValueType().(tftypes.Object)
	s.identity = objectSchema{objectType: identity}
	return s
})

// newObject returns an object of this schema with the given attributes. Its other attributes are null.
func (s objectSchema) newObject(set fields) object {
	all := object{}
	for name, attributeType := range s.objectType.AttributeTypes {
		switch value := set[name].(type) {
		case fields:
			all[name] = s.blocks[name].value(s.blocks[name].newObject(value))
		case struct{}:
			all[name] = tftypes.NewValue(attributeType, tftypes.UnknownValue)
		default:
			all[name] = tftypes.NewValue(attributeType, value)
		}
	}
	for name := range set {
		if _, known := s.objectType.AttributeTypes[name]; !known {
			panic("there is no attribute " + name)
		}
	}
	return all
}

// stateObject is an object in Terraform's state.
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
	// current is nil if there is no current object.
	current *stateObject
	// deposed contains objects that a new object has replaced, but that Terraform hasn't deleted yet.
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

// resourceConfig is a resource block as Terraform core evaluates it.
type resourceConfig struct {
	// values are the current values of the arguments. nil means that the block was removed.
	values object
	// ignoreChanges contains the names of ignored attributes.
	ignoreChanges       []string
	createBeforeDestroy bool
}

// change is a planned change of a resource.
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
	// warnings are the plan's warnings.
	warnings []string
}

// differences describes the changes of attributes that a plan shows.
func (c *change) differences(describe func(tftypes.Value) string) (all []string) {
	if c.before == nil || c.after == nil || c.action.replaces() {
		return nil
	}
	for _, name := range connectionSchema().resource.names() {
		if before, after := c.before.value[name], c.after[name]; !before.Equal(after) {
			all = append(all, name+": "+describe(before)+" -> "+describe(after))
		}
	}
	return all
}

// failed contains errors that the provider reported to the user. They end a walk, but not the sequence.
type failed []string

func (f failed) Error() string { return strings.Join(f, "; ") }

// process is a provider that core has started and configured.
type process struct {
	*core
	tfprotov6.ProviderServer
}

func (tf *core) start(options planOptions) *process {
	tf.provider = tf.providerBlock()
	if options.providerUnknown {
		tf.provider["api_token"] = unknown
	}
	provider := newTestProvider()
	provider.adjust = func(settings *connection.Settings) { settings.RoundTripper = tf.systems.Transport }
	p := &process{tf, newServer(provider)}
	schema := connectionSchema().provider
	resp, err := p.ConfigureProvider(tf.ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: schema.pack(schema.newObject(tf.provider)),
	})
	if errs, _ := p.answered("configure", err, resp.Diagnostics); errs != nil {
		p.fail("configure fails", "configure: %v", errs)
	}
	return p
}

// answered checks a response, and returns the errors and warnings in it.
func (p *process) answered(when string, err error, diagnostics []*tfprotov6.Diagnostic) (errs failed, warnings []string) {
	if err != nil {
		p.fail(when+": error in place of an answer", "%s: %v", when, err)
	}
	p.checkSaid(when, diagnostics, nil, nil)
	for _, d := range diagnostics {
		reply := d.Summary + ": " + d.Detail
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, reply)
		} else {
			warnings = append(warnings, reply)
		}
	}
	return errs, warnings
}

// identityOf returns the identity that Terraform sends, or nil if this Terraform doesn't support identities.
func (tf *core) identityOf(o *stateObject) *tfprotov6.ResourceIdentityData {
	if o == nil || !tf.identities {
		return nil
	}
	return o.identity
}

// keepIdentity fails if the identity of an object has changed, or if it doesn't match the object. It returns the new
// identity.
func (tf *core) keepIdentity(when string, before, after *tfprotov6.ResourceIdentityData, value object) *tfprotov6.ResourceIdentityData {
	if !tf.identities {
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
			tf.fail(when+": identity of another object", "%s: the identity has another %s than the object", when, name)
		}
	}
	return after
}

// validate validates a configuration. Before its first walk, Terraform also validates it with unknown variables.
func (p *process) validate(config object) failed {
	resp, err := p.ValidateResourceConfig(p.ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: connectionType, Config: connectionSchema().resource.pack(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	errs, _ := p.answered("validate", err, resp.Diagnostics)
	return errs
}

// refresh reads an object. It returns nil if the object no longer exists.
func (p *process) refresh(o *stateObject) (_ *stateObject, warnings []string, _ error) {
	schema := connectionSchema().resource
	resp, err := p.ReadResource(p.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: schema.pack(o.value), Private: o.private, CurrentIdentity: p.identityOf(o),
	})
	errs, warnings := p.answered("read", err, resp.Diagnostics)
	if errs != nil {
		return o, warnings, errs
	}
	_, isUnknown := p.provider["api_token"].(struct{})
	read := &stateObject{value: schema.unpack(resp.NewState), private: resp.Private, tainted: o.tainted}
	if read.value == nil {
		return nil, warnings, nil
	}
	for _, warning := range warnings {
		if !isUnknown {
			summary, _, _ := strings.Cut(warning, ":")
			p.fail("planning rules: read warns of drift: "+digits.ReplaceAllString(summary, "N"), "read warns: %s", warning)
		}
	}
	p.checkSaid("read", nil, read.value, read.private)
	read.identity = p.keepIdentity("read", o.identity, resp.NewIdentity, read.value)
	if names := schema.unknowns(read.value); names != nil {
		p.fail("read: unknown", "read left %v unknown", names)
	}
	return read, warnings, nil
}

// importID imports a connection and reads it.
func (p *process) importID(id string) (*stateObject, []string, error) {
	schema := connectionSchema().resource
	resp, err := p.ImportResourceState(p.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: connectionType, ID: id})
	if errs, _ := p.answered("import", err, resp.Diagnostics); errs != nil {
		return nil, nil, errs
	}
	one := resp.ImportedResources[0]
	imported := &stateObject{value: schema.unpack(one.State), private: one.Private, identity: one.Identity}
	p.checkSaid("import", nil, imported.value, imported.private)
	read, warnings, err := p.refresh(imported)
	if err == nil && read == nil {
		err = failed{"Cannot import non-existent remote object"}
	}
	return read, warnings, err
}

// call calls the provider's PlanResourceChange and checks the response.
func (p *process) call(when string, prior *stateObject, private []byte, config object) (*tfprotov6.PlanResourceChangeResponse, object, failed, []string) {
	schema := connectionSchema().resource
	var before object
	if prior != nil {
		before = prior.value
	}
	resp, err := p.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: schema.pack(before), ProposedNewState: schema.pack(schema.proposed(before, config)),
		Config: schema.pack(config), PriorPrivate: private, PriorIdentity: p.identityOf(prior),
	})
	errs, warnings := p.answered(when, err, resp.Diagnostics)
	if errs != nil {
		return resp, nil, errs, warnings
	}
	planned := schema.unpack(resp.PlannedState)
	p.checkSaid(when, nil, planned, resp.PlannedPrivate)
	for _, problem := range schema.planProblems(before, config, planned, p.systems.describe) {
		p.fail("invalid plan: "+problem, "Provider produced invalid plan: %s: %s", when, problem)
	}
	return resp, planned, nil, warnings
}

// plan plans an object, in the plan walk or in the apply walk. first is the result of the first plan, or nil if this is
// the first plan.
func (p *process) plan(when string, prior *stateObject, config resourceConfig, replace bool, first *change) (*change, error) {
	schema := connectionSchema().resource
	if errs := p.validate(config.values); errs != nil {
		return nil, errs
	}
	planned := &change{config: config, before: prior}
	tainted := prior != nil && prior.tainted
	// Terraform sends the provider no data about a tainted object.
	var before *stateObject
	var private []byte
	if prior != nil && !tainted {
		before, private = prior, prior.private
	}
	if first != nil && p.carries {
		private = first.private
	}
	planned.given = config.withIgnoredChanges(before)
	resp, after, errs, warnings := p.call(when, before, private, planned.given)
	planned.warnings = warnings
	if errs != nil {
		return planned, errs
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
		// Terraform doesn't apply ignore_changes to a new object, and it drops the warnings of this call.
		resp, after, errs, _ = p.call(when+" of the replacement", nil, planned.private, config.values)
		if errs != nil {
			return planned, errs
		}
		planned.after, planned.private, planned.identity = after, resp.PlannedPrivate, resp.PlannedIdentity
		planned.given = config.values
	}
	p.checkPlan(when, planned)
	if tainted {
		planned.action = replaced
	}
	// There is no prior object, because Terraform has already deleted or deposed it.
	if first != nil && first.action.replaces() && planned.action == createIt {
		planned.action, planned.before = first.action, first.before
	}
	return planned, nil
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

// planOptions are the options of one plan for one resource.
type planOptions struct {
	noRefresh, minimalRefresh, replace bool
	// providerUnknown reports whether the provider's own token depends on something that isn't applied yet.
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

// planInstance plans a resource as Terraform's plan walk does.
func (p *process) planInstance(is instance, config resourceConfig, options planOptions) (*change, error) {
	prior := instance{current: is.current}
	var deposed []*change
	var warnings []string
	for _, o := range is.deposed {
		read, reply, err := o, []string(nil), error(nil)
		if !options.noRefresh && !options.minimalRefresh {
			read, reply, err = p.refresh(o)
		}
		warnings = append(warnings, reply...)
		if err != nil {
			return nil, err
		}
		if read == nil {
			continue
		}
		prior.deposed = append(prior.deposed, read)
		planned, err := p.planDelete(read)
		if err != nil {
			return nil, err
		}
		deposed = append(deposed, planned)
	}
	var reply []string
	var err error
	isImport := false
	switch {
	case options.importID != "" && is.current == nil:
		prior.current, reply, err = p.importID(options.importID)
		isImport = true
	case is.current != nil && options.minimalRefresh:
		prior.current, reply, err = p.refreshChanged(is.current, config, options)
	case is.current != nil && !options.noRefresh:
		prior.current, reply, err = p.refresh(is.current)
	}
	warnings = append(warnings, reply...)
	if err != nil {
		return nil, err
	}
	var planned *change
	switch {
	case config.values != nil:
		planned, err = p.plan("plan", prior.current, config, options.replace, nil)
	case prior.current != nil:
		planned, err = p.planDelete(prior.current)
	default:
		planned = &change{action: noOp}
	}
	if planned != nil {
		planned.warnings = append(warnings, planned.warnings...)
		planned.prior, planned.deposed, planned.isImport = prior, deposed, isImport
	}
	return planned, err
}

// refreshChanged plans an object from state, and reads it only if that plan has changes. It drops that plan. It doesn't
// read objects that Terraform will delete.
func (p *process) refreshChanged(o *stateObject, config resourceConfig, options planOptions) (*stateObject, []string, error) {
	if config.values == nil {
		return o, nil, nil
	}
	planned, err := p.plan("plan before the refresh", o, config, options.replace, nil)
	if err != nil || planned.action == noOp {
		return o, nil, err
	}
	return p.refresh(o)
}

func (p *process) planDelete(o *stateObject) (*change, error) {
	resp, _, errs, warnings := p.call("plan of a deletion", o, o.private, nil)
	if errs != nil {
		return nil, errs
	}
	return &change{action: deleteIt, before: o, private: resp.PlannedPrivate, warnings: warnings}, nil
}

// applyInstance applies a change as Terraform's apply walk does, and returns the new state. values are the current
// values of the configuration, all of which are known.
func (p *process) applyInstance(first *change, values object) (after instance, final *change, warnings []string, errs error) {
	is := instance{current: first.prior.current, deposed: slices.Clone(first.prior.deposed)}
	config := first.config
	config.values = values
	var problems failed
	note := func(err error) bool {
		if all, isFailed := err.(failed); isFailed { //nolint:errorlint // it is never wrapped
			problems = append(problems, all...)
		}
		return err != nil
	}
	// Terraform deletes objects that earlier runs deposed last, and only if nothing has failed before.
	defer func() {
		if problems != nil {
			return
		}
		for _, deposed := range first.deposed {
			left, reply, err := p.apply(deposed, nil, deposed.before)
			warnings = append(warnings, reply...)
			note(err)
			after.deposed = slices.DeleteFunc(after.deposed, func(o *stateObject) bool { return o == deposed.before })
			if left != nil {
				after.deposed = append(after.deposed, left)
			}
		}
		errs = problems.orNil()
	}()
	if first.action == deleteIt || first.action == deleteThenCreate {
		// Terraform sends the private state that was planned for the new object.
		left, reply, err := p.apply(&change{action: deleteIt, before: first.before, private: first.private}, nil, is.current)
		warnings = append(warnings, reply...)
		is.current = left
		if note(err) {
			return is, nil, warnings, problems
		}
	}
	if first.action == createThenDelete {
		is.deposed, is.current = append(is.deposed, is.current), nil
	}
	// Terraform doesn't plan unchanged resources again, not even if they have conditions to check.
	if config.values == nil || first.action == noOp {
		return is, nil, warnings, problems.orNil()
	}

	final, err := p.plan("final plan", is.current, config, false, first)
	if final != nil {
		warnings = append(warnings, final.warnings...)
	}
	if note(err) {
		// The old object stays deposed, and the next plan deletes it.
		return is, final, warnings, problems
	}
	p.checkFinal(first, final)
	if final.action == noOp {
		return is, final, warnings, problems.orNil()
	}
	reduced := *final
	if final.action.replaces() {
		reduced.action, reduced.before = createIt, nil
	}
	made, reply, err := p.apply(&reduced, values, is.current)
	warnings = append(warnings, reply...)
	is.current = made
	if note(err) {
		if made != nil && reduced.action == createIt {
			is.current = made.taint()
		}
		if first.action == createThenDelete && is.current == nil {
			// There is no new object, so the old object becomes the current one again.
			is.current, is.deposed = is.deposed[len(is.deposed)-1], is.deposed[:len(is.deposed)-1]
		}
		return is, final, warnings, problems
	}
	if first.action == createThenDelete {
		last := len(is.deposed) - 1
		old := is.deposed[last]
		destroy, err := p.planDelete(old)
		if note(err) {
			return is, final, warnings, problems
		}
		left, reply, err := p.apply(destroy, nil, old)
		warnings = append(warnings, reply...)
		note(err)
		is.deposed = is.deposed[:last]
		if left != nil {
			is.deposed = append(is.deposed, left)
		}
	}
	return is, final, warnings, problems.orNil()
}

func (f failed) orNil() error {
	if f == nil {
		return nil
	}
	return f
}

// checkFinal fails if the final plan contradicts the first one.
func (p *process) checkFinal(first, final *change) {
	if first.action != final.action && (first.action != updateIt || final.action != noOp) {
		p.fail(fmt.Sprintf("inconsistent final plan: %s became %s", first.action, final.action),
			"Provider produced inconsistent final plan: the action was %s, but now %s: %v", first.action, final.action,
			connectionSchema().resource.changes(first.after, final.after, p.systems.describe))
	}
	for _, problem := range connectionSchema().resource.changes(first.after, final.after, p.systems.describe) {
		p.fail("inconsistent final plan: "+problem, "Provider produced inconsistent final plan: %s", problem)
	}
}

// apply applies a change to an object in state, and returns the new object.
func (p *process) apply(c *change, config object, is *stateObject) (*stateObject, []string, error) {
	schema := connectionSchema().resource
	when := "apply to " + string(c.action)
	var before object
	if c.before != nil {
		before = c.before.value
	}
	var identity *tfprotov6.ResourceIdentityData
	switch {
	case p.identities && c.action != deleteIt:
		identity = c.identity
	case p.carries:
		identity = p.identityOf(c.before)
	}
	resp, err := p.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: schema.pack(before), PlannedState: schema.pack(c.after), Config: schema.pack(config),
		PlannedPrivate: c.private, PlannedIdentity: identity,
	})
	errs, warnings := p.answered(when, err, resp.Diagnostics)
	made := before
	switch {
	case resp.NewState == nil && c.after == nil:
		made = nil
	case resp.NewState != nil:
		made = schema.unpack(resp.NewState)
	}
	p.checkSaid(when, nil, made, resp.Private)
	if names := schema.unknowns(made); names != nil {
		p.fail(fmt.Sprintf("%s: left unknown %v", when, names), "Provider returned invalid result object after apply: %v unknown", names)
	}
	for name, attribute := range schema.attributes {
		if attribute.WriteOnly && made != nil && !made[name].IsNull() {
			p.fail(when+": write-only value in state", "%s is in state", name)
		}
	}
	if errs == nil && c.action != deleteIt {
		for _, problem := range schema.changes(c.after, made, p.systems.describe) {
			p.fail("inconsistent result after apply: "+problem, "Provider produced inconsistent result after apply: %s: %s", when, problem)
		}
	}
	switch {
	case errs != nil && made == nil:
		return is, warnings, errs
	case made == nil && c.action != deleteIt:
		p.fail(when+": nothing left", "%s left nothing", when)
	case made == nil:
		return nil, warnings, nil
	case errs == nil && c.action == deleteIt:
		p.fail(when+": something left", "%s left something", when)
	}
	after := &stateObject{value: made, private: resp.Private, tainted: errs != nil && is != nil && is.tainted}
	if c.action == deleteIt {
		// The object could not be deleted. Terraform then doesn't expect an identity in the response.
		after.identity = c.before.identity
		return after, warnings, errs
	}
	var old *tfprotov6.ResourceIdentityData
	if c.before != nil {
		old = c.before.identity
	}
	after.identity = p.keepIdentity(when, old, resp.NewIdentity, made)
	return after, warnings, errs.orNil()
}

var digits = regexp.MustCompile("[0-9]+")

// privateText decodes private state, so that a check can find a secret in it.
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
