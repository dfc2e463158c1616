package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The 5xx tests count requests.

func TestAcc501_CleanPlanAsksEachSystemOnce(t *testing.T) {
	t.Parallel()
	inEachMode(t, managed, func(d drift) {
		d.plan().expectExit(0)
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
	})
}

func TestAcc502_CleanPlanWithoutATokenAsksOnlyWintro(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged}, func(d drift) {
		d.plan().expectExit(0)
		d.expectRequests(d.t, map[string]int{"wintro GET": 1})
	})
}

func TestAcc503_RefreshAsksBothSystemsSideBySide(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain}, func(d drift) {
		d.Fail(sandbox.Fault{Latency: overlap})
		d.plan().expectExit(0)
		requests := d.Requests()
		if len(requests) != 2 || !requests[0].Overlaps(requests[1]) {
			d.t.Errorf("one waited for the other: %+v", requests)
		}
	})
}

func TestAcc504_CreateAsksBothSystemsOnceInPlanAndOnceInApply(t *testing.T) {
	t.Parallel()
	for _, m := range managed {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf := env.terraform(t, env.provider(), resourceBlock(m))
			tf.plan().expectExit(2)
			env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
			env.ClearRequests()
			tf.applySavedPlan().expectExit(0)
			env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1, "wintro POST": 1})
		})
	}
}

func TestAcc505_UpdateSendsOneRequestAndVerifiesOnlyATokenThatItSends(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		d.plan().expectExit(2)
		d.ClearRequests()
		d.applySavedPlan().expectExit(0)
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro PATCH": 1})

		d.terraform.token = d.newToken()
		d.plan().expectExit(2)
		d.ClearRequests()
		d.applySavedPlan().expectExit(0)
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro PATCH": 1})
	})
}

// Terraform plans normally, without saying that it is about to destroy, before it plans to destroy.
func TestAcc506_DestroyIsOneRequestBesideTheRefresh(t *testing.T) {
	t.Parallel()
	inEachMode(t, managed, func(d drift) {
		d.destroy().expectExit(0)
		d.expectRequests(d.t, map[string]int{"recruitee GET": 1, "wintro GET": 1, "wintro DELETE": 1})
	})
}

func TestAcc507_NothingIsAskedWhileConfiguring(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), "output \"nothing\" { value = 1 }")
	tf.plan().expectExit(2)
	tf.apply().expectExit(0)
	tf.run("validate").expectExit(0)
	env.expectRequests(t, map[string]int{})
}

// Many connections are found in Wintro's list, a hundred on a page.
func TestAcc508_PlanOfFiftyConnectionsAsksRecruiteeFiftyTimesAndWintroOnce(t *testing.T) {
	t.Parallel()
	const connections = 50
	for _, m := range []mode{{"plain", "api_token"}, {"write_only", "api_token_wo"}} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf := env.terraform(t, env.provider(), env.crowd(connections, m.attribute))
			tf.apply().expectExit(0)
			if made := len(env.Connections()); made != connections {
				t.Fatalf("%d connections", made)
			}
			env.ClearRequests()
			tf.plan().expectExit(0)
			requests := env.Requests()
			if asked := len(requests.To(sandbox.Recruitee)); asked != connections {
				t.Errorf("Recruitee was asked %d times", asked)
			}
			if asked := len(requests.To(sandbox.Wintro)); asked != 1 {
				t.Errorf("Wintro was asked %d times", asked)
			}
		})
	}
}

func TestAcc509_RequestsNameTerraformAndTheProvider(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(plain))
	tf.apply().expectExit(0)
	for _, r := range env.Requests() {
		var terraform, system string
		if n, _ := fmt.Sscanf(r.UserAgent, "Terraform/%s terraform-provider-wintro/test (%s", &terraform, &system); n != 2 {
			t.Errorf("user agent %q", r.UserAgent)
		}
	}
	if len(env.Requests().With(http.MethodPost)) != 1 {
		t.Error("there was no creation")
	}
}

// Plan and apply read the list once for all. In an apply a token is verified when Terraform plans its connection
// once more, right before it applies it.
func TestAcc510_CreatingManyConnectionsTakesTwoCallsForEachAndOneForAll(t *testing.T) {
	t.Parallel()
	const connections, parallelism = 30, 5
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), env.crowd(connections, "api_token_wo"))
	tf.plan().expectExit(2)
	env.expectRequests(t, map[string]int{"recruitee GET": connections, "wintro GET": 1})
	env.ClearRequests()
	tf.run("apply", "-json", fmt.Sprint("-parallelism=", parallelism), "plan").expectExit(0)
	env.expectRequests(t, map[string]int{"recruitee GET": connections, "wintro GET": 1, "wintro POST": connections})
}
