package connection

import (
	"fmt"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// combination is one combination of all that decides on a status.
type combination struct {
	said    string
	enabled bool
	// answer is Recruitee's: "administrator", "other role", "rejected", "inaccessible", "no answer".
	answer       string
	requireAdmin bool
	hasToken     bool
}

// rule is a row of the decision table: the first one that applies counts.
type rule struct {
	name    string
	applies func(combination) bool
	status  Status
}

var decisionTable = []rule{
	{"disabled: the credentials are ignored", func(s combination) bool { return !s.enabled }, Disabled},
	{"enabled, but Wintro says inactive", func(s combination) bool { return s.said == wintro.Inactive }, Disabled},
	{"rejected", func(s combination) bool { return s.hasToken && s.answer == "rejected" }, TokenRejected},
	{"inaccessible", func(s combination) bool { return s.hasToken && s.answer == "inaccessible" }, CompanyInaccessible},
	{"another role where an Administrator is required", func(s combination) bool {
		return s.hasToken && s.requireAdmin && s.answer == "other role"
	}, NotAdministrator},
	{"Wintro can't log in", func(s combination) bool { return s.said == wintro.Invalid }, Invalid},
	{"Wintro has not finished", func(s combination) bool { return s.said == wintro.Pending }, Pending},
	{"Wintro reports what nobody knows", func(s combination) bool { return s.said == "frozen" }, "frozen"},
	{"all is well", func(s combination) bool { return s.said == wintro.Active }, Active},
}

// Both systems' answers lead to a status, through Read, and the status decides whether a plan is empty.
func TestStatusOfEveryCombination(t *testing.T) {
	t.Parallel()
	all := combinations()
	for _, s := range all {
		want := ruleFor(t, s)
		env := newEnvironment(t)
		last := env.add("good")
		last.Enabled = s.enabled
		env.change(last.ID, func(c *wintro.Connection) { c.Enabled, c.Status = s.enabled, s.said })
		env.answer(s.answer)
		token := ""
		if s.hasToken {
			token = "good"
		}
		got, err := env.service(VerifyPlan).Read(t.Context(), last, token, s.requireAdmin)
		if err != nil || got.Status != want.status {
			t.Errorf("%+v: status %s, error %v, but %q says %s", s, got.Status, err, want.name, want.status)
		}
		isHealthy := got.Status == HealthyStatus(s.enabled)
		for kind, args := range map[string]Arguments{
			"plain":      {PlainFingerprint: Fingerprint("good")},
			"write-only": {},
			"versioned":  {IsVersioned: true},
		} {
			args.IsEnabled = s.enabled
			planned := PlanUpdate(got, Fingerprint("good"), args)
			if planned.IsEmpty != isHealthy || planned.Status != HealthyStatus(s.enabled) {
				t.Errorf("%+v, %s: status %s, which is planned to be %s, empty: %t", s, kind, got.Status, planned.Status, planned.IsEmpty)
			}
		}
	}
	if len(all) != 5*2*5*2*2 {
		t.Errorf("only %d combinations were tried", len(all))
	}
}

func combinations() []combination {
	var all []combination
	for _, said := range []string{wintro.Pending, wintro.Active, wintro.Invalid, wintro.Inactive, "frozen"} {
		for _, answer := range []string{"administrator", "other role", "rejected", "inaccessible", "no answer"} {
			for bits := range 8 {
				all = append(all, combination{said, bits&1 != 0, answer, bits&2 != 0, bits&4 != 0})
			}
		}
	}
	return all
}

func ruleFor(t *testing.T, s combination) rule {
	t.Helper()
	for _, r := range decisionTable {
		if r.applies(s) {
			return r
		}
	}
	t.Fatalf("%+v: no rule applies", s)
	return rule{}
}

// answer makes Recruitee respond in one of the ways above.
func (e *environment) answer(answer string) {
	switch answer {
	case "other role":
		demote(e)
	case "rejected":
		revoke(e)
	case "inaccessible":
		e.RemoveOwner(sandbox.SeedOwnerID)
	case "no answer":
		recruiteeDown(e)
	}
}

func TestWhereRecruiteeDoesNotAnswerItsLastWordCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		last, byWintro, want Status
	}{
		{Active, Active, Active},
		{TokenRejected, Active, TokenRejected},
		{CompanyInaccessible, Active, CompanyInaccessible},
		{NotAdministrator, Active, NotAdministrator},
		{NotAdministrator, Invalid, NotAdministrator},
		{Active, Invalid, Invalid},
		{Invalid, Active, Active},
		{Pending, Active, Active},
		{TokenRejected, Disabled, Disabled},
		{"", Active, Active},
	} {
		name := fmt.Sprintf("last %s, Wintro says %s", test.last, test.byWintro)
		if status := test.byWintro.withVerification(Verification{Err: &UnavailableError{}}, test.last); status != test.want {
			t.Errorf("%s: %s instead of %s", name, status, test.want)
		}
	}
	if status := Active.withVerification(Verification{}, TokenRejected); status != Active {
		t.Errorf("where Recruitee wasn't asked at all, Wintro's word counts: %s", status)
	}
}

func TestStatusesAreListedInOrderOfPrecedence(t *testing.T) {
	t.Parallel()
	rank := map[Status]int{}
	for i, status := range Statuses() {
		rank[status] = i
	}
	if len(rank) != 7 {
		t.Fatalf("%d statuses", len(rank))
	}
	for _, answer := range []string{"administrator", "other role", "rejected", "inaccessible", "no answer"} {
		env := newEnvironment(t)
		env.answer(answer)
		v := env.service(VerifyPlan).Verify(t.Context(), acme, Planning)
		for _, byWintro := range []Status{Disabled, Invalid, Pending, Active} {
			candidates := []Status{byWintro}
			if v.IsRejected() {
				candidates = append(candidates, v.status())
			}
			first := candidates[0]
			for _, c := range candidates {
				if rank[c] < rank[first] {
					first = c
				}
			}
			if got := byWintro.withVerification(v, ""); got != first {
				t.Errorf("%s with the answer %q: %s, but %s comes first in the list", byWintro, answer, got, first)
			}
		}
	}
}

func TestAStatusThatNobodyKnowsIsKept(t *testing.T) {
	t.Parallel()
	for _, reported := range []string{"frozen", "rate_limited", "Active"} {
		got := statusFromWintro(reported, true)
		if string(got) != reported || got.IsKnown() || NeedsToken(got) || got.isFromRecruitee() || got == HealthyStatus(true) {
			t.Errorf("%s: status %q", reported, got)
		}
		if status := statusFromWintro(reported, false); status != Disabled {
			t.Errorf("%s: status %q of a connection that isn't enabled", reported, status)
		}
		// It is shown, but under a version nothing is sent for it.
		if planned := PlanUpdate(Connection{Status: got}, "", Arguments{IsEnabled: true, IsVersioned: true}); planned.IsEmpty || planned.IsFingerprintUnknown {
			t.Errorf("%s: planned %+v", reported, planned)
		}
	}
	for _, status := range Statuses() {
		if !status.IsKnown() {
			t.Errorf("%s isn't known", status)
		}
	}
}

func TestWhichStatusesNeedAToken(t *testing.T) {
	t.Parallel()
	for _, status := range Statuses() {
		want := false
		switch status {
		case TokenRejected, CompanyInaccessible, NotAdministrator, Invalid:
			want = true
		}
		if got := NeedsToken(status); got != want {
			t.Errorf("%s: %t", status, got)
		}
	}
}
