package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc1xx tests create connections. If a check before the create fails, the provider must not send a Recruitee
// token to Wintro.

// The connection is pending at first, so the create must wait until Wintro has checked the token.
func TestAcc101_CreateWithAValidTokenStoresIt(t *testing.T) {
	t.Parallel()
	for _, m := range managed {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.StayPending(3)
			tf := env.terraform(t, env.provider(), resourceBlock(m))
			tf.apply().expectExit(0)
			tf.expectState(map[string]any{
				"id":                    env.connectionID(t),
				"company_id":            "816",
				"name":                  "Recruitee",
				"enabled":               true,
				"require_administrator": true,
				"status":                "active",
				"api_token_fingerprint": sandbox.Fingerprint(env.Token),
				"company_name":          "Acme",
			})
			env.expectToken(t, env.Token)
			tf.plan().expectExit(0)
			tf.destroy().expectExit(0)
			env.expectConnections(t, 0)
		})
	}
}

// If recruitee_verification is "apply", only the apply reports the problem. Otherwise the plan already reports it.
func TestAcc102_CreateWithATokenThatRecruiteeRefusesSendsNothing(t *testing.T) {
	t.Parallel()
	const noAccess = "The API token gives no access to Recruitee company "
	for name, test := range map[string]struct {
		company string
		change  func(*environment)
		summary string
		words   []string
	}{
		"revoked token": {"816", func(env *environment) { env.RevokeToken(env.Token) }, "Recruitee rejected the API token for company 816",
			[]string{"401 (invalid_token: Token not found.)", "Create a new personal API token", "Careers API token", "api_token"}},
		"another company's token": {"816", func(env *environment) { _, env.Token = env.addCompany() }, noAccess + "816", []string{"403 (Forbidden)", "company_id = \"816\""}},
		"unknown company":         {"999", func(*environment) {}, noAccess + "999", []string{"404 (Page not found)", "company_id = \"999\""}},
		"no Administrator": {"816", func(env *environment) { env.SetRole(ada, "Administrator", false) }, "The owner of the API token for company 816 isn't an Administrator",
			[]string{"ada@acme.example", "require_administrator = false", "api_token"}},
		"deactivated owner": {"816", func(env *environment) { env.SetActive(ada, false) }, noAccess + "816", []string{"ada@acme.example is deactivated in this company. Either reactivate the owner"}},
	} {
		for verification, m := range map[string]mode{"plan": writeOnly, "apply": plain} {
			t.Run(name+" in "+verification, func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				test.change(env)
				tf := env.terraform(t, env.provider(`recruitee_verification = "`+verification+`"`), strings.Replace(resourceBlock(m), "816", test.company, 1))
				run := tf.apply
				if verification == "plan" {
					run = tf.plan
				}
				run().expectError(test.summary, test.words...)
				if tf.attributes() != nil {
					t.Error("the state contains a connection")
				}
				env.expectNoToken(t)
			})
		}
	}
}

var html = http.Header{"Content-Type": {"text/html; charset=utf-8"}}

func TestAcc115_CreateThatStaysPendingIsInStateWithAWarning(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.StayPending(-1)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, "timeouts {\n    create = \"2s\"\n    update = \"1s\"\n  }"))
	tf.apply().expectExit(0).expectWarning("Wintro has not finished its first check of company 816", env.connectionID(t), "Nothing is lost")
	tf.expectState(map[string]any{"id": env.connectionID(t), "status": "pending"})

	tf.apply().expectError("Wintro has not finished its first check of company 816")
	tf.expectState(map[string]any{"status": "pending"})

	env.SetStatus(env.connectionID(t), "active")
	tf.plan().expectExit(0)
}

func TestAcc116_CreateThatWintroCanNotUseIsAnErrorWithTheIDInState(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.FailLogins(true)
	env.StayPending(2)
	tf := env.terraform(t, env.provider(), resourceBlock(plain))
	tf.apply().expectError("Wintro can't log in to Recruitee for company 816", "api_token")
	tf.expectState(map[string]any{"id": env.connectionID(t), "status": "invalid"})

	env.FailLogins(false)
	tf.apply().expectExit(0)
	tf.expectState(map[string]any{"id": env.connectionID(t), "status": "active"})
}

func TestAcc117_CreateLooksUpAndVerifiesConcurrently(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(plain))
	env.Fail(sandbox.Fault{Method: http.MethodGet, Latency: overlap})
	expectOverlap := func() (verification, lookUp sandbox.Request) {
		t.Helper()
		requests := env.Requests()
		verification, lookUp = requests.To(sandbox.Recruitee)[0], requests.To(sandbox.Wintro).With(http.MethodGet)[0]
		if !verification.Overlaps(lookUp) {
			t.Error("the verification and the look-up didn't overlap")
		}
		return verification, lookUp
	}
	tf.plan().expectExit(2)
	env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1})
	expectOverlap()

	env.ClearRequests()
	tf.applySavedPlan().expectExit(0)
	env.expectRequests(t, map[string]int{"recruitee GET": 1, "wintro GET": 1, "wintro POST": 1})
	verification, lookUp := expectOverlap()
	if post := env.Requests().With(http.MethodPost)[0]; post.Overlaps(verification) || post.Overlaps(lookUp) || post.IdempotencyKey == "" {
		t.Error("the create request was sent before the verification and the look-up ended, or without an idempotency key")
	}
}
