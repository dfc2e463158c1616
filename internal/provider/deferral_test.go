package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestUnknownValuesAreDeferredIfAllowed(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	const notDeferred, provider, resource = tfprotov6.DeferredReasonUnknown, tfprotov6.DeferredReasonProviderConfigUnknown, tfprotov6.DeferredReasonResourceConfigUnknown
	for name, test := range map[string]struct {
		endpoint any
		config   fields
		reason   tfprotov6.DeferredReason
		// requests are the requests of a plan that isn't deferred. The look-up in Wintro doesn't need the token.
		requests map[string]int
	}{
		"endpoint":         {unknown, fields{"company_id": "816", "api_token_wo": env.Token}, provider, nil},
		"company":          {env.WintroEndpoint(), fields{"company_id": unknown, "api_token_wo": env.Token}, resource, nil},
		"write-only token": {env.WintroEndpoint(), fields{"company_id": "816", "api_token_wo": unknown}, resource, map[string]int{"wintro GET": 1}},
		"plain token":      {env.WintroEndpoint(), fields{"company_id": "816", "api_token": unknown}, resource, map[string]int{"wintro GET": 1}},
		"nothing":          {env.WintroEndpoint(), fields{"company_id": "816", "api_token_wo": env.Token}, notDeferred, map[string]int{"recruitee GET": 1, "wintro GET": 1}},
	} {
		for _, allowed := range []bool{true, false} {
			env.ClearRequests()
			p := newProtocol(t)
			settings := fields{"endpoint": test.endpoint, "recruitee_endpoint": env.RecruiteeEndpoint(), "api_token": env.WintroToken()}
			p.expectNone(p.configure(settings, allowed).Diagnostics)
			plan := p.planCreate(test.config, allowed)
			p.expectNone(plan.Diagnostics)
			isDeferred := plan.Deferred != nil && plan.Deferred.Reason == test.reason
			if expected := allowed && test.reason != notDeferred; isDeferred != expected {
				t.Errorf("%s is unknown, deferral allowed: %t: deferred %v", name, allowed, plan.Deferred)
			}
			requests := test.requests
			if isDeferred {
				requests = nil
			}
			env.expectRequests(t, requests)
		}
	}
}
