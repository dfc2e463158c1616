package connection

import (
	"cmp"
	"context"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		fake     func(*fakes)
		last     func(*Connection)
		token    string
		when     VerificationMode
		asked    int
		outcome  string
		status   Status
		expected func(error) bool
	}{
		{name: "a healthy connection", token: "good", asked: 1, outcome: accepted, status: Active},
		{name: "no token to check", asked: 0, outcome: unverified, status: Active},
		{name: "checks only while applying", token: "good", when: VerificationApply, outcome: unverified, status: Active},
		{name: "checks are off", token: "good", when: VerificationOff, outcome: unverified, status: Active},
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
			last: func(l *Connection) { l.Status = TokenRejected },
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
			name: "switched off in Wintro, and revoked: nothing is said of the token", token: "good", asked: 1, outcome: unverified, status: Disabled,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Enabled, c.Status = false, wintro.Inactive })
			},
		},
		{
			name: "switched off by configuration: Recruitee isn't asked", token: "good", asked: 0, outcome: unverified, status: Disabled,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
			last: func(l *Connection) { l.Enabled = false },
		},
		{
			name: "moved to another company", token: "good", asked: 1, outcome: unverified, status: Active,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" })
			},
		},
		{name: "removed in Wintro", token: "good", asked: 1, fake: func(f *fakes) { delete(f.connections, "conn_1") }, expected: isError[*GoneError]},
		{name: "Wintro down", token: "good", asked: 1, fake: func(f *fakes) { f.fail = failing("get conn_1", down(WintroName)) }, expected: isError[*NoAnswerError]},
		{
			name: "refused by Wintro", token: "good", asked: 1, expected: isError[*APIError],
			fake: func(f *fakes) { f.fail = failing("get conn_1", &APIError{Status: 403}) },
		},
		{
			name: "a connection to another system", token: "good", asked: 1, expected: isError[*OtherSystemError],
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Ats = "greenhouse" }) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			last := fake.has("good")
			if test.fake != nil {
				test.fake(fake)
			}
			if test.last != nil {
				test.last(&last)
			}
			if test.when == "" {
				test.when = VerificationPlan
			}
			is, verification, err := fake.service(test.when).Read(context.Background(), last, test.token, true)
			if test.expected == nil && err != nil || test.expected != nil && !test.expected(err) {
				t.Fatalf("unexpected error %v", err)
			}
			if is.Status != test.status || outcome(verification) != cmp.Or(test.outcome, unverified) {
				t.Errorf("status %q and outcome %q instead of %q and %q", is.Status, outcome(verification), test.status, test.outcome)
			}
			if fake.count("get conn_1") != 1 || fake.count("ask 816") != test.asked {
				t.Errorf("calls %q", fake.asked())
			}
		})
	}
}

func TestReadAfterAnImportKnowsOnlyTheID(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.has("good")
	is, _, err := fake.service(VerificationPlan).Read(context.Background(), Connection{ID: "conn_1"}, "", true)
	if err != nil || is.CompanyID != "816" || is.TokenFingerprint != Fingerprint("good") || is.Status != Active || is.Owner != nil {
		t.Errorf("connection %+v, error %v", is, err)
	}
}

func TestReadKeepsWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	last := fake.has("good")
	last.Owner, last.Company = &Owner{Email: "ada@acme.example"}, &Company{ID: "816"}
	fake.hideFingerprints = true
	fake.fail = failing("ask 816", down(RecruiteeName))
	is, _, err := fake.service(VerificationPlan).Read(context.Background(), last, "good", true)
	if err != nil || is.TokenFingerprint != Fingerprint("good") || is.Owner != last.Owner || is.Company != last.Company {
		t.Errorf("connection %+v, error %v", is, err)
	}
}

func TestReadOfAMovedConnectionForgetsTheOwner(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	last := fake.has("good")
	last.Owner, last.Company = &Owner{}, &Company{}
	fake.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" })
	is, _, err := fake.service(VerificationPlan).Read(context.Background(), last, "good", true)
	if err != nil || is.CompanyID != "900" || is.Owner != nil || is.Company != nil {
		t.Errorf("connection %+v, error %v", is, err)
	}
}
