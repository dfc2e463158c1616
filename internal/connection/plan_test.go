package connection

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPlanUpdate(t *testing.T) {
	t.Parallel()
	heldFingerprint, other := Fingerprint("held"), Fingerprint("other")
	const open = "(known after apply)"
	for _, test := range []struct {
		name          string
		status        Status
		lastSent      string
		noFingerprint bool
		args          Arguments
		// wantStatus and wantFingerprint equal open if the planned value is unknown.
		wantStatus      Status
		wantFingerprint string
		wantEmpty       bool
	}{
		{name: "write-only: nothing changes", args: Arguments{}, wantStatus: Active, wantFingerprint: heldFingerprint, wantEmpty: true},
		{name: "write-only: renamed", args: Arguments{IsChanged: true}, wantStatus: Active, wantFingerprint: open},
		{name: "write-only: invalid in Wintro", status: Invalid, args: Arguments{}, wantStatus: Active, wantFingerprint: open},
		{name: "write-only: an unknown status", status: "frozen", args: Arguments{}, wantStatus: Active, wantFingerprint: open},
		{name: "write-only: replaced in Wintro", lastSent: other, args: Arguments{}, wantStatus: Active, wantFingerprint: heldFingerprint, wantEmpty: true},

		{name: "plain: nothing changes", args: Arguments{PlainFingerprint: heldFingerprint}, wantStatus: Active, wantFingerprint: heldFingerprint, wantEmpty: true},
		{name: "plain: renamed", args: Arguments{IsChanged: true, PlainFingerprint: heldFingerprint}, wantStatus: Active, wantFingerprint: heldFingerprint},
		{name: "plain: another token", args: Arguments{IsChanged: true, PlainFingerprint: other}, wantStatus: Active, wantFingerprint: other},
		{name: "plain: replaced in Wintro", args: Arguments{PlainFingerprint: other}, wantStatus: Active, wantFingerprint: other},
		{name: "plain: revoked", status: TokenRejected, args: Arguments{PlainFingerprint: heldFingerprint}, wantStatus: Active, wantFingerprint: heldFingerprint},

		{name: "version: nothing changes", lastSent: heldFingerprint, args: Arguments{IsVersioned: true}, wantStatus: Active, wantFingerprint: heldFingerprint, wantEmpty: true},
		{name: "version: renamed", lastSent: heldFingerprint, args: Arguments{IsChanged: true, IsVersioned: true}, wantStatus: Active, wantFingerprint: heldFingerprint},
		{name: "version: another version", args: Arguments{IsChanged: true, IsVersioned: true, VersionChanged: true}, wantStatus: Active, wantFingerprint: open},
		{name: "version: replaced in Wintro", lastSent: other, args: Arguments{IsVersioned: true}, wantStatus: Active, wantFingerprint: open},
		{name: "version: invalid in Wintro", status: Invalid, lastSent: heldFingerprint, args: Arguments{IsVersioned: true}, wantStatus: Active, wantFingerprint: open},
		{name: "version: enabled", status: Disabled, args: Arguments{IsChanged: true, IsVersioned: true, IsEnabling: true}, wantStatus: Active, wantFingerprint: open},
		{name: "version: requiring an Administrator", args: Arguments{IsChanged: true, IsVersioned: true, RaisingRole: true}, wantStatus: Active, wantFingerprint: open},
		{name: "version: imported, and Wintro reports no fingerprint", noFingerprint: true, args: Arguments{IsVersioned: true}, wantStatus: Active, wantEmpty: true},

		{name: "an argument is unknown", args: Arguments{IsUnknown: true}, wantStatus: open, wantFingerprint: open},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			prior := Connection{Status: test.status, TokenFingerprint: heldFingerprint}
			if prior.Status == "" {
				prior.Status = Active
			}
			if test.noFingerprint {
				prior.TokenFingerprint = ""
			}
			test.args.IsEnabled = true
			got := PlanUpdate(prior, test.lastSent, test.args)
			status, fingerprint := got.Status, got.Fingerprint
			if status == "" {
				status = open
			}
			if got.IsFingerprintUnknown {
				fingerprint = open
			}
			if status != test.wantStatus || fingerprint != test.wantFingerprint || got.IsEmpty != test.wantEmpty {
				t.Errorf("status %s, fingerprint %s, empty %t instead of %s, %s, %t", status, fingerprint, got.IsEmpty, test.wantStatus, test.wantFingerprint, test.wantEmpty)
			}
		})
	}
}

func TestWithRejectedTokenMarksEmptyPlans(t *testing.T) {
	t.Parallel()
	heldFingerprint := Fingerprint("held")
	prior := Connection{Status: Active, TokenFingerprint: heldFingerprint}
	rejected := Verification{Err: &TokenRejectedError{}}
	for _, test := range []struct {
		name  string
		args  Arguments
		token PlannedToken
		v     Verification
		want  bool
	}{
		{"the token that Wintro has", Arguments{}, PlannedToken{true, heldFingerprint}, Verification{}, false},
		{"the token that Wintro has is rejected", Arguments{}, PlannedToken{true, heldFingerprint}, rejected, true},
		{"Recruitee is down", Arguments{}, PlannedToken{true, heldFingerprint}, Verification{Err: &UnavailableError{}}, false},
		{"another value", Arguments{}, PlannedToken{true, Fingerprint("new")}, Verification{}, true},
		{"an unknown value", Arguments{}, PlannedToken{true, ""}, Verification{}, true},
		{"no token", Arguments{}, PlannedToken{}, Verification{}, false},
		{"another value under a version", Arguments{IsVersioned: true}, PlannedToken{true, Fingerprint("new")}, Verification{}, false},
		{"an unknown value under a version", Arguments{IsVersioned: true}, PlannedToken{true, ""}, Verification{}, false},
		{"the same value under a version is rejected", Arguments{IsVersioned: true}, PlannedToken{true, heldFingerprint}, rejected, true},
		{"the plan isn't empty", Arguments{IsChanged: true}, PlannedToken{true, heldFingerprint}, rejected, false},
		{"an unknown argument", Arguments{IsUnknown: true}, PlannedToken{true, heldFingerprint}, rejected, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.args.IsEnabled = true
			if _, got := PlanUpdate(prior, heldFingerprint, test.args).WithRejectedToken(prior, test.args, test.token, test.v); got != test.want {
				t.Errorf("%t instead of %t", got, test.want)
			}
		})
	}
}

func TestNeedsVerifyingOnlyForTokensInUse(t *testing.T) {
	t.Parallel()
	heldFingerprint := Fingerprint("held")
	prior := Connection{Status: Active, TokenFingerprint: heldFingerprint}
	for _, test := range []struct {
		name        string
		args        Arguments
		fingerprint string
		want        bool
	}{
		{"the token that Wintro has", Arguments{IsEnabled: true}, heldFingerprint, true},
		{"another token", Arguments{IsEnabled: true}, Fingerprint("new"), true},
		{"an unknown token", Arguments{IsEnabled: true}, "", false},
		{"another value under a version", Arguments{IsEnabled: true, IsVersioned: true}, Fingerprint("new"), false},
		{"the same value under a version", Arguments{IsEnabled: true, IsVersioned: true}, heldFingerprint, true},
		{"another value under another version", Arguments{IsEnabled: true, IsVersioned: true, IsChanged: true, VersionChanged: true}, Fingerprint("new"), true},
		{"the same token while disabled", Arguments{}, heldFingerprint, false},
		{"another token while disabled", Arguments{}, Fingerprint("new"), true},
		{"an argument is unknown", Arguments{IsUnknown: true}, heldFingerprint, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := PlanUpdate(prior, heldFingerprint, test.args).NeedsVerifying(prior, test.args, PlannedToken{true, test.fingerprint}); got != test.want {
				t.Errorf("%t instead of %t", got, test.want)
			}
		})
	}
}

func TestIsNewOnlyForWantedTokens(t *testing.T) {
	t.Parallel()
	prior := Connection{TokenFingerprint: "held"}
	for fingerprint, want := range map[string]bool{"held": false, "replaced": false, "sent": false, "another": true} {
		if got := (PlannedToken{true, fingerprint}).IsNew(prior, []string{"replaced", "sent"}, Arguments{}); got != want {
			t.Errorf("the token %s is new: %t", fingerprint, got)
		}
	}
	if (PlannedToken{true, "another"}).IsNew(Connection{}, nil, Arguments{}) {
		t.Error("a token is new although Wintro may have it")
	}
	for name, test := range map[string]struct {
		args Arguments
		want bool
	}{
		"another value under the same version": {Arguments{IsVersioned: true}, false},
		"another version":                      {Arguments{IsVersioned: true, VersionChanged: true}, true},
		"requiring an Administrator":           {Arguments{IsVersioned: true, RaisingRole: true}, true},
		"enabled under a version":              {Arguments{IsVersioned: true, IsEnabling: true}, false},
	} {
		if got := (PlannedToken{true, "another"}).IsNew(prior, []string{"replaced", "sent"}, test.args); got != test.want {
			t.Errorf("%s: the token is new: %t", name, got)
		}
	}
}

// Between the two plans of an update, unknown values become known, and both systems and write-only values may change.
// Even then, the second plan must not change a known value of the first.
func TestPlanUpdateAgainRefinesTheFirstPlan(t *testing.T) {
	t.Parallel()
	fingerprints := rapid.SampledFrom([]string{"", Fingerprint("a"), Fingerprint("b"), Fingerprint("c")})
	verifications := rapid.SampledFrom([]Verification{{}, {Err: &TokenRejectedError{}}, {Err: &NotAdministratorError{}}, {Err: &UnavailableError{}}})
	rapid.Check(t, func(t *rapid.T) {
		prior := Connection{
			Status:           rapid.SampledFrom(append(Statuses(), "frozen")).Draw(t, "status"),
			TokenFingerprint: fingerprints.Draw(t, "held"),
		}
		lastSent := fingerprints.Draw(t, "last sent")
		known := Arguments{
			IsChanged:        rapid.Bool().Draw(t, "changed"),
			IsEnabled:        rapid.Bool().Draw(t, "enabled"),
			PlainFingerprint: fingerprints.Draw(t, "plain"),
		}
		if known.PlainFingerprint == "" {
			known.IsVersioned = rapid.Bool().Draw(t, "versioned")
			known.VersionChanged = known.IsChanged && rapid.Bool().Draw(t, "version changed")
		}
		known.RequiresAdministrator = rapid.Bool().Draw(t, "role")
		known.IsEnabling = known.IsChanged && known.IsEnabled && rapid.Bool().Draw(t, "enabling")
		known.RaisingRole = known.IsChanged && known.RequiresAdministrator && rapid.Bool().Draw(t, "raising")
		first := known
		if rapid.Bool().Draw(t, "unknown at first") {
			first = Arguments{IsUnknown: true}
		}
		plan := func(args Arguments, label string) Planned {
			token := PlannedToken{IsConfigured: rapid.Bool().Draw(t, label+" token"), Fingerprint: fingerprints.Draw(t, label+" fingerprint")}
			planned, _ := PlanUpdate(prior, lastSent, args).WithRejectedToken(prior, args, token, verifications.Draw(t, label+" verification"))
			return planned
		}
		// Terraform doesn't apply an empty plan.
		one, two := plan(first, "first"), plan(known, "second")
		if one.IsEmpty {
			t.Skip()
		}
		if one.Status != "" && two.Status != one.Status {
			t.Errorf("the status changed from %q to %q", one.Status, two.Status)
		}
		if !one.IsFingerprintUnknown && (two.IsFingerprintUnknown || two.Fingerprint != one.Fingerprint) {
			t.Errorf("the fingerprint changed from %+v to %+v", one, two)
		}
	})
}

func TestFingerprintMatchesOpenSSH(t *testing.T) {
	t.Parallel()
	// This command computes the part after the prefix: printf token | openssl dgst -sha256 -binary | base64 | tr -d =
	if got := Fingerprint("token"); got != "SHA256:PEaenWxYddN6Q/NT1PiOYfz4EsZu7jRXRlpAsNpBU+A" {
		t.Errorf("fingerprint %q", got)
	}
}
