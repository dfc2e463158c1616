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
)

// protocol is the provider as Terraform speaks to it, for what the Terraform at hand is too old for.
type protocol struct {
	t testing.TB
	tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// fields are the attributes of an object that aren't null.
type fields map[string]any

// unknown is the value of an attribute that isn't known yet.
var unknown = struct{}{}

// newTestProvider returns the provider with short pauses, and without an environment.
func newTestProvider() *wintroProvider {
	return &wintroProvider{
		version:     "test",
		environment: func(string) (string, bool) { return "", false },
		adjust: func(settings *connection.Settings) {
			settings.RetryPause, settings.PollPause = time.Millisecond, time.Millisecond
		},
	}
}

func newProtocol(t testing.TB) *protocol {
	t.Helper()
	server := newServer(newTestProvider())
	p := &protocol{t: t, ProviderServer: server}
	var err error
	if p.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if p.identities, err = server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}); err != nil {
		t.Fatal(err)
	}
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
	p.t.Helper()
	resp, err := p.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion:   "1.14.0",
		Config:             p.object(p.schemas.Provider, config),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: deferralAllowed},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return resp
}

// object returns an object of a schema, whose other attributes are null.
func (p *protocol) object(schema *tfprotov6.Schema, set fields) *tfprotov6.DynamicValue {
	p.t.Helper()
	objectType, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("the schema isn't an object's")
	}
	return p.value(objectType, set)
}

func (p *protocol) identity(id string) *tfprotov6.ResourceIdentityData {
	p.t.Helper()
	identityType, ok := p.identities.IdentitySchemas[connectionType].ValueType().(tftypes.Object)
	if !ok {
		p.t.Fatal("there is no identity")
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: p.value(identityType, fields{"id": id})}
}

func (p *protocol) value(objectType tftypes.Object, set fields) *tfprotov6.DynamicValue {
	p.t.Helper()
	all := map[string]tftypes.Value{}
	for name, attributeType := range objectType.AttributeTypes {
		switch value := set[name]; value {
		case unknown:
			all[name] = tftypes.NewValue(attributeType, tftypes.UnknownValue)
		default:
			all[name] = tftypes.NewValue(attributeType, value)
		}
	}
	for name := range set {
		if _, known := objectType.AttributeTypes[name]; !known {
			p.t.Fatalf("there is no attribute %s", name)
		}
	}
	packed, err := tfprotov6.NewDynamicValue(objectType, tftypes.NewValue(objectType, all))
	if err != nil {
		p.t.Fatal(err)
	}
	return &packed
}

// read unpacks an object's attributes that are texts, booleans or null.
func (p *protocol) read(objectType tftypes.Type, packed *tfprotov6.DynamicValue) fields {
	p.t.Helper()
	value, err := packed.Unmarshal(objectType)
	if err != nil {
		p.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		p.t.Fatal(err)
	}
	found := fields{}
	for name, attribute := range attributes {
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
	p.t.Helper()
	return p.read(p.schemas.ResourceSchemas[connectionType].ValueType(), packed)
}

func (p *protocol) readIdentity(data *tfprotov6.ResourceIdentityData) fields {
	p.t.Helper()
	if data == nil {
		p.t.Fatal("there is no identity")
	}
	return p.read(p.identities.IdentitySchemas[connectionType].ValueType(), data.IdentityData)
}

// importState imports by ID or by identity and reads what was imported, as Terraform does.
func (p *protocol) importState(req *tfprotov6.ImportResourceStateRequest) (fields, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	req.TypeName = connectionType
	imported, err := p.ImportResourceState(p.t.Context(), req)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(imported.Diagnostics) > 0 {
		return nil, imported.Diagnostics
	}
	one := imported.ImportedResources[0]
	read, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.expectNone(read.Diagnostics)
	if is := p.readIdentity(read.NewIdentity); is["id"] != p.readConnection(read.NewState)["id"] {
		p.t.Errorf("identity %v", is)
	}
	return p.readConnection(read.NewState), nil
}

func (p *protocol) expectNone(diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	for _, d := range diagnostics {
		p.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}

// query runs a list block.
func (p *protocol) query(config fields, limit int64, includeResource bool) []tfprotov6.ListResourceResult {
	p.t.Helper()
	server, ok := p.ProviderServer.(interface {
		ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error)
	})
	if !ok {
		p.t.Fatal("the provider lists nothing")
	}
	stream, err := server.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: connectionType, Config: p.object(p.schemas.ListResourceSchemas[connectionType], config), Limit: limit, IncludeResource: includeResource,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	var all []tfprotov6.ListResourceResult
	for result := range stream.Results {
		all = append(all, result)
	}
	return all
}

// invoke runs the sync action, and returns its progress messages and what it ended with.
func (p *protocol) invoke(ctx context.Context, config fields, onProgress func()) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	server, ok := p.ProviderServer.(interface {
		InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error)
	})
	if !ok {
		p.t.Fatal("the provider has no actions")
	}
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
		ActionType: syncType, Config: p.object(p.schemas.ActionSchemas[syncType].Schema, config),
	})
	if err != nil {
		p.t.Fatal(err)
	}
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

func newNull(schema *tfprotov6.Schema) tftypes.Value {
	return tftypes.NewValue(schema.ValueType(), nil)
}
