package connection

import (
	"fmt"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
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
	// changes is set where an update changes something then.
	changes bool
}

var decisionTable = []rule{
	{"disabled: nothing is said of the credentials", func(s combination) bool { return !s.enabled }, Disabled, false},
	{"enabled, but Wintro says inactive", func(s combination) bool { return s.said == wintro.Inactive }, Disabled, true},
	{"rejected", func(s combination) bool { return s.hasToken && s.answer == "rejected" }, TokenRejected, true},
	{"inaccessible", func(s combination) bool { return s.hasToken && s.answer == "inaccessible" }, CompanyInaccessible, true},
	{"another role where an Administrator is required", func(s combination) bool {
		return s.hasToken && s.requireAdmin && s.answer == "other role"
	}, NotAdministrator, true},
	{"Wintro can't log in", func(s combination) bool { return s.said == wintro.Invalid }, Invalid, true},
	{"Wintro has not finished", func(s combination) bool { return s.said == wintro.Pending }, Pending, true},
	{"Wintro reports what nobody knows: nothing is sent for it", func(s combination) bool { return s.said == "frozen" }, "frozen", false},
	{"all is well", func(s combination) bool { return s.said == wintro.Active }, Active, false},
}

func TestStatusOfEveryCombination(t *testing.T) {
	t.Parallel()
	all := combinations()
	for _, s := range all {
		want := ruleFor(t, s)
		var v Verification
		if s.hasToken && s.enabled {
			admin, err := recruiteeAnswer(s.answer)
			v = verificationFrom(admin, err, Spec{CompanyID: "816", Token: "t", RequireAdministrator: s.requireAdmin})
		}
		got := Connection{Name: "n", Enabled: s.enabled, Status: statusFromWintro(s.said, s.enabled)}.withVerification(v, Active)
		if got.Status != want.status {
			t.Errorf("%+v: status %s, but %q says %s", s, got.Status, want.name, want.status)
		}
		changes := !Compare(got, Spec{Name: "n", Enabled: s.enabled}, Reasons{}).IsEmpty()
		if changes != want.changes {
			t.Errorf("%+v: something changes: %t, but %q says %t", s, changes, want.name, want.changes)
		}
		if healthy := got.Status == HealthyStatus(s.enabled); healthy == changes && got.Status.IsKnown() {
			t.Errorf("%+v: status %s is healthy: %t, and still something changes: %t", s, got.Status, healthy, changes)
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

func recruiteeAnswer(answer string) (recruitee.Admin, error) {
	switch answer {
	case "rejected":
		return recruitee.Admin{}, &TokenRejectedError{CompanyID: "816", Said: "no"}
	case "inaccessible":
		return recruitee.Admin{}, &CompanyInaccessibleError{CompanyID: "816", Reason: "no"}
	case "no answer":
		return recruitee.Admin{}, &NoAnswerError{System: RecruiteeName, Reason: "down"}
	}
	return admin(answer == "administrator"), nil
}

func admin(administrator bool) recruitee.Admin {
	role := "Recruiter"
	if administrator {
		role = "Administrator"
	}
	return recruitee.Admin{
		ID: "1704", Email: "ada@acme.example", Name: "Ada Byron", Role: role, IsAdministrator: administrator,
		Company: Company{ID: "816", Name: "Acme", Subdomain: "acme"},
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
		if status := test.byWintro.withVerification(Verification{Err: &NoAnswerError{}}, test.last); status != test.want {
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
		admin, err := recruiteeAnswer(answer)
		v := verificationFrom(admin, err, Spec{RequireAdministrator: true})
		for _, byWintro := range []Status{Disabled, Invalid, Pending, Active} {
			candidates := []Status{byWintro}
			if v.Refuted() {
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
	frozen := statusFromWintro("frozen", true)
	if frozen != "frozen" || frozen.IsKnown() || NeedsToken(frozen) || isRecruitees(frozen) || frozen == HealthyStatus(true) {
		t.Errorf("status %q", frozen)
	}
	if status := statusFromWintro("frozen", false); status != Disabled {
		t.Errorf("status %q of a connection that isn't enabled", status)
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
