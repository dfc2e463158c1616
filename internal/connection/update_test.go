package connection

import (
	"cmp"
	"errors"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Specs for the connection that fakes.add makes, in which Wintro holds another token than theirs.
var (
	renamed  = Spec{CompanyID: "816", Name: "HR", Enabled: true, RequireAdministrator: true, Token: "good"}
	disabled = Spec{CompanyID: "816", Name: "Recruitee", RequireAdministrator: true, Token: "good"}
)

// with is a spec with another token, "" for none.
func (s Spec) with(token string) Spec {
	s.Token = token
	return s
}

// setStatus puts a connection into a status, in state and, if Wintro knows the status, there as well.
func (e *environment) setStatus(conn *Connection, status Status) {
	conn.Status, conn.Enabled = status, status != Disabled
	if status.isFromRecruitee() {
		return
	}
	e.change(conn.ID, func(c *wintro.Connection) {
		c.Enabled, c.Status = conn.Enabled, string(status)
		if status == Disabled {
			c.Status = wintro.Inactive
		}
	})
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	// meanwhile is what somebody does between the last refresh and the update.
	meanwhile := func(how func(*wintro.Connection)) func(*environment) {
		return func(e *environment) { e.change("conn_1", how) }
	}
	for _, test := range []struct {
		name string
		// was is the status before, Active if it isn't set. Wintro holds the token "held".
		was    Status
		before func(*Connection)
		env    func(*environment)
		change Change
		mode   VerifyMode
		calls  []string
		// holds is the token that Wintro has then, "held" if it isn't set.
		holds  string
		status Status
		notes  []string
		err    func(error) bool
	}{
		// What is sent.
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
			name: "another token and name", change: sendable(renamed),
			calls: []string{"ask 816", "update name token"}, holds: "good", status: Active,
		},
		{
			name: "all of it", was: Disabled, change: sendable(renamed),
			calls: []string{"ask 816", "update name enabled token"}, holds: "good", status: Active,
		},
		{
			name: "another token of a connection that stays disabled", was: Disabled, change: sendable(disabled),
			calls: []string{"ask 816", "update token"}, holds: "good", status: Disabled,
		},
		{name: "another token whose fingerprint was planned otherwise", change: Change{Spec: acme}, status: Active},
		{name: "that token, and another name", change: Change{Spec: renamed}, calls: []string{"update name"}, status: Active},
		{name: "that token, and enabling", was: Disabled, change: Change{Spec: acme}, calls: []string{"update enabled"}, status: Active},
		{name: "that token, and what the plan wanted verified", change: Change{Spec: acme, IsMarked: true}, status: Active},
		{name: "the token that Wintro holds isn't sent again", change: sendable(renamed.with("held")), calls: []string{"update name"}, status: Active},
		{name: "no token, though one may be sent", change: sendable(renamed.with("")), calls: []string{"update name"}, status: Active},
		{
			name: "nobody knows which token Wintro holds", change: sendable(acme.with("held")), calls: []string{"ask 816", "update token"}, status: Active,
			before: func(c *Connection) { c.TokenFingerprint = "" }, env: func(e *environment) { e.ReportFingerprints(false) },
		},
		{
			name: "nobody knows which token Wintro holds, and none may be sent", change: Change{Spec: renamed}, calls: []string{"update name"}, status: Active,
			before: func(c *Connection) { c.TokenFingerprint = "" }, env: func(e *environment) { e.ReportFingerprints(false) },
		},
		{
			name: "a new token that is pending at first", change: sendable(acme), holds: "good", status: Active,
			env:   func(e *environment) { e.StayPending(1) },
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1"},
		},
		{
			name: "pending: only waiting helps", was: Pending, change: Change{Spec: acme.with("held")}, calls: []string{"get conn_1", "get conn_1"}, status: Active,
			env: func(e *environment) { e.makePending([]Connection{{ID: "conn_1"}}, 1) },
		},
		{name: "pending, and to be disabled", was: Pending, change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},
		{name: "pending for one that is to get another token", was: Pending, change: sendable(acme), calls: []string{"ask 816", "update token"}, holds: "good", status: Active},

		// What nobody knows: nothing is sent for it.
		{name: "frozen", was: "frozen", change: sendable(acme.with("held")), status: "frozen", notes: []string{"frozen"}},
		{name: "frozen, and without a token", was: "frozen", change: Change{Spec: acme.with("")}, status: "frozen", notes: []string{"frozen"}},
		{name: "frozen, and another name", was: "frozen", change: sendable(renamed.with("held")), calls: []string{"update name"}, status: "frozen", notes: []string{"frozen"}},
		{name: "frozen, and to be disabled", was: "frozen", change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},
		{name: "frozen, and another token", was: "frozen", change: sendable(acme), calls: []string{"ask 816", "update token"}, holds: "good", status: Active},

		// What a status needs.
		{
			name: "Wintro still can't log in", was: Invalid, change: sendable(acme.with("held")), calls: []string{"ask 816", "update token"},
			env: func(e *environment) { e.FailLogins(true) }, status: Invalid, err: isUnhealthy(Invalid),
		},
		{
			name: "revoked and no other token", was: TokenRejected, change: sendable(acme.with("held")), calls: []string{"ask 816"},
			env: revoke, status: TokenRejected, err: is[*TokenRejectedError],
		},
		{
			name: "disabling a connection that is broken", was: Invalid, change: Change{Spec: disabled.with("")}, calls: []string{"update enabled"}, status: Disabled,
		},
		{name: "disabling one whose token was revoked", was: TokenRejected, env: revoke, change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},

		// When Recruitee is asked.
		{name: "another name, and the token was revoked", env: revoke, change: sendable(renamed.with("held")), calls: []string{"update name"}, status: Active},
		{name: "another name, and Recruitee is down", env: recruiteeDown, change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active},
		{name: "disabling, and Recruitee is down", env: recruiteeDown, change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled},
		{
			name: "disabling, and the owner is no longer what is required from now on", env: demote, change: Change{Spec: disabled.with("held"), IsMarked: true},
			calls: []string{"update enabled"}, status: Disabled,
		},
		{
			name: "more is required of the owner while the connection is disabled", was: Disabled, env: demote, change: Change{Spec: disabled.with("held"), IsMarked: true}, status: Disabled,
		},
		{name: "the plan wants the held token verified", change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"}, status: Active},
		{
			name: "it is refused", env: demote, change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"},
			status: Active, err: is[*NotAdministratorError],
		},
		{
			name: "it can't be verified", env: recruiteeDown, change: Change{Spec: acme.with("held"), IsMarked: true}, calls: []string{"ask 816"},
			status: Active, err: is[*UnavailableError],
		},
		{name: "another token that may not be sent", env: revoke, change: Change{Spec: acme, IsMarked: true}, status: Active},
		{name: "no token to verify", change: Change{Spec: acme.with(""), IsMarked: true}, status: Active},
		{
			name: "enabling with a token that was revoked", was: Disabled, env: revoke, change: Change{Spec: acme.with("held")}, calls: []string{"ask 816"},
			status: Disabled, err: is[*TokenRejectedError],
		},
		{name: "enabling without a token", was: Disabled, change: Change{Spec: acme.with("")}, calls: []string{"update enabled"}, status: Active},
		{
			name: "a refused token changes nothing, nor does the name", env: revoke, change: sendable(renamed), calls: []string{"ask 816"},
			status: Active, err: is[*TokenRejectedError],
		},
		{
			name: "a token of another role", env: demote, change: sendable(acme), calls: []string{"ask 816"},
			status: Active, err: is[*NotAdministratorError],
		},
		{
			name: "a token of another role for what is disabled", was: Disabled, env: demote, change: sendable(disabled), calls: []string{"ask 816"},
			status: Disabled, err: is[*NotAdministratorError],
		},
		{
			name: "Recruitee doesn't answer about a token to send", env: recruiteeDown, change: sendable(acme), calls: []string{"ask 816"},
			status: Active, err: is[*UnavailableError],
		},
		{
			name: "nothing is verified", env: demote, change: sendable(acme), mode: VerifyOff,
			calls: []string{"update token"}, holds: "good", status: Active,
		},

		// What somebody has changed in the meantime.
		{
			name: "renamed in the meantime", change: Change{Spec: disabled.with("held")}, calls: []string{"update enabled"}, status: Disabled, notes: []string{"name"},
			env: meanwhile(func(c *wintro.Connection) { c.Name = "Other" }),
		},
		{
			name: "disabled in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Disabled, notes: []string{"enabled"},
			env: meanwhile(func(c *wintro.Connection) { c.Enabled = false }),
		},
		{
			name: "token replaced in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, notes: []string{"api_token_fingerprint"}, holds: "theirs",
			env: meanwhile(func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("theirs")) }),
		},
		{
			name: "token replaced in the meantime, and Wintro can't use it", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Invalid,
			notes: []string{"api_token_fingerprint"}, holds: "theirs",
			env: meanwhile(func(c *wintro.Connection) {
				c.TokenFingerprint, c.Status = new(Fingerprint("theirs")), wintro.Invalid
			}),
		},
		{
			name: "token replaced in the meantime, and another one is sent", change: sendable(acme), calls: []string{"ask 816", "update token"}, holds: "good", status: Active,
			env: meanwhile(func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("theirs")) }),
		},
		{
			name: "token replaced right after it was sent", change: sendable(acme), calls: []string{"ask 816", "update token"}, holds: "good", status: Active,
			env: func(e *environment) {
				e.meanwhile = func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("theirs")) }
			},
			notes: []string{"api_token_fingerprint"},
		},
		{
			name: "Wintro can't log in any longer", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Invalid, notes: []string{"invalid"},
			env: meanwhile(func(c *wintro.Connection) { c.Status = wintro.Invalid }),
		},
		{
			name: "renamed, disabled and replaced while pending", change: sendable(acme), status: Disabled, holds: "theirs",
			calls: []string{"ask 816", "update token", "get conn_1"}, notes: []string{"name", "enabled", "api_token_fingerprint"},
			env: whilePending(func(c *wintro.Connection) {
				c.Name, c.Enabled, c.TokenFingerprint = "Other", false, new(Fingerprint("theirs"))
			}),
		},
		{
			name: "renamed in the meantime, and Wintro can't use the token that was sent", change: sendable(acme), status: Invalid, holds: "good",
			calls: []string{"ask 816", "update token"}, notes: []string{"name"}, err: isUnhealthy(Invalid),
			env: func(e *environment) { e.rename("conn_1", "Other"); e.FailLogins(true) },
		},

		// What ends as an error.
		{
			name: "gone in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name", "list 816"}, status: Active, err: is[*GoneError],
			env: func(e *environment) { e.remove("conn_1") },
		},
		{
			name: "gone while pending", change: sendable(acme), status: Pending, holds: "good", env: whilePending(nil),
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1", "list 816"}, err: is[*GoneError],
		},
		{
			name: "moved to another company in the meantime", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, err: isMoved,
			env: meanwhile(func(c *wintro.Connection) { c.AtsCompanyID = "900" }),
		},
		{
			name: "moved to another company while pending", change: sendable(acme), status: Pending, holds: "good",
			calls: []string{"ask 816", "update token", "get conn_1"}, err: isMoved,
			env: whilePending(func(c *wintro.Connection) { c.AtsCompanyID = "900" }),
		},
		{
			name: "Wintro is down", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, err: is[*UnavailableError],
			env: func(e *environment) { e.before = failing("update name", errDown) },
		},
		{
			name: "Wintro refuses", change: Change{Spec: renamed.with("held")}, calls: []string{"update name"}, status: Active, err: isStatus(403),
			env: func(e *environment) { e.before = failing("update name", &APIError{Status: 403}) },
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
			got, notes, err := update(t.Context(), env.service(cmp.Or(test.mode, VerifyPlan)), conn, test.change)
			expectError(t, err, test.err)
			expectWarnings(t, notes, test.notes...)
			env.expectCalls(t, test.calls...)
			if got.Status != test.status || got.ID != conn.ID {
				t.Errorf("%q has the status %q instead of %q", got.ID, got.Status, test.status)
			}
			if holds := cmp.Or(test.holds, "held"); env.connection(conn.ID).Name != "" && !env.HoldsToken(env.id(conn.ID), holds) {
				t.Errorf("Wintro doesn't have the token %q", holds)
			}
		})
	}
}

// A status that needs a token gets one, also if Wintro holds it already: an owner may have the role again.
func TestUpdateMends(t *testing.T) {
	t.Parallel()
	for _, status := range Statuses() {
		if !NeedsToken(status) {
			continue
		}
		for _, test := range []struct {
			token   string
			maySend bool
			sent    bool
		}{
			{"held", true, true},
			{"good", true, true},
			// The plan has promised another one.
			{"good", false, false},
			{"held", false, false},
			{"", true, false},
		} {
			env := newEnvironment(t)
			conn := env.add("held")
			env.setStatus(&conn, status)
			got, notes, err := update(t.Context(), env.service(VerifyPlan), conn, Change{Spec: renamed.with(test.token), Planned: Planned{IsFingerprintUnknown: test.maySend}})
			expectWarnings(t, notes)
			if test.sent {
				env.expectCalls(t, "ask 816", "update name token")
				if err != nil || got.Status != Active || got.TokenFingerprint != Fingerprint(test.token) {
					t.Errorf("%s, %+v: %+v, error %v", status, test, got, err)
				}
				continue
			}
			// Nothing is done by halves.
			env.expectCalls(t)
			var needed *TokenNeededError
			if !errors.As(err, &needed) || *needed != (TokenNeededError{CompanyID: "816", Status: status}) || got != conn {
				t.Errorf("%s, %+v: %+v, error %v", status, test, got, err)
			}
		}
	}
}

func TestNamesAreTheSameHoweverTheyAreEncoded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		current, want string
		calls         []string
	}{
		{composed, decomposed, nil},
		{decomposed, composed, nil},
		{composed, "Cafe", []string{"update name"}},
		// Whoever searches for one finds not the other.
		{"Café", "CAFÉ", []string{"update name"}},
		{"①", "1", []string{"update name"}},
	} {
		env := newEnvironment(t)
		env.add("held")
		env.rename("conn_1", test.current)
		conn := env.service(VerifyOff).fromWintro(env.connection("conn_1"), Connection{})
		spec := acme.with("held")
		spec.Name = test.want
		_, notes, err := update(t.Context(), env.service(VerifyPlan), conn, Change{Spec: spec})
		expectError(t, err, nil)
		expectWarnings(t, notes)
		env.expectCalls(t, test.calls...)
	}

	// Wintro may encode what it was sent otherwise.
	env := newEnvironment(t)
	conn := env.add("held")
	env.meanwhile = func(c *wintro.Connection) { c.Name = composed }
	spec := acme.with("held")
	spec.Name = decomposed
	_, notes, err := update(t.Context(), env.service(VerifyPlan), conn, Change{Spec: spec})
	expectError(t, err, nil)
	expectWarnings(t, notes)
	env.expectCalls(t, "update name")
}

// If Wintro reports no fingerprints, the token that was sent counts as the one that it holds.
func TestUpdateKnowsTheTokenThatWasSent(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		env := newEnvironment(t)
		conn := env.add("held")
		env.ReportFingerprints(!hidden)
		got, notes, err := update(t.Context(), env.service(VerifyPlan), conn, sendable(acme))
		expectWarnings(t, notes)
		if err != nil || got.TokenFingerprint != Fingerprint("good") {
			t.Errorf("hidden: %t: %+v, error %v", hidden, got, err)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	conn := env.add("good")
	service := env.service(VerifyPlan)
	if err := service.Delete(t.Context(), conn); err != nil {
		t.Errorf("removing: %v", err)
	}
	if err := service.Delete(t.Context(), conn); err != nil {
		t.Errorf("removing what is gone already: %v", err)
	}
	env.expectCalls(t, "delete conn_1", "delete conn_1", "list 816")
	env.before = failing("delete conn_1", errDown)
	if err := service.Delete(t.Context(), conn); err == nil {
		t.Error("that Wintro doesn't answer is no proof that the connection is gone")
	}
}
