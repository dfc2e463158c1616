package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestUnknownProviderSettingsAreDeferredIfAllowed(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{true, false} {
		env := newEnvironment(t)
		p := newProtocol(t)
		configured := p.configure(fields{"endpoint": unknown, "api_token": "t"}, allowed)
		p.expectNone(configured.Diagnostics)
		plan := p.planCreate(fields{"company_id": "816", "api_token_wo": env.Token}, allowed)
		p.expectNone(plan.Diagnostics)
		if deferred := plan.Deferred != nil && plan.Deferred.Reason == tfprotov6.DeferredReasonProviderConfigUnknown; deferred != allowed {
			t.Errorf("deferral allowed: %t, deferred: %v", allowed, plan.Deferred)
		}
	}
}

func TestUnknownCompanyOrTokenIsDeferredIfAllowed(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{true, false} {
		for _, config := range []fields{
			{"company_id": unknown, "api_token_wo": "t"},
			{"company_id": "816", "api_token_wo": unknown},
			{"company_id": "816", "api_token": unknown},
		} {
			env := newEnvironment(t)
			p := env.protocol(t)
			plan := p.planCreate(config, allowed)
			p.expectNone(plan.Diagnostics)
			if deferred := plan.Deferred != nil && plan.Deferred.Reason == tfprotov6.DeferredReasonResourceConfigUnknown; deferred != allowed {
				t.Errorf("%v: deferral allowed: %t, deferred: %v", config, allowed, plan.Deferred)
			}
			requests := map[string]int{}
			if !allowed && config["company_id"] != unknown {
				// The provider sends only the look-up in Wintro, which doesn't need the token.
				requests["wintro GET"] = 1
			}
			env.expectRequests(t, requests)
		}
	}
}

func TestKnownValuesAreNotDeferred(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	plan := env.protocol(t).planCreate(fields{"company_id": "816", "api_token_wo": env.Token}, true)
	if plan.Deferred != nil {
		t.Errorf("the plan is deferred: %v", plan.Deferred)
	}
	env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
}
