package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// TestAccLifecycleOnAnyVersion uses only features that Terraform 1.0 and OpenTofu 1.6 support. The workflow test.yml
// runs this test on versions that are too old for the other tests.
func TestAccLifecycleOnAnyVersion(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider("max_retries = 0"), resourceBlock(plain))

	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
	id := env.connectionID(t)

	tf.write(env.provider("max_retries = 0"), resourceBlock(plain, `name = "HR"`))
	tf.plan().expectExit(2).expectPlan(changes("name", "Recruitee", "HR"))
	tf.applySavedPlan().expectExit(0)
	tf.plan().expectExit(0)

	env.Relabel(id, "By hand")
	tf.plan().expectExit(2).expectPlan(changes("name", "By hand", "HR"))
	tf.apply().expectExit(0)

	env.RevokeToken(env.Token)
	tf.plan().expectExit(2).expectWarning("Recruitee rejected the API token").expectPlan(changes("status", "token_rejected", "active"))
	tf.token = env.newToken()
	tf.apply().expectExit(0)
	tf.plan().expectExit(0).expectPlan(planned(plancheck.ResourceActionNoop))
	tf.expectState(map[string]any{"id": id, "name": "HR", "status": "active"})

	tf.destroy().expectExit(0)
	env.expectConnections(t, 0)
}
