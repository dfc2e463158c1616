package connection

import (
	"context"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	relabelled := acme
	relabelled.Name = "HR"
	off := acme
	off.Enabled = false
	withoutToken := acme
	withoutToken.Token = ""
	for _, test := range []struct {
		name     string
		fake     func(*fakes)
		is       func(*Connection)
		wanted   Spec
		due      Reasons
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
			name: "switching on with a revoked token", wanted: acme, calls: []string{"ask 816"}, status: Disabled, expected: isError[*TokenRejectedError],
			is:   func(l *Connection) { l.Enabled, l.Status = false, Disabled },
			fake: func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "switching on without a token", wanted: withoutToken, calls: []string{"update enabled"}, status: Active,
			is: func(l *Connection) { l.Enabled, l.Status = false, Disabled },
		},
		{
			name: "enabled, but reported as inactive", wanted: acme, calls: []string{"ask 816", "update enabled"}, status: Active,
			is: func(l *Connection) { l.Status = Disabled },
		},
		{name: "a new token", wanted: acme, due: Reasons{SendToken: true}, calls: []string{"ask 816", "update token"}, status: Active},
		{name: "a new token and label", wanted: relabelled, due: Reasons{SendToken: true}, calls: []string{"ask 816", "update name token"}, status: Active},
		{
			name: "a new token that is pending at first", wanted: acme, due: Reasons{SendToken: true}, status: Active,
			fake:  func(f *fakes) { f.pendingReads = 2 },
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1"},
		},
		{
			name: "a rejected token changes nothing, nor does the label", wanted: relabelled, due: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.ask = rejectedToken }, expected: isError[*TokenRejectedError],
		},
		{
			name: "a token of another role", wanted: acme, due: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active, expected: isError[*NotAdministratorError],
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "Recruitee doesn't answer about a token to send", wanted: acme, due: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) }, expected: isError[*NoAnswerError],
		},
		{name: "a new token, unverified", wanted: acme, due: Reasons{SendToken: true}, when: VerificationOff, calls: []string{"update token"}, status: Active},
		{name: "more is asked of the token", wanted: acme, due: Reasons{Verify: true}, calls: []string{"ask 816"}, status: Active},
		{
			name: "more is asked of the token than it has", wanted: acme, due: Reasons{Verify: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } }, expected: isError[*NotAdministratorError],
		},
		{
			name: "Wintro can't log in: the token is sent again", wanted: acme, calls: []string{"ask 816", "update token"}, status: Active,
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "Wintro still can't log in", wanted: acme, calls: []string{"ask 816", "update token"}, status: Invalid, expected: isError[*NotHealthyError],
			is: func(l *Connection) { l.Status = Invalid }, fake: func(f *fakes) { f.after = wintro.Invalid },
		},
		{
			name: "revoked and no other token", wanted: acme, calls: []string{"ask 816"}, status: TokenRejected, expected: isError[*TokenRejectedError],
			is: func(l *Connection) { l.Status = TokenRejected }, fake: func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "the role is back", wanted: acme, calls: []string{"ask 816", "update token"}, status: Active,
			is: func(l *Connection) { l.Status = NotAdministrator },
		},
		{
			name: "to mend takes a token", wanted: withoutToken, status: Invalid, expected: isError[*TokenNeededError],
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "switching off a broken link takes no token", wanted: Spec{CompanyID: "816", Name: "Recruitee"}, calls: []string{"update enabled"}, status: Disabled,
			is: func(l *Connection) { l.Status = Invalid },
		},
		{
			name: "pending: only waiting helps", wanted: acme, calls: []string{"get conn_1", "get conn_1"}, status: Active,
			is: func(l *Connection) { l.Status = Pending },
			fake: func(f *fakes) {
				f.pendingReads = 2
				f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Pending })
			},
		},
		{
			name: "gone meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: isError[*GoneError],
			fake: func(f *fakes) { delete(f.connections, "conn_1") },
		},
		{
			name: "switched off meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Disabled, expected: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
		},
		{
			name: "moved to another company meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" }) },
		},
		{
			name: "token replaced meanwhile", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) {
				f.change("conn_1", func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("x")) })
			},
		},
		{
			name: "Wintro down", wanted: relabelled, calls: []string{"update name"}, status: Active, expected: isError[*NoAnswerError],
			fake: func(f *fakes) { f.fail = failing("update name", down(WintroName)) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			conn := fake.has("good")
			if test.fake != nil {
				test.fake(fake)
			}
			if test.is != nil {
				test.is(&conn)
				fake.change("conn_1", func(c *wintro.Connection) { c.Enabled = conn.Enabled && c.Enabled })
			}
			if test.when == "" {
				test.when = VerificationPlan
			}
			is, err := fake.service(test.when).Update(context.Background(), conn, test.wanted, test.due)
			if test.expected == nil && err != nil || test.expected != nil && !test.expected(err) {
				t.Errorf("unexpected error %v", err)
			}
			fake.expectCalls(t, test.calls...)
			if is.Status != test.status {
				t.Errorf("status %q instead of %q", is.Status, test.status)
			}
		})
	}
}

func TestUpdateKnowsWhoseTheNewTokenIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		when  VerificationMode
		known bool
	}{{VerificationPlan, true}, {VerificationApply, true}, {VerificationOff, false}} {
		fake := newFakes()
		before := fake.has("old")
		before.Owner, before.Company = &Owner{Email: "old@acme.example"}, &Company{ID: "816"}
		is, err := fake.service(test.when).Update(context.Background(), before, acme, Reasons{SendToken: true})
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
	fake := newFakes()
	fake.has("good")
	service := fake.service(VerificationPlan)
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Errorf("removing: %v", err)
	}
	if err := service.Delete(context.Background(), "conn_1"); err != nil {
		t.Errorf("removing what is gone already: %v", err)
	}
	fake.fail = failing("delete conn_1", down(WintroName))
	if err := service.Delete(context.Background(), "conn_1"); err == nil {
		t.Error("that Wintro doesn't answer is no proof that the connection is gone")
	}
}
