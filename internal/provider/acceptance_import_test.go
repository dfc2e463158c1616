package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc8xx tests import connections that a user created without Terraform.

func TestAcc801_PlanAfterImportWithTheSameTokenIsEmpty(t *testing.T) {
	t.Parallel()
	for _, m := range []mode{unmanaged, writeOnly} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf, id := env.imported(t, m, env.Token)
			tf.plan().expectExit(0)
			tf.expectState(map[string]any{
				"id": id, "company_id": "816", "name": "Recruitee", "enabled": true, "require_administrator": true, "status": "active",
				"api_token": nil, "api_token_wo": nil, "api_token_fingerprint": sandbox.Fingerprint(env.Token),
			})
			env.expectNoToken(t)
		})
	}
}

func TestAcc802_PlanAfterImportWithAnotherTokenIsOneUpdate(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf, _ := env.imported(t, writeOnly, env.newToken())
	tf.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate))
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
	env.expectToken(t, env.Token)
}

func TestAcc803_ImportWithThePlainTokenSendsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf, _ := env.imported(t, plain, env.Token)
	tf.plan().expectExit(2).expectPlan(planned(plancheck.ResourceActionUpdate), onlyChange("api_token"))
	tf.apply().expectExit(0)
	env.expectNoToken(t)
	tf.plan().expectExit(0)
}

func TestAcc804_ImportOfAMissingConnectionIsAnError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(unmanaged))
	tf.importID("conn_unknown").expectExit(1).expectOutput("There is no connection with this ID in Wintro")
	if tf.attributes() != nil {
		t.Error("the state contains a connection")
	}
}
