package provider

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// These tests are the twins of the 13xx tests: they play a newer Terraform at protocol level. TestModel also plays
// -minimal-refresh and identities.

// Before 1.16.5, Terraform sends the identity with a delete only sometimes.
func TestDeletionNeedsNoIdentity(t *testing.T) {
	t.Parallel()
	for _, isSent := range []bool{true, false} {
		env := newEnvironment(t)
		id := env.Connect(acme, "By hand", env.Token)
		p := env.protocol(t)
		state, identity := p.readByID(id)
		if !isSent {
			identity = nil
		}
		plan, err := p.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: connectionType, PriorState: state, PriorIdentity: identity, ProposedNewState: p.null(), Config: p.null(),
		})
		if err != nil {
			t.Fatal(err)
		}
		p.expectNone(plan.Diagnostics)
		env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Status: http.StatusForbidden})
		for _, expected := range []struct{ problems, left int }{{1, 1}, {0, 0}} {
			applied, err := p.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: connectionType, PriorState: state, PlannedState: p.null(), Config: p.null(),
				PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: identity,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(applied.Diagnostics) != expected.problems || len(env.Connections()) != expected.left {
				t.Errorf("identity sent: %t: %d left, diagnostics %+v", isSent, len(env.Connections()), applied.Diagnostics)
			}
			env.ClearFaults()
		}
	}
}

// With -minimal-refresh, Terraform plans from state. Only if that plan isn't empty, it reads the connection and plans
// again.
func TestMinimalRefresh(t *testing.T) {
	t.Parallel()
	revoked := func(env *environment, _ string) { env.RevokeToken(env.Token) }
	relabelled := func(env *environment, id string) { env.Relabel(id, "Somebody's") }
	for name, test := range map[string]struct {
		happens  func(env *environment, id string)
		label    string
		isEmpty  bool
		requests map[string]int
	}{
		"nothing":                          {func(*environment, string) {}, "Recruitee", true, map[string]int{"recruitee GET": 1}},
		"a revoked token":                  {revoked, "Recruitee", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
		"another label in Wintro":          {relabelled, "Recruitee", true, map[string]int{"recruitee GET": 1}},
		"another label, and a wanted one":  {relabelled, "HR", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
		"a label that is the one in state": {relabelled, "Somebody's", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			created := env.protocol(t).create(fields{"company_id": "816", "api_token_wo": env.Token})
			test.happens(env, env.connectionID(t))
			env.ClearRequests()
			p := env.protocol(t)
			config := fields{"company_id": "816", "api_token_wo": env.Token, "name": test.label}
			first := p.planUpdate(created, config)
			isEmpty := fmt.Sprint(p.readConnection(first.PlannedState)) == fmt.Sprint(p.readConnection(created.state))
			if isEmpty != test.isEmpty {
				t.Errorf("the first plan is empty: %t: %v", isEmpty, p.readConnection(first.PlannedState))
			}
			if !isEmpty {
				planned := p.readConnection(p.planUpdate(p.refresh(created), config).PlannedState)
				if planned["name"] != test.label {
					t.Errorf("planned %v", planned)
				}
			}
			env.expectRequests(t, test.requests)
		})
	}
}

// For a destroy, Terraform plans an action while the connection exists, and invokes it before or after the destroy. For a
// create, it plans the action before the ID is known.
func TestSyncActionIsPlannedBeforeItIsInvoked(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	p := env.protocol(t)
	actions, ok := p.ProviderServer.(interface {
		ValidateActionConfig(context.Context, *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error)
		PlanAction(context.Context, *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error)
	})
	if !ok {
		t.Fatal("the provider plans no actions")
	}
	for _, id := range []any{"conn_93ceff9b16ab4ea5aa68", unknown} {
		config := p.object(p.schemas.ActionSchemas[syncType].Schema, fields{"connection_id": id})
		valid, err := actions.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: syncType, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		p.expectNone(valid.Diagnostics)
		planned, err := actions.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: syncType, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		p.expectNone(planned.Diagnostics)
	}
	env.expectRequests(t, map[string]int{})
}

func TestSyncActionBeforeAndAfterADeletion(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.SetVacancies(5)
	p := env.protocol(t)
	created := p.create(fields{"company_id": "816", "api_token_wo": env.Token})
	config := fields{"connection_id": p.readConnection(created.state)["id"]}
	progress, diagnostics := p.invoke(t.Context(), config, nil)
	p.expectNone(diagnostics)
	if last := progress[len(progress)-1]; !strings.Contains(last, "is succeeded: 5 read so far") {
		t.Errorf("progress %q", progress)
	}
	env.Disconnect(env.connectionID(t))
	// Exactly one error: on_failure = continue turns it into a warning.
	if _, diagnostics = p.invoke(t.Context(), config, nil); len(diagnostics) != 1 || !strings.HasPrefix(diagnostics[0].Summary, "There is no connection with this ID in Wintro") {
		t.Errorf("ended with %+v", diagnostics)
	}
}

// Terraform doesn't configure a mocked provider: it only reads the schema and validates configurations.
func TestAMockedProviderSendsNothing(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for token, problems := range map[any]int{"a-token": 0, unknown: 0, "with space": 1} {
		resource, err := p.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName:           connectionType,
			Config:             p.object(p.schemas.ResourceSchemas[connectionType], fields{"company_id": "816", "api_token_wo": token}),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		ephemeral, err := p.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: tokenType, Config: p.object(p.schemas.EphemeralResourceSchemas[tokenType], fields{"company_id": "816", "api_token": token}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(resource.Diagnostics) != problems || len(ephemeral.Diagnostics) != problems {
			t.Errorf("%v: %+v, %+v", token, resource.Diagnostics, ephemeral.Diagnostics)
		}
	}
}

const tokenType = "wintro_recruitee_token"

// inState is a connection in Terraform's state.
type inState struct {
	state    *tfprotov6.DynamicValue
	identity *tfprotov6.ResourceIdentityData
	private  []byte
}

func (p *protocol) null() *tfprotov6.DynamicValue {
	p.t.Helper()
	schema := p.schemas.ResourceSchemas[connectionType]
	packed, err := tfprotov6.NewDynamicValue(schema.ValueType(), newNull(schema))
	if err != nil {
		p.t.Fatal(err)
	}
	return &packed
}

// readByID imports and reads a connection, and returns it without private state.
func (p *protocol) readByID(id string) (*tfprotov6.DynamicValue, *tfprotov6.ResourceIdentityData) {
	p.t.Helper()
	imported, err := p.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: connectionType, ID: id})
	if err != nil {
		p.t.Fatal(err)
	}
	p.expectNone(imported.Diagnostics)
	one := imported.ImportedResources[0]
	read := p.refresh(inState{one.State, one.Identity, one.Private})
	return read.state, read.identity
}

// create plans and applies a create.
func (p *protocol) create(config fields) inState {
	p.t.Helper()
	plan := p.planCreate(config, false)
	p.expectNone(plan.Diagnostics)
	applied, err := p.ApplyResourceChange(p.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: connectionType, PriorState: p.null(), PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate,
		Config: p.object(p.schemas.ResourceSchemas[connectionType], config), PlannedIdentity: plan.PlannedIdentity,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.expectNone(applied.Diagnostics)
	return inState{applied.NewState, applied.NewIdentity, applied.Private}
}

func (p *protocol) refresh(is inState) inState {
	p.t.Helper()
	read, err := p.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: connectionType, CurrentState: is.state, CurrentIdentity: is.identity, Private: is.private,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.expectNone(read.Diagnostics)
	return inState{read.NewState, read.NewIdentity, read.Private}
}

// planUpdate plans an update of a connection in state. It expects no errors.
func (p *protocol) planUpdate(is inState, config fields) *tfprotov6.PlanResourceChangeResponse {
	p.t.Helper()
	schema := connectionSchema().resource
	plan, err := p.PlanResourceChange(p.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: connectionType, PriorState: is.state, PriorIdentity: is.identity, PriorPrivate: is.private,
		Config:           schema.pack(schema.newObject(config)),
		ProposedNewState: schema.pack(schema.proposed(schema.unpack(is.state), schema.newObject(config))),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range plan.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			p.t.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
	return plan
}
