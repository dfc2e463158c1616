package provider

import (
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc11xx tests refresh without planning, plan without refreshing, and plan connections with several problems.

func TestAcc1101_RefreshOnlyCopiesWintrosValues(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{unmanaged, plain}, func(d drift) {
		d.Relabel(d.id, "Somebody's")
		d.SetEnabled(d.id, false)
		d.run("plan", "-refresh-only", "-detailed-exitcode", "-out=plan", "-json").expectExit(2)
		d.expectState(map[string]any{"name": "Recruitee", "enabled": true})
		d.run("apply", "-refresh-only", "-auto-approve", "-json").expectExit(0)
		d.expectState(map[string]any{"name": "Somebody's", "enabled": false, "status": "disabled"})
		expectCount(d.t, d.Requests().With(http.MethodPatch), 0)
	})
}

func TestAcc1103_RefreshOnlyDoesNotVerifyAWriteOnlyToken(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{writeOnly}, func(d drift) {
		d.RevokeToken(d.Token)
		d.run("plan", "-refresh-only", "-json").expectExit(0).expectNoDrift()
		expectCount(d.t, d.Requests().To(sandbox.Recruitee), 0)
	})
}

func TestAcc1105_PlanWithoutARefreshOnlyVerifiesTheConfiguredToken(t *testing.T) {
	t.Parallel()
	inEachMode(t, all, func(d drift) {
		d.Relabel(d.id, "By hand")
		d.plan("-refresh=false").expectExit(0)
		d.RevokeToken(d.Token)
		switch d.mode {
		case writeOnly, versioned:
			d.plan("-refresh=false").expectExit(2).expectWarning("Recruitee rejected the API token for company 816")
		case plain:
			d.terraform.token = "mistyped"
			d.plan("-refresh=false").expectError("Recruitee rejected the API token for company 816")
		}
		expectCount(d.t, d.Requests().To(sandbox.Wintro), 0)
	})
}

func TestAcc1107_ApplyWithoutARefreshWarnsAndTheNextApplyFixes(t *testing.T) {
	t.Parallel()
	inEachMode(t, managed, func(d drift) {
		d.SwapToken(d.id, d.newToken())
		d.write(d.provider(), resourceBlock(d.mode, `name = "HR"`))
		applied := d.apply("-refresh=false").expectExit(0)
		if d.mode == writeOnly {
			// The state contains the old fingerprint, so Wintro still seems to have the configured token.
			applied.expectWarning("The connection for company 816 was changed outside Terraform in the meantime", "api_token_fingerprint")
		}
		d.expectFixed()
		d.expectToken(d.t, d.Token)
	})
}

func TestAcc1111_SeveralThingsWrongAtOnceShowTheFirstInOrder(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain}, func(d drift) {
		d.SetStatus(d.id, "invalid")
		d.SetAdministrator(ada, false)
		d.plan().expectPlan(changes("status", "not_administrator", "active"))
		d.RevokeToken(d.Token)
		d.SetEnabled(d.id, false)
		d.plan().expectPlan(changes("status", "disabled", "active"), changes("enabled", false, true))
	})
}
