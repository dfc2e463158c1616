package connection

import (
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	renamed := acme
	renamed.Name = "HR"
	disabled := acme
	disabled.Enabled = false
	withoutToken := acme
	withoutToken.Token = ""
	for _, test := range []struct {
		name    string
		fake    func(*fakes)
		current func(*Connection)
		spec    Spec
		reasons Reasons
		mode    VerificationMode
		calls   []string
		status  Status
		err     func(error) bool
	}{
		{name: "nothing to do", spec: acme, status: Active},
		{name: "another name", spec: renamed, calls: []string{"update name"}, status: Active},
		{name: "disabling", spec: disabled, calls: []string{"update enabled"}, status: Disabled},
		{
			name: "enabling verifies first", spec: acme, calls: []string{"ask 816", "update enabled"}, status: Active,
			current: func(c *Connection) { c.Enabled, c.Status = false, Disabled },
		},
		{
			name: "enabling with a revoked token", spec: acme, calls: []string{"ask 816"}, status: Disabled, err: isError[*TokenRejectedError],
			current: func(c *Connection) { c.Enabled, c.Status = false, Disabled },
			fake:    func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "enabling without a token", spec: withoutToken, calls: []string{"update enabled"}, status: Active,
			current: func(c *Connection) { c.Enabled, c.Status = false, Disabled },
		},
		{
			name: "enabled, but reported as inactive", spec: acme, calls: []string{"ask 816", "update enabled"}, status: Active,
			current: func(c *Connection) { c.Status = Disabled },
		},
		{name: "a new token", spec: acme, reasons: Reasons{SendToken: true}, calls: []string{"ask 816", "update token"}, status: Active},
		{name: "a new token and name", spec: renamed, reasons: Reasons{SendToken: true}, calls: []string{"ask 816", "update name token"}, status: Active},
		{
			name: "a new token that is pending at first", spec: acme, reasons: Reasons{SendToken: true}, status: Active,
			fake:  func(f *fakes) { f.pendingReads = 2 },
			calls: []string{"ask 816", "update token", "get conn_1", "get conn_1"},
		},
		{
			name: "a rejected token changes nothing, nor does the name", spec: renamed, reasons: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.ask = rejectedToken }, err: isError[*TokenRejectedError],
		},
		{
			name: "a token of another role", spec: acme, reasons: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active, err: isError[*NotAdministratorError],
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "Recruitee doesn't answer about a token to send", spec: acme, reasons: Reasons{SendToken: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) }, err: isError[*NoAnswerError],
		},
		{name: "a new token, unverified", spec: acme, reasons: Reasons{SendToken: true}, mode: VerificationOff, calls: []string{"update token"}, status: Active},
		{name: "more is asked of the token", spec: acme, reasons: Reasons{Verify: true}, calls: []string{"ask 816"}, status: Active},
		{
			name: "more is asked of the token than it has", spec: acme, reasons: Reasons{Verify: true}, calls: []string{"ask 816"}, status: Active,
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } }, err: isError[*NotAdministratorError],
		},
		{
			name: "Wintro can't log in: the token is sent again", spec: acme, calls: []string{"ask 816", "update token"}, status: Active,
			current: func(c *Connection) { c.Status = Invalid },
		},
		{
			name: "Wintro still can't log in", spec: acme, calls: []string{"ask 816", "update token"}, status: Invalid, err: isError[*NotHealthyError],
			current: func(c *Connection) { c.Status = Invalid }, fake: func(f *fakes) { f.checked = wintro.Invalid },
		},
		{
			name: "revoked and no other token", spec: acme, calls: []string{"ask 816"}, status: TokenRejected, err: isError[*TokenRejectedError],
			current: func(c *Connection) { c.Status = TokenRejected }, fake: func(f *fakes) { f.ask = rejectedToken },
		},
		{
			name: "the role is back", spec: acme, calls: []string{"ask 816", "update token"}, status: Active,
			current: func(c *Connection) { c.Status = NotAdministrator },
		},
		{
			name: "to mend takes a token", spec: withoutToken, status: Invalid, err: isError[*TokenNeededError],
			current: func(c *Connection) { c.Status = Invalid },
		},
		{
			name: "disabling a broken connection takes no token", spec: Spec{CompanyID: "816", Name: "Recruitee"}, calls: []string{"update enabled"}, status: Disabled,
			current: func(c *Connection) { c.Status = Invalid },
		},
		{
			name: "pending: only waiting helps", spec: acme, calls: []string{"get conn_1", "get conn_1"}, status: Active,
			current: func(c *Connection) { c.Status = Pending },
			fake: func(f *fakes) {
				f.reads["conn_1"] = 2
				f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Pending })
			},
		},
		{
			name: "frozen: nothing is sent for what nobody knows", spec: acme, status: "frozen", err: isError[*NotHealthyError],
			current: func(c *Connection) { c.Status = "frozen" },
		},
		{
			name: "frozen, and without a token", spec: withoutToken, status: "frozen", err: isError[*NotHealthyError],
			current: func(c *Connection) { c.Status = "frozen" },
		},
		{
			name: "frozen, and another name", spec: renamed, calls: []string{"update name"}, status: "frozen", err: isError[*NotHealthyError],
			current: func(c *Connection) { c.Status = "frozen" },
			fake:    func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = "frozen" }) },
		},
		{
			name: "gone meanwhile", spec: renamed, calls: []string{"update name", "list 816"}, status: Active, err: isError[*GoneError],
			fake: func(f *fakes) { delete(f.connections, "conn_1") },
		},
		{
			name: "disabled meanwhile", spec: renamed, calls: []string{"update name"}, status: Disabled, err: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
		},
		{
			name: "moved to another company meanwhile", spec: renamed, calls: []string{"update name"}, status: Active, err: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyID = "900" }) },
		},
		{
			name: "token replaced meanwhile", spec: renamed, calls: []string{"update name"}, status: Active, err: isError[*ChangedMeanwhileError],
			fake: func(f *fakes) {
				f.change("conn_1", func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("x")) })
			},
		},
		{
			name: "Wintro down", spec: renamed, calls: []string{"update name"}, status: Active, err: isError[*NoAnswerError],
			fake: func(f *fakes) { f.fail = failing("update name", down(WintroName)) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			conn := fake.add("good")
			if test.fake != nil {
				test.fake(fake)
			}
			if test.current != nil {
				test.current(&conn)
				fake.change("conn_1", func(c *wintro.Connection) { c.Enabled = conn.Enabled && c.Enabled })
			}
			got, err := fake.service(modeOf(test.mode)).Update(t.Context(), conn, test.spec, test.reasons)
			expectError(t, err, test.err)
			fake.expectCalls(t, test.calls...)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
			}
		})
	}
}

func TestUpdateKnowsWhoseTheNewTokenIs(t *testing.T) {
	t.Parallel()
	for mode, known := range map[VerificationMode]bool{VerificationPlan: true, VerificationApply: true, VerificationOff: false} {
		fake := newFakes()
		current := fake.add("old")
		current.Owner, current.Company = &Owner{Email: "old@acme.example"}, &Company{ID: "816"}
		got, err := fake.service(mode).Update(t.Context(), current, acme, Reasons{SendToken: true})
		if err != nil || got.TokenFingerprint != Fingerprint("good") {
			t.Fatalf("%s: %+v, %v", mode, got, err)
		}
		if isAdas := got.Owner != nil && got.Owner.Email == "ada@acme.example"; isAdas != known || !known && got.Owner != nil {
			t.Errorf("%s: owner %+v", mode, got.Owner)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	conn := fake.add("good")
	service := fake.service(VerificationPlan)
	if err := service.Delete(t.Context(), conn); err != nil {
		t.Errorf("removing: %v", err)
	}
	if err := service.Delete(t.Context(), conn); err != nil {
		t.Errorf("removing what is gone already: %v", err)
	}
	fake.expectCalls(t, "delete conn_1", "delete conn_1", "list 816")
	fake.fail = failing("delete conn_1", down(WintroName))
	if err := service.Delete(t.Context(), conn); err == nil {
		t.Error("that Wintro doesn't answer is no proof that the connection is gone")
	}
}
