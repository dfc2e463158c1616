package connection

import (
	"context"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestAmend(t *testing.T) {
	t.Parallel()
	relabelled := acme
	relabelled.Name = "HR"
	off := acme
	off.Enabled = false
	withoutToken := acme
	withoutToken.Token = ""
	for _, test := range []struct {
		name     string
		world    func(*fakes)
		is       func(*Connection)
		wanted   Spec
		due      Due
		when     VerificationMode
		calls    []string
		status   Status
		expected func(error) bool
	}{
		{name: "nothing to do", wanted: acme, status: Active},
		{name: "another label", wanted: relabelled, calls: []string{"update name"}, status: Active},
		{name: "switching off", wanted: off, calls: []string{"update enabled"}, status: Disabled},
		{
			name: "switching on verifies first", wanted: acme, calls: []string{"ask 816", "update enabled"}, status: Active,
			is: func(l *Connection) { l.Enabled, l.Status = false, Disabled },
		},
		{
			name: "switching on with a revoked token", wanted: acme, calls: []string{"ask 816"}, status: Disabled, expected: as[*TokenRejectedError],
			is:    func(l *Connection) { l.Enabled, l.Status = false, Disabled },
			world: func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "switching on without a token", wanted: withoutToken, calls: []string{"update enabled"}, status: Active,
			is: func(l *Connection) { l.Enabled, l.Status = false, Disabled },
		},
		{
			name: "enabled, but reported as inactive", wanted: acme, calls: []string{"ask 816", "update enabled"}, status: Active,
			is: func(l *Connection) { l.Status = Disabled },
		},
		{name: "a new token", wanted: acme, due: Due{Token: true}, calls: []string{"ask 816", "update token"}, status: Active},
		{name: "a new token and label", wanted: relabelled, due: Due{Token: true}, calls: []string{"ask 816", "update name token"}, status: Active},
		{
			name: "a new token that is pending at first", wanted: acme, due: Due{Token: true}, status: Active,
			world: func(f *fakes) { f.pendingReads = 2 },
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1"},
		},
		{
			name: "a rejected token changes nothing, nor does the label", wanted: relabelled, due: Due{Token: true}, calls: []string{"ask 816"}, status: Active,
			world: func(f *fakes) { f.ask = rejectedToken }, expected: as[*TokenRejectedError],
		},
		{
			name: "a token of another role", wanted: acme, due: Due{Token: true}, calls: []string{"ask 816"}, status: Active, expected: as[*NotAdministratorError],
			world: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "Recruitee doesn't answer about a token to send", wanted: acme, due: Due{Token: true}, calls: []string{"ask 816"}, status: Active,
			world: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) }, expected: as[*NoAnswerError],
		},
		{name: "a new token, unverified", wanted: acme, due: Due{Token: true}, when: VerificationOff, calls: []string{"update token"}, status: Active},
		{name: "more is asked of the token", wanted: acme, due: Due{Check: true}, calls: []string{"ask 816"}, status: Active},
		{
			name: "more is asked of the token than it has", wanted: acme, due: Due{Check: true}, calls: []string{"ask 816"}, status: Active,
			world: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } }, expected: as[*NotAdministratorError],
		},
		{
			name: "Wintro can't log in: the token is sent again", wanted: acme, calls: []string{"ask 816", "update token"}, status: Active,
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "Wintro still can't log in", wanted: acme, calls: []string{"ask 816", "update token"}, status: Invalid, expected: as[*NotHealthyError],
			is: func(l *Connection) { l.Status = Invalid }, world: func(f *fakes) { f.after = wintro.Invalid },
		},
		{
			name: "revoked and no other token", wanted: acme, calls: []string{"ask 816"}, status: TokenRejected, expected: as[*TokenRejectedError],
			is: func(l *Connection) { l.Status = TokenRejected }, world: func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "the role is back", wanted: acme, calls: []string{"ask 816", "update token"}, status: Active,
			is: func(l *Connection) { l.Status = NotAdministrator },
		},
		{
			name: "to mend takes a token", wanted: withoutToken, status: Invalid, expected: as[*TokenNeededError],
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "switching off a broken link takes no token", wanted: Spec{CompanyID: "816", Name: "Recruitee"}, calls: []string{"update enabled"}, status: Disabled,
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "pending: only waiting helps", wanted: acme, calls: []string{"get conn_1", "get conn_1"}, status: Active,
			is: func(l *Connection) { l.Status = Pending },
			world: func(f *fakes) {
				f.pendingReads = 2
				f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Pending })
			},
		},
		{
			name: "gone meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: as[*GoneError],
			world: func(f *fakes) { delete(f.connections, "conn_1") },
		},
		{
			name: "switched off meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Disabled, expected: as[*ChangedMeanwhileError],
			world: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
		},
		{
			name: "moved to another company meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: as[*ChangedMeanwhileError],
			world: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" }) },
		},
		{
			name: "token replaced meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: as[*ChangedMeanwhileError],
			world: func(f *fakes) {
				f.change("conn_1", func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("x")) })
			},
		},
		{
			name: "Wintro down", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: as[*NoAnswerError],
			world: func(f *fakes) { f.fail = failing("update name", down(WintroName)) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			world := newFakes()
			conn := world.has("good")
			if test.world != nil {
				test.world(world)
			}
			if test.is != nil {
				test.is(&conn)
				world.change("conn_1", func(c *wintro.Connection) { c.Enabled = conn.Enabled && c.Enabled })
			}
			if test.when == "" {
				test.when = VerificationPlan
			}
			is, err := world.service(test.when).Update(context.Background(), conn, test.wanted, test.due)
			if test.expected == nil && err != nil || test.expected != nil && !test.expected(err) {
				t.Errorf("unexpected error %v", err)
			}
			world.expectCalls(t, test.calls...)
			if is.Status != test.status {
				t.Errorf("status %q instead of %q", is.Status, test.status)
			}
		})
	}
}

func TestAmendKnowsWhoseTheNewTokenIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		when  VerificationMode
		known bool
	}{{VerificationPlan, true}, {VerificationApply, true}, {VerificationOff, false}} {
		world := newFakes()
		before := world.has("old")
		before.Owner, before.Company = &Owner{Email: "old@acme.example"}, &Company{ID: "816"}
		is, err := world.service(test.when).Update(context.Background(), before, acme, Due{Token: true})
		if err != nil || is.TokenFingerprint != Fingerprint("good") {
			t.Fatalf("%s: %+v, %v", test.when, is, err)
		}
		if known := is.Owner != nil && is.Owner.Email == "ada@acme.example"; known != test.known || !test.known && is.Owner != nil {
			t.Errorf("%s: owner %+v", test.when, is.Owner)
		}
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	world := newFakes()
	world.has("good")
	service := world.service(VerificationPlan)
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Errorf("removing: %v", err)
	}
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Errorf("removing what is gone already: %v", err)
	}
	world.fail = failing("delete conn_1", down(WintroName))
	if err := service.Delete(context.Background(), "conn_1"); err == nil {
		t.Error("that Wintro doesn't answer is no proof that the link is gone")
	}
}
