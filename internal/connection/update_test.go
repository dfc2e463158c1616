package connection

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// These specs are for the connection from environment.add. Their token, "good", isn't the token "held" that Wintro has
// in these tests.
var (
	renamed  = Spec{CompanyID: "816", Name: "HR", Enabled: true, RequireAdministrator: true, Token: "good"}
	anyRole  = Spec{CompanyID: "816", Name: "Recruitee", Enabled: true}
	disabled = Spec{CompanyID: "816", Name: "Recruitee", RequireAdministrator: true, Token: "good"}
)

// with returns a copy of the spec that contains another token; "" means no token.
func (s Spec) with(token string) Spec {
	s.Token = token
	return s
}

// setStatus changes the status in conn and, unless the status comes from Recruitee, in Wintro.
func (e *environment) setStatus(conn *Connection, status Status) {
	conn.Status, conn.Enabled = status, status != Disabled
	if status.isFromRecruitee() {
		return
	}
	e.SetEnabled(e.id(conn.ID), conn.Enabled)
	if conn.Enabled {
		e.SetStatus(e.id(conn.ID), string(status))
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	// meanwhile changes the connection between the last refresh and the update.
	meanwhile := func(change func(e *environment, id string)) func(*environment) {
		return func(e *environment) { change(e, e.id("conn_1")) }
	}
	for _, test := range []struct {
		name string
		// was is the status before the update; the default is Active. Before the update, Wintro has the token "held".
		was    Status
		before func(*Connection)
		env    func(*environment)
		change Change
		mode   VerifyMode
		calls  []string
		// holds is the token that Wintro has after the update; the default is "held".
		holds    string
		status   Status
		warnings []string
		err      func(error) bool
	}{
		// These cases test which attributes Update sends.
		{name: "nothing to do", change: Change{Spec: acme.with("held")}, status: Active},
		{name: "another name", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active},
		{name: "disabling", change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},
		{name: "enabling", was: Disabled, change: Change{Spec: acme.with("held")}, calls: []string{"ask 816", "update enabled"}, status: Active},
		{
			name: "enabled, but reported as inactive", change: Change{Spec: acme.with("held")}, calls: []string{"ask 816", "update enabled"}, status: Active,
			before: func(c *Connection) { c.Status = Disabled },
		},
		{
			name: "another token that may be sent", change: sendable(acme),
			calls: []string{"ask 816", "update token"}, holds: "good", status: Active,
		},
		{
			name: "all attributes", was: Disabled, change: sendable(renamed),
			calls: []string{"ask 816", "update name enabled token"}, holds: "good", status: Active,
		},
		{
			name: "another token of a connection that stays disabled", was: Disabled, change: sendable(disabled),
			calls: []string{"ask 816", "update token"}, holds: "good", status: Disabled,
		},
		{
			name: "the planned token", change: Change{Spec: acme, Planned: Planned{Fingerprint: Fingerprint("good")}},
			calls: []string{"ask 816", "update token"}, holds: "good", status: Active,
		},
		{name: "another token than planned", change: Change{Spec: acme}, status: Active},
		{name: "another token than planned, and enabling", was: Disabled, change: Change{Spec: acme}, calls: []string{"update enabled"}, status: Active},
		{name: "another token than planned, and the plan marked the status", change: Change{Spec: acme, IsMarked: true}, status: Active},
		{name: "another token than planned, which was revoked", env: revoke, change: Change{Spec: acme, IsMarked: true}, status: Active},
		{name: "the token that Wintro has", change: sendable(renamed.with("held")), calls: []string{"update name"}, status: Active},
		{
			name: "Wintro reports no fingerprints", change: sendable(acme.with("held")), calls: []string{"ask 816", "update token"}, status: Active,
			before: func(c *Connection) { c.TokenFingerprint = "" }, env: func(e *environment) { e.ReportFingerprints(false) },
		},
		{
			name: "a new token that is pending at first", change: sendable(acme), holds: "good", status: Active,
			env:   func(e *environment) { e.StayPending(1) },
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1"},
		},
		{
			name: "pending", was: Pending, change: Change{Spec: acme.with("held")}, calls: []string{"get conn_1"}, status: Active,
			env: whilePending(func(e *environment, id string) { e.SetStatus(id, wintro.Active) }),
		},

		// In these cases, Wintro reports an unknown status, which isn't a reason to send a request.
		{name: "frozen", was: "frozen", change: sendable(acme.with("held")), status: "frozen", warnings: []string{"frozen"}},
		{name: "frozen, and disabling", was: "frozen", change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},

		// In these cases, NeedsToken is true for the status before the update.
		{
			name: "Wintro still can't log in", was: Invalid, change: sendable(acme.with("held")), calls: []string{"ask 816", "update token"},
			env: func(e *environment) { e.FailLogins(true) }, status: Invalid, err: isUnhealthy(Invalid),
		},
		{
			name: "the token was revoked, and there is no other", was: TokenRejected, change: sendable(acme.with("held")), calls: []string{"ask 816"},
			env: revoke, status: TokenRejected, err: is[*TokenRejectedError],
		},
		{name: "disabling, and the token was revoked", was: TokenRejected, env: revoke, change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},

		{
			name: "a custom role is enough, but Wintro can't log in", was: NotAdministrator, change: Change{Spec: anyRole}, calls: []string{"page 1"},
			env: meanwhile(func(e *environment, id string) { e.SetStatus(id, wintro.Invalid) }), status: Invalid, warnings: []string{"invalid"},
		},
		{
			name: "a custom role is enough, but Wintro is down", was: NotAdministrator, change: Change{Spec: anyRole}, calls: []string{"page 1"},
			env: func(e *environment) { e.before = failing("page 1", errDown) }, status: NotAdministrator, err: is[*UnavailableError],
		},

		// These cases test when Update verifies the token.
		{name: "another name, and the token was revoked", env: revoke, change: sendable(renamed.with("held")), calls: []string{"update name"}, status: Active},
		{name: "another name, and Recruitee is down", env: recruiteeDown, change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active},
		{
			name: "disabling, and the owner has lost the role", env: demote, change: Change{Spec: disabled.with("held"), IsMarked: true},
			calls: []string{"update enabled"}, status: Disabled,
		},
		{name: "the plan marked the status", change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"}, status: Active},
		{
			name: "the plan marked the status, and the token is rejected", env: demote, change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"},
			status: Active, err: is[*NotAdministratorError],
		},
		{
			name: "the plan marked the status, and Recruitee is down", env: recruiteeDown, change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"},
			status: Active, err: is[*UnavailableError],
		},
		{name: "the plan raises the role", change: Change{Spec: acme.with("held"), Arguments: Arguments{RaisingRole: true}}, calls: []string{"ask 816"}, status: Active},
		{name: "the plan changes the version", change: Change{Spec: acme.with("held"), Arguments: Arguments{VersionChanged: true}}, calls: []string{"ask 816"}, status: Active},
		{name: "no token to verify", change: Change{Spec: acme.with(""), IsMarked: true}, status: Active},
		{
			name: "enabling with a token that was revoked", was: Disabled, env: revoke, change: Change{Spec: acme.with("held")}, calls: []string{"ask 816"},
			status: Disabled, err: is[*TokenRejectedError],
		},
		{name: "enabling without a token", was: Disabled, change: Change{Spec: acme.with("")}, calls: []string{"update enabled"}, status: Active},
		{
			name: "enabling without a token, and Wintro reports no fingerprints", was: Disabled, change: Change{Spec: acme.with("")},
			calls: []string{"update enabled"}, status: Active,
			before: func(c *Connection) { c.TokenFingerprint = "" }, env: func(e *environment) { e.ReportFingerprints(false) },
		},
		{
			name: "a rejected token, and another name", env: revoke, change: sendable(renamed), calls: []string{"ask 816"},
			status: Active, err: is[*TokenRejectedError],
		},
		{
			name: "a token of another role while disabled", was: Disabled, env: demote, change: sendable(disabled), calls: []string{"ask 816"},
			status: Disabled, err: is[*NotAdministratorError],
		},
		{
			name: "another token, and Recruitee is down", env: recruiteeDown, change: sendable(acme), calls: []string{"ask 816"},
			status: Active, err: is[*UnavailableError],
		},
		{
			name: "no verification", env: demote, change: sendable(acme), mode: VerifyOff,
			calls: []string{"update token"}, holds: "good", status: Active,
		},

		// In these cases, another user changes the connection.
		{
			name: "token replaced in the meantime, and Wintro can't use it", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Invalid,
			warnings: []string{"api_token_fingerprint"}, holds: "theirs",
			env: meanwhile(func(e *environment, id string) { e.SwapToken(id, "theirs"); e.SetStatus(id, wintro.Invalid) }),
		},
		{
			name: "token replaced right after it was sent", change: sendable(acme), calls: []string{"ask 816", "update token"}, holds: "good", status: Active,
			env:      func(e *environment) { e.replace = []string{Fingerprint("good"), Fingerprint("theirs")} },
			warnings: []string{"api_token_fingerprint"},
		},
		{
			name: "Wintro can no longer log in", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Invalid, warnings: []string{"invalid"},
			env: meanwhile(func(e *environment, id string) { e.SetStatus(id, wintro.Invalid) }),
		},
		{
			name: "renamed, disabled and replaced while pending", change: sendable(acme), status: Disabled, holds: "theirs",
			calls: []string{"ask 816", "update token", "get conn_1"}, warnings: []string{"name", "enabled", "api_token_fingerprint"},
			env: whilePending(changeAll),
		},
		{
			name: "renamed in the meantime, and Wintro can't use the token that was sent", change: sendable(acme), status: Invalid, holds: "good",
			calls: []string{"ask 816", "update token"}, warnings: []string{"name"}, err: isUnhealthy(Invalid),
			env: func(e *environment) { e.rename("conn_1", "Other"); e.FailLogins(true) },
		},

		// In these cases, Update fails.
		{
			name: "gone in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name", "list 816"}, status: Active, err: is[*GoneError],
			env: func(e *environment) { e.remove("conn_1") },
		},
		{
			name: "moved to another company in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, err: isMoved,
			env: meanwhile(func(e *environment, id string) { e.MoveToCompany(id, 900) }),
		},
		{
			name: "Wintro is down", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, err: is[*UnavailableError],
			env: func(e *environment) { e.before = failing("update name", errDown) },
		},
		{
			name: "deleted while pending", change: sendable(acme), status: Pending, holds: "good",
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1", "list 816"}, err: is[*GoneError], env: whilePending(nil),
		},
		{
			name: "Wintro is down while pending", change: sendable(acme), status: Pending, holds: "good",
			calls: []string{"ask 816", "update token", "get conn_1"}, err: isUnhealthy(Pending),
			env: func(e *environment) { e.StayPending(1); e.before = failing("get conn_1", errDown) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			conn := env.add("held")
			if test.was != "" {
				env.setStatus(&conn, test.was)
			}
			if test.env != nil {
				test.env(env)
			}
			if test.before != nil {
				test.before(&conn)
			}
			result, err := env.service(cmp.Or(test.mode, VerifyPlan)).Update(t.Context(), conn, test.change)
			got := result.Connection
			expectError(t, err, test.err)
			expectWarnings(t, result.Warnings, test.warnings...)
			isSent := func(call string) bool { return strings.HasPrefix(call, "update") && strings.HasSuffix(call, "token") }
			hasToken := err == nil && env.HoldsToken(env.id(conn.ID), test.change.Token) || slices.ContainsFunc(test.calls, isSent)
			if result.HasToken != hasToken {
				t.Errorf("HasToken is %t", result.HasToken)
			}
			env.expectCalls(t, test.calls...)
			if got.Status != test.status || got.ID != conn.ID {
				t.Errorf("%q has the status %q instead of %q", got.ID, got.Status, test.status)
			}
			_, exists := env.Connection(env.id(conn.ID))
			if holds := cmp.Or(test.holds, "held"); exists && !env.HoldsToken(env.id(conn.ID), holds) {
				t.Errorf("Wintro doesn't have the token %q", holds)
			}
		})
	}
}

// Update sends even the token that Wintro already has, because the token's owner may have regained the role.
func TestUpdateSendsTokenToFixStatus(t *testing.T) {
	t.Parallel()
	for _, status := range Statuses() {
		if !NeedsToken(status, true) {
			continue
		}
		for _, test := range []struct {
			token   string
			maySend bool
			sent    bool
		}{
			{"held", true, true},
			{"good", true, true},
			{"", true, false},
			// In these cases, the planned fingerprint isn't that of the token, so Update must not send the token.
			{"good", false, false},
			{"held", false, false},
		} {
			env := newEnvironment(t)
			conn := env.add("held")
			env.setStatus(&conn, status)
			got, warnings, err := update(t.Context(), env.service(VerifyPlan), conn, Change{Spec: renamed.with(test.token), Planned: Planned{IsFingerprintUnknown: test.maySend}})
			expectWarnings(t, warnings)
			if test.sent {
				env.expectCalls(t, "ask 816", "update name token")
				if err != nil || got.Status != Active || got.TokenFingerprint != Fingerprint(test.token) {
					t.Errorf("%s, %+v: %+v, error %v", status, test, got, err)
				}
				continue
			}
			env.expectCalls(t)
			if needed, ok := errors.AsType[*TokenNeededError](err); !ok || *needed != (TokenNeededError{CompanyID: "816", Status: status}) || got != conn {
				t.Errorf("%s, %+v: %+v, error %v", status, test, got, err)
			}
		}
	}
}

func TestUpdateIgnoresEncodingOfNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		current, want string
		calls         []string
	}{
		{composed, decomposed, nil},
		{decomposed, composed, nil},
		{composed, "Cafe", []string{"update name"}},
		{"Café", "CAFÉ", []string{"update name"}},
		{"①", "1", []string{"update name"}},
	} {
		env := newEnvironment(t)
		conn := env.add("held")
		env.rename(conn.ID, test.current)
		conn.Name = test.current
		spec := acme.with("held")
		spec.Name = test.want
		_, warnings, err := update(t.Context(), env.service(VerifyPlan), conn, Change{Spec: spec})
		expectError(t, err, nil)
		expectWarnings(t, warnings)
		env.expectCalls(t, test.calls...)
	}
}

func TestUpdateReturnsFingerprintOfSentToken(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		env := newEnvironment(t)
		conn := env.add("held")
		env.ReportFingerprints(!hidden)
		got, warnings, err := update(t.Context(), env.service(VerifyPlan), conn, sendable(acme))
		expectWarnings(t, warnings)
		if err != nil || got.TokenFingerprint != Fingerprint("good") {
			t.Errorf("hidden: %t: %+v, error %v", hidden, got, err)
		}
	}
}
