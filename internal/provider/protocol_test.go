package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const (
	connectionType = "wintro_recruitee_connection"
	syncType       = "wintro_recruitee_connection_sync"
	tokenType      = "wintro_recruitee_token"
)

// protocol calls the provider's protocol methods as Terraform does. Tests use it for features that the oldest tested
// Terraform lacks, and for input that Terraform sends only in rare cases.
type protocol struct {
	t testing.TB
	completeServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// fields maps the names of an object's attributes to values. Attributes that are left out are null.
type fields map[string]any

// unknown is the value of an attribute that isn't known yet.
var unknown = struct{}{}

// newTestProvider returns a provider that makes only short pauses and sees no environment variables.
func newTestProvider() *wintroProvider {
	return &wintroProvider{
		version:     "test",
		environment: func(string) (string, bool) { return "", false },
		adjust: func(settings *connection.Settings) {
			settings.RetryPause, settings.PollPause = time.Millisecond, time.Millisecond
		},
	}
}

// must returns value, and panics if err isn't nil. The provider reports all problems as diagnostics, so an error is a
// bug in a test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func newProtocol(t testing.TB) *protocol {
	t.Helper()
	server, ok := newServer(newTestProvider()).(completeServer)
	if !ok {
		t.Fatal("the framework's server lacks an interface")
	}
	p := &protocol{t: t, completeServer: server, schemas: must(server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}))}
	p.expectNone(p.schemas.Diagnostics)
	return p
}

// protocol returns a provider that is configured for this environment.
func (env *environment) protocol(t *testing.T) *protocol {
	t.Helper()
	p := newProtocol(t)
	p.expectNone(p.configure(fields{
		"endpoint":           env.WintroEndpoint(),
		"recruitee_endpoint": env.RecruiteeEndpoint(),
		"api_token":          env.WintroToken(),
		"max_retries":        1,
	}, false).Diagnostics)
	return p
}

func (p *protocol) configure(config fields, deferralAllowed bool) *tfprotov6.ConfigureProviderResponse {
	return must(p.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.14.0",
		Config:             p.object(p.schemas.Provider, config),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferralAllowed},
	}))
}

// object returns an object of a schema with the given attributes. Its other attributes are null.
func (p *protocol) object(schema *tfprotov6.Schema, set fields) *tfprotov6.DynamicValue {
	s := must(newObjectSchema(schema.Block))
	return s.pack(s.newObject(set))
}

// connection returns a connection with the given attributes. Its other attributes are null.
func (p *protocol) connection(set fields) *tfprotov6.DynamicValue {
	schema := connectionSchema().resource
	return schema.pack(schema.newObject(set))
}

func (p *protocol) null() *tfprotov6.DynamicValue { return connectionSchema().resource.pack(nil) }

func (p *protocol) identity(id string) *tfprotov6.ResourceIdentityData {
	schema := connectionSchema().identity
	return &tfprotov6.ResourceIdentityData{IdentityData: schema.pack(schema.newObject(fields{"id": id}))}
}

// read unpacks an object. It leaves out null attributes, and converts attributes that are neither strings nor booleans
// to text.
func (s objectSchema) read(packed *tfprotov6.DynamicValue) fields {
	found := fields{}
	for name, attribute := range s.unpack(packed) {
		var text string
		var flag bool
		switch {
		case !attribute.IsKnown():
			found[name] = unknown
		case attribute.IsNull():
		case attribute.Type().Is(tftypes.String) && attribute.As(&text) == nil:
			found[name] = text
		case attribute.Type().Is(tftypes.Bool) && attribute.As(&flag) == nil:
			found[name] = flag
		default:
			found[name] = attribute.String()
		}
	}
	return found
}

func (p *protocol) readConnection(packed *tfprotov6.DynamicValue) fields {
	return connectionSchema().resource.read(packed)
}

func (p *protocol) readIdentity(data *tfprotov6.ResourceIdentityData) fields {
	p.t.Helper()
	if data == nil {
		p.t.Fatal("there is no identity")
	}
	return connectionSchema().identity.read(data.IdentityData)
}

// inState is a connection in Terraform's state.
type inState struct {
	state    *tfprotov6.DynamicValue
	identity *tfprotov6.ResourceIdentityData
	private  []byte
}

// importState imports by ID or by identity and reads the imported connection, as Terraform does.
func (p *protocol) importState(req *tfprotov6.ImportResourceStateRequest) (inState, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	req.TypeName = connectionType
	imported := must(p.ImportResourceState(p.t.Context(), req))
	if len(imported.Diagnostics) > 0 {
		return inState{}, imported.Diagnostics
	}
	one := imported.ImportedResources[0]
	read := must(p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	}))
	p.expectNone(read.Diagnostics)
	if id := p.readIdentity(read.NewIdentity)["id"]; id != p.readConnection(read.NewState)["id"] {
		p.t.Errorf("the identity is %v", id)
	}
	return inState{read.NewState, read.NewIdentity, read.Private}, nil
}

func (p *protocol) planCreate(config fields, deferralAllowed bool) *tfprotov6.PlanResourceChangeResponse {
	schema := connectionSchema().resource
	return must(p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: p.null(), Config: p.connection(config),
		ProposedNewState:   schema.pack(schema.proposed(nil, schema.newObject(config))),
		ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: deferralAllowed},
	}))
}

// create plans and applies a new connection.
func (p *protocol) create(config fields) inState {
	p.t.Helper()
	plan := p.planCreate(config, false)
	p.expectNone(plan.Diagnostics)
	applied := must(p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: p.null(), PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate,
		Config: p.connection(config), PlannedIdentity: plan.PlannedIdentity,
	}))
	p.expectNone(applied.Diagnostics)
	return inState{applied.NewState, applied.NewIdentity, applied.Private}
}

// planUpdate plans an update of a connection in state. An error in the plan fails the test.
func (p *protocol) planUpdate(is inState, config fields) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	schema := connectionSchema().resource
	plan := must(p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: is.state, PriorIdentity: is.identity, PriorPrivate: is.private, Config: p.connection(config),
		ProposedNewState: schema.pack(schema.proposed(schema.unpack(is.state), schema.newObject(config))),
	}))
	for _, d := range plan.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			p.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
	return plan
}

func (p *protocol) expectNone(diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diagnostics {
		p.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}

// query runs a list block and returns its results.
func (p *protocol) query(config fields, limit int64, includeResource bool) (all []tfprotov6.ListResourceResult) {
	stream := must(p.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: connectionType, Config: p.object(p.schemas.ListResourceSchemas[connectionType], config), Limit: limit, IncludeResource: includeResource,
	}))
	for result := range stream.Results {
		all = append(all, result)
	}
	return all
}

// invoke runs the sync action, and returns its progress messages and its diagnostics. If onProgress isn't nil, invoke
// calls it after each progress message.
func (p *protocol) invoke(ctx context.Context, config fields, onProgress func()) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	stream := must(p.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
		ActionType: syncType, Config: p.object(p.schemas.ActionSchemas[syncType].Schema, config),
	}))
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
			if onProgress != nil {
				onProgress()
			}
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = event.Diagnostics
		}
	}
	return progress, diagnostics
}
