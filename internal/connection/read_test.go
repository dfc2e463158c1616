package connection

import (
	"cmp"
	"slices"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fake  func(*fakes)
		last  func(*Connection)
		token string
		mode  VerificationMode
		// asked is how often Recruitee was asked, calls what Wintro was.
		asked   int
		calls   []string
		outcome string
		status  Status
		err     func(error) bool
	}{
		{name: "a healthy connection", token: "good", asked: 1, outcome: accepted, status: Active},
		{name: "no token to check", outcome: unverified, status: Active},
		{name: "checks only while applying", token: "good", mode: VerificationApply, outcome: unverified, status: Active},
		{name: "checks are off", token: "good", mode: VerificationOff, outcome: unverified, status: Active},
		{name: "token revoked", token: "good", fake: func(f *fakes) { f.ask = rejectedToken }, asked: 1, outcome: string(TokenRejected), status: TokenRejected},
		{
			name: "owner lost the role", token: "good", asked: 1, outcome: string(NotAdministrator), status: NotAdministrator,
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "owner left the company", token: "good", asked: 1, outcome: string(CompanyInaccessible), status: CompanyInaccessible,
			fake: func(f *fakes) {
				f.ask = func(string) (recruitee.Admin, error) { return recruiteeAnswer("inaccessible") }
			},
		},
		{
			name: "Recruitee down keeps what it said last", token: "good", asked: 1, outcome: unanswered, status: TokenRejected,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			last: func(c *Connection) { c.Status = TokenRejected },
		},
		{
			name: "Recruitee down raises no alarm", token: "good", asked: 1, outcome: unanswered, status: Active,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
		},
		{
			name: "Wintro can't log in", token: "good", asked: 1, outcome: accepted, status: Invalid,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Invalid }) },
		},
		{
			name: "disabled in Wintro, and revoked: nothing is said of the token", token: "good", asked: 1, outcome: unverified, status: Disabled,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Enabled, c.Status = false, wintro.Inactive })
			},
		},
		{
			name: "disabled by configuration: Recruitee isn't asked", token: "good", outcome: unverified, status: Disabled,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
			last: func(c *Connection) { c.Enabled = false },
		},
		{
			name: "moved to another company", token: "good", asked: 1, outcome: unverified, status: Active,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyID = "900" })
			},
		},
		{
			name: "Wintro reports what nobody knows", token: "good", asked: 1, outcome: accepted, status: "frozen",
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = "frozen" }) },
		},
		{
			name: "Wintro reports what nobody knows, and the token was revoked", token: "good", asked: 1, outcome: string(TokenRejected), status: TokenRejected,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Status = "frozen" })
			},
		},
		{
			name: "removed in Wintro", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, err: isError[*GoneError],
			fake: func(f *fakes) { delete(f.connections, "conn_1") },
		},
		{name: "Wintro down", token: "good", asked: 1, fake: func(f *fakes) { f.fail = failing("page 1", down(WintroName)) }, err: isError[*NoAnswerError]},
		{
			name: "refused by Wintro", token: "good", asked: 1, err: isError[*APIError],
			fake: func(f *fakes) { f.fail = failing("page 1", &APIError{Status: 403}) },
		},
		{
			name: "on a page that isn't worth reading", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, outcome: accepted, status: Active,
			fake: func(f *fakes) { f.addMany(100) },
		},
		{
			name: "on that page, and Wintro down", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, err: isError[*NoAnswerError],
			fake: func(f *fakes) { f.addMany(100); f.fail = failing("get conn_1", down(WintroName)) },
		},
		{
			name: "a connection to another system", token: "good", asked: 1, err: isError[*OtherSystemError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Ats = "greenhouse" }) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			last := fake.add("good")
			if test.fake != nil {
				test.fake(fake)
			}
			if test.last != nil {
				test.last(&last)
			}
			got, verification, err := fake.service(modeOf(test.mode)).Read(t.Context(), last, test.token, true)
			expectError(t, err, test.err)
			if got.Status != test.status || outcome(verification) != cmp.Or(test.outcome, unverified) {
				t.Errorf("status %q and outcome %q instead of %q and %q", got.Status, outcome(verification), test.status, test.outcome)
			}
			want := slices.Repeat([]string{"ask 816"}, test.asked)
			if test.calls == nil {
				test.calls = []string{"page 1"}
			}
			fake.expectCalls(t, append(want, test.calls...)...)
		})
	}
}

func TestReadAfterAnImportKnowsOnlyTheID(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.add("good")
	got, _, err := fake.service(VerificationPlan).Read(t.Context(), Connection{ID: "conn_1"}, "", true)
	if err != nil || got.CompanyID != "816" || got.TokenFingerprint != Fingerprint("good") || got.Status != Active || got.Owner != nil {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestReadKeepsWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	last := fake.add("good")
	last.Owner, last.Company = &Owner{Email: "ada@acme.example"}, &Company{ID: "816"}
	fake.hideFingerprints = true
	fake.fail = failing("ask 816", down(RecruiteeName))
	got, _, err := fake.service(VerificationPlan).Read(t.Context(), last, "good", true)
	if err != nil || got.TokenFingerprint != Fingerprint("good") || got.Owner != last.Owner || got.Company != last.Company {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestReadOfAMovedConnectionForgetsTheOwner(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	last := fake.add("good")
	last.Owner, last.Company = &Owner{}, &Company{}
	fake.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyID = "900" })
	got, _, err := fake.service(VerificationPlan).Read(t.Context(), last, "good", true)
	if err != nil || got.CompanyID != "900" || got.Owner != nil || got.Company != nil {
		t.Errorf("connection %+v, error %v", got, err)
	}
}
