package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// These tests cover the same features as the TestAcc13xx tests. They imitate a newer Terraform at protocol level, so they
// run with any Terraform. TestModel also covers -minimal-refresh and identities.

// Terraform before 1.16.5 doesn't always send the identity when it deletes a resource.
func TestDeletionNeedsNoIdentity(t *testing.T) {
	t.Parallel()
	for _, isSent := range []bool{true, false} {
		env := newEnvironment(t)
		id := env.Connect(acme, "By hand", env.Token)
		p := env.protocol(t)
		is, diagnostics := p.importState(&tfprotov6.ImportResourceStateRequest{ID: id})
		p.expectNone(diagnostics)
		state, identity := is.state, is.identity
		if !isSent {
			identity = nil
		}
		plan := must(p.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: connectionType, PriorState: state, PriorIdentity: identity, ProposedNewState: p.null(), Config: p.null(),
		}))
		p.expectNone(plan.Diagnostics)
		env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Status: http.StatusForbidden})
		for _, expected := range []struct{ problems, left int }{{1, 1}, {0, 0}} {
			applied := must(p.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: connectionType, PriorState: state, PlannedState: p.null(), Config: p.null(),
				PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: identity,
			}))
			if len(applied.Diagnostics) != expected.problems || len(env.Connections()) != expected.left {
				t.Errorf("with an identity: %t: Wintro has %d connections, diagnostics %+v", isSent, len(env.Connections()), applied.Diagnostics)
			}
			env.ClearFaults()
		}
	}
}

// With -minimal-refresh, Terraform first plans from state. If that plan isn't empty, it reads the connection and plans
// again.
func TestMinimalRefreshReadsOnlyForAChange(t *testing.T) {
	t.Parallel()
	revoked := func(env *environment, _ string) { env.RevokeToken(env.Token) }
	relabelled := func(env *environment, id string) { env.Relabel(id, "Somebody's") }
	for name, test := range map[string]struct {
		happens  func(env *environment, id string)
		label    string
		isEmpty  bool
		requests map[string]int
	}{
		"nothing":                       {func(*environment, string) {}, "Recruitee", true, map[string]int{"recruitee GET": 1}},
		"a revoked token":               {revoked, "Recruitee", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
		"another label in Wintro":       {relabelled, "Recruitee", true, map[string]int{"recruitee GET": 1}},
		"another label, and a new name": {relabelled, "HR", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
		"another label as the new name": {relabelled, "Somebody's", false, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
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
					t.Errorf("the second plan is %v", planned)
				}
			}
			env.expectRequests(t, test.requests)
		})
	}
}

// For a create, Terraform plans an action before the connection's ID is known.
func TestPlanningASyncSendsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	p := env.protocol(t)
	for _, id := range []any{"conn_1", unknown} {
		config := p.object(p.schemas.ActionSchemas[syncType].Schema, fields{"connection_id": id})
		p.expectNone(must(p.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: syncType, Config: config})).Diagnostics)
		p.expectNone(must(p.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: syncType, Config: config})).Diagnostics)
	}
	env.expectRequests(t, map[string]int{})
}

// Terraform doesn't configure a mocked provider. It only reads the schema and validates configurations.
func TestMockedProviderSendsNothing(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	for token, problems := range map[any]int{"a-token": 0, unknown: 0, "with space": 1} {
		resource := must(p.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName:           connectionType,
			Config:             p.connection(fields{"company_id": "816", "api_token_wo": token}),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
		}))
		ephemeral := must(p.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: tokenType, Config: p.object(p.schemas.EphemeralResourceSchemas[tokenType], fields{"company_id": "816", "api_token": token}),
		}))
		if len(resource.Diagnostics) != problems || len(ephemeral.Diagnostics) != problems {
			t.Errorf("token %v: the resource returned %+v, the ephemeral resource %+v", token, resource.Diagnostics, ephemeral.Diagnostics)
		}
	}
}
