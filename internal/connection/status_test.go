package connection

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// combination contains the facts that determine a status.
type combination struct {
	// reported is the status that Wintro reports.
	reported string
	enabled  bool
	// response describes Recruitee's response: "administrator", "other role", "rejected", "inaccessible", "outage".
	response     string
	requireAdmin bool
	hasToken     bool
}

// rule is a row of the decision table. The first rule that applies determines the status.
type rule struct {
	name    string
	applies func(combination) bool
	status  Status
}

var decisionTable = []rule{
	{"disabled: the credentials are ignored", func(s combination) bool { return !s.enabled }, Disabled},
	{"enabled, but inactive in Wintro", func(s combination) bool { return s.reported == wintro.Inactive }, Disabled},
	{"rejected", func(s combination) bool { return s.hasToken && s.response == "rejected" }, TokenRejected},
	{"inaccessible", func(s combination) bool { return s.hasToken && s.response == "inaccessible" }, CompanyInaccessible},
	{"another role although an Administrator is required", func(s combination) bool {
		return s.hasToken && s.requireAdmin && s.response == "other role"
	}, NotAdministrator},
	{"Wintro can't log in", func(s combination) bool { return s.reported == wintro.Invalid }, Invalid},
	{"not checked yet", func(s combination) bool { return s.reported == wintro.Pending }, Pending},
	{"an unknown status", func(s combination) bool { return s.reported == "frozen" }, "frozen"},
	{"healthy", func(s combination) bool { return s.reported == wintro.Active }, Active},
}

// The responses of both systems determine the status, and the status determines whether a plan is empty.
func TestReadStatusFollowsTheDecisionTable(t *testing.T) {
	t.Parallel()
	all := combinations()
	for _, s := range all {
		want := ruleFor(t, s)
		env := newEnvironment(t)
		last := env.add("good")
		last.Enabled = s.enabled
		env.SetEnabled(env.id(last.ID), s.enabled)
		env.SetStatus(env.id(last.ID), s.reported)
		env.respond(s.response)
		token := ""
		if s.hasToken {
			token = "good"
		}
		got, err := env.service(VerifyPlan).Read(t.Context(), last, token, s.requireAdmin)
		if err != nil || got.Status != want.status {
			t.Errorf("%+v: status %s instead of %s (%s), error %v", s, got.Status, want.status, want.name, err)
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
				t.Errorf("%+v, %s: status %s is planned to become %s, empty plan: %t", s, kind, got.Status, planned.Status, planned.IsEmpty)
			}
		}
	}
	if len(all) != 5*2*5*2*2 {
		t.Errorf("%d combinations instead of 200", len(all))
	}
}

func combinations() []combination {
	var all []combination
	for _, reported := range []string{wintro.Pending, wintro.Active, wintro.Invalid, wintro.Inactive, "frozen"} {
		for _, response := range []string{"administrator", "other role", "rejected", "inaccessible", "outage"} {
			for bits := range 8 {
				all = append(all, combination{reported, bits&1 != 0, response, bits&2 != 0, bits&4 != 0})
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

// respond makes Recruitee respond as combination.response describes.
func (e *environment) respond(response string) {
	switch response {
	case "other role":
		demote(e)
	case "rejected":
		revoke(e)
	case "inaccessible":
		e.RemoveOwner(sandbox.SeedOwnerID)
	case "outage":
		recruiteeDown(e)
	}
}

func TestStatusKeepsVerdictDuringOutage(t *testing.T) {
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
		name := fmt.Sprintf("last %s, Wintro reports %s", test.last, test.byWintro)
		if status := test.byWintro.withVerification(Verification{Err: &UnavailableError{}}, test.last); status != test.want {
			t.Errorf("%s: %s instead of %s", name, status, test.want)
		}
	}
	if status := Active.withVerification(Verification{}, TokenRejected); status != Active {
		t.Errorf("without a verification: %s", status)
	}
}

func TestStatusesFollowTheOrderOfPrecedence(t *testing.T) {
	t.Parallel()
	var order []Status
	for _, rule := range decisionTable {
		if rule.status.IsKnown() && !slices.Contains(order, rule.status) {
			order = append(order, rule.status)
		}
	}
	if !slices.Equal(order, Statuses()) {
		t.Errorf("%q instead of %q", Statuses(), order)
	}
}

func TestStatusUnknownIsKept(t *testing.T) {
	t.Parallel()
	for _, reported := range []string{"frozen", "rate_limited", "Active"} {
		got := statusFromWintro(reported, true)
		if string(got) != reported || got.IsKnown() || NeedsToken(got, true) || got.isFromRecruitee() || got == HealthyStatus(true) {
			t.Errorf("%s: status %q", reported, got)
		}
		if status := statusFromWintro(reported, false); status != Disabled {
			t.Errorf("%s: status %q of a connection that isn't enabled", reported, status)
		}
		if planned := PlanUpdate(Connection{Status: got}, "", Arguments{IsEnabled: true, IsVersioned: true}); planned.IsEmpty || planned.IsFingerprintUnknown {
			t.Errorf("%s: planned %+v", reported, planned)
		}
	}
}

func TestNeedsTokenOfEachStatus(t *testing.T) {
	t.Parallel()
	for _, status := range Statuses() {
		want := slices.Contains([]Status{TokenRejected, CompanyInaccessible, NotAdministrator, Invalid}, status)
		strict, lenient := NeedsToken(status, true), NeedsToken(status, false)
		if strict != want || lenient != (want && status != NotAdministrator) {
			t.Errorf("%s needs a token: %t. It needs a token if any role is enough: %t", status, strict, lenient)
		}
	}
}
