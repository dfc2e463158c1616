package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestSyncActionReportsProgress(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	env.SetVacancies(12)
	p := env.protocol(t)
	progress, diagnostics := p.invoke(t.Context(), fields{"connection_id": id}, nil)
	p.expectNone(diagnostics)
	if len(progress) < 3 || !strings.Contains(progress[0], ": queued, vacancies read: 0") || !strings.Contains(progress[len(progress)-1], ": succeeded, vacancies read: 12") {
		t.Errorf("the action reported the progress %q", progress)
	}
	env.ClearRequests()
	progress, diagnostics = p.invoke(t.Context(), fields{"connection_id": id, "wait": false}, nil)
	p.expectNone(diagnostics)
	if len(progress) != 1 || len(env.Requests()) != 1 {
		t.Errorf("without waiting, the action reported the progress %q and sent %d requests", progress, len(env.Requests()))
	}
}

func TestSyncActionThatFailsNamesTheCause(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment func(*environment, string)
		config      fields
		summary     string
		words       string
	}{
		"a failed sync":         {func(env *environment, _ string) { env.FailSyncs("vacancy 3 has no title.") }, nil, "The vacancy sync failed", "vacancy 3 has no title. Check"},
		"a disabled connection": {func(env *environment, id string) { env.SetEnabled(id, false) }, nil, "The connection is disabled", "enabled = true"},
		"no such connection":    {func(env *environment, id string) { env.Disconnect(id) }, nil, "There is no connection with this ID in Wintro", "settings"},
		"no scope":              {func(env *environment, _ string) { env.RevokeScope(env.WintroToken(), connection.ScopeWrite) }, nil, "The provider's API token lacks the scope", "company admin"},
		"Wintro down":           {func(env *environment, _ string) { env.Fail(sandbox.Fault{System: sandbox.Wintro, Status: 502}) }, nil, "Wintro gave no usable response", "502"},
		"a sync that takes longer": {
			func(env *environment, _ string) {
				env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: "GET", Latency: time.Minute})
			},
			// The timeout must leave enough time to start the sync on a slow machine.
			fields{"timeout": "3s"}, "The vacancy sync has not finished in time", "The sync continues in Wintro",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			id := env.Connect(acme, "By hand", env.Token)
			test.environment(env, id)
			config := fields{"connection_id": id}
			for field, value := range test.config {
				config[field] = value
			}
			_, diagnostics := env.protocol(t).invoke(t.Context(), config, nil)
			if len(diagnostics) != 1 || !strings.HasPrefix(diagnostics[0].Summary, test.summary) || !strings.Contains(diagnostics[0].Detail, test.words) {
				t.Errorf("the action returned %+v", diagnostics)
			}
			for _, never := range []string{"changed", "company_id"} {
				if strings.Contains(diagnostics[0].Detail, never) {
					t.Errorf("the message contains %q: %s", never, diagnostics[0].Detail)
				}
			}
			expectCount(t, env.Requests().With("POST"), 1)
		})
	}
}

func TestSyncActionThatIsInterruptedIsAnError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	ctx, interrupt := context.WithCancel(t.Context())
	_, diagnostics := env.protocol(t).invoke(ctx, fields{"connection_id": id}, interrupt)
	if len(diagnostics) != 1 || diagnostics[0].Summary != "Waiting for the vacancy sync was interrupted" {
		t.Errorf("the action returned %+v", diagnostics)
	}
}

// If an action runs after a create, Terraform plans it before the connection's ID is known.
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

// Terraform validates an action before it knows the values of variables.
func TestSyncActionValidatesItsArgumentsInEachCall(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	p := env.protocol(t)
	for name, test := range map[string]struct {
		config  fields
		summary string
	}{
		"Wintro token":      {fields{"connection_id": env.WintroToken()}, "Invalid connection_id"},
		"Recruitee token":   {fields{"connection_id": env.Token + "/"}, "Invalid connection_id"},
		"empty ID":          {fields{"connection_id": ""}, "Invalid connection_id"},
		"no ID":             {fields{}, "Missing connection_id"},
		"no duration":       {fields{"connection_id": "conn_1", "timeout": "never"}, "Invalid timeout"},
		"negative duration": {fields{"connection_id": "conn_1", "timeout": "-1s"}, "Invalid timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			config := p.object(p.schemas.ActionSchemas[syncType].Schema, test.config)
			plan := must(p.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: syncType, Config: config}))
			_, invoked := p.invoke(t.Context(), test.config, nil)
			for _, diagnostics := range [][]*tfprotov6.Diagnostic{plan.Diagnostics, invoked} {
				if len(diagnostics) != 1 || diagnostics[0].Summary != test.summary {
					t.Errorf("the action returned %+v", diagnostics)
				}
			}
		})
	}
	expectCount(t, env.Requests(), 0)
}
