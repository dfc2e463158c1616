package connection

import (
	"context"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		world    func(*fakes)
		last     func(*Connection)
		token    string
		when     VerificationMode
		asked    int
		finding  Finding
		status   Status
		expected func(error) bool
	}{
		{name: "a healthy link", token: "good", asked: 1, finding: Accepted, status: Active},
		{name: "no token to check", asked: 0, finding: Unchecked, status: Active},
		{name: "checks only while applying", token: "good", when: VerificationApply, finding: Unchecked, status: Active},
		{name: "checks are off", token: "good", when: VerificationOff, finding: Unchecked, status: Active},
		{name: "token revoked", token: "good", world: func(f *fakes) { f.ask = rejectedToken }, asked: 1, finding: FoundRejected, status: TokenRejected},
		{
			name: "owner lost the role", token: "good", asked: 1, finding: FoundNotAdministrator, status: NotAdministrator,
			world: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "owner left the company", token: "good", asked: 1, finding: FoundInaccessible, status: CompanyInaccessible,
			world: func(f *fakes) {
				f.ask = func(string) (recruitee.Admin, error) { return recruiteeAnswer("inaccessible") }
			},
		},
		{
			name: "Recruitee down keeps what it said last", token: "good", asked: 1, finding: Unanswered, status: TokenRejected,
			world: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			last:  func(l *Connection) { l.Status = TokenRejected },
		},
		{
			name: "Recruitee down raises no alarm", token: "good", asked: 1, finding: Unanswered, status: Active,
			world: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
		},
		{
			name: "Wintro can't log in", token: "good", asked: 1, finding: Accepted, status: Invalid,
			world: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Invalid }) },
		},
		{
			name: "switched off in Wintro, and revoked: nothing is said of the token", token: "good", asked: 1, finding: Unchecked, status: Disabled,
			world: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Enabled, c.Status = false, wintro.Inactive })
			},
		},
		{
			name: "switched off by configuration: Recruitee isn't asked", token: "good", asked: 0, finding: Unchecked, status: Disabled,
			world: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
			last:  func(l *Connection) { l.Enabled = false },
		},
		{
			name: "moved to another company", token: "good", asked: 1, finding: Unchecked, status: Active,
			world: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" })
			},
		},
		{name: "removed in Wintro", token: "good", asked: 1, world: func(f *fakes) { delete(f.connections, "conn_1") }, expected: as[*GoneError]},
		{name: "Wintro down", token: "good", asked: 1, world: func(f *fakes) { f.fail = failing("get conn_1", down(WintroName)) }, expected: as[*NoAnswerError]},
		{
			name: "refused by Wintro", token: "good", asked: 1, expected: as[*APIError],
			world: func(f *fakes) { f.fail = failing("get conn_1", &APIError{Status: 403}) },
		},
		{
			name: "a connection to another system", token: "good", asked: 1, expected: as[*OtherSystemError],
			world: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Ats = "greenhouse" }) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			world := newFakes()
			last := world.has("good")
			if test.world != nil {
				test.world(world)
			}
			if test.last != nil {
				test.last(&last)
			}
			if test.when == "" {
				test.when = VerificationPlan
			}
			is, verification, err := world.service(test.when).Read(context.Background(), last, test.token, true)
			if test.expected == nil && err != nil || test.expected != nil && !test.expected(err) {
				t.Fatalf("unexpected error %v", err)
			}
			if is.Status != test.status || verification.Finding != test.finding {
				t.Errorf("status %q and finding %q instead of %q and %q", is.Status, verification.Finding, test.status, test.finding)
			}
			if world.count("get conn_1") != 1 || world.count("ask 816") != test.asked {
				t.Errorf("calls %q", world.asked())
			}
		})
	}
}

func TestInspectAfterAnImportKnowsOnlyTheID(t *testing.T) {
	t.Parallel()
	world := newFakes()
	world.has("good")
	is, _, err := world.service(VerificationPlan).Read(context.Background(), Connection{ID: "conn_1"}, "", true)
	if err != nil || is.CompanyID != "816" || is.TokenFingerprint != Fingerprint("good") || is.Status != Active || is.Owner != nil {
		t.Errorf("link %+v, error %v", is, err)
	}
}

func TestInspectKeepsWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	world := newFakes()
	last := world.has("good")
	last.Owner, last.Company = &Owner{Email: "ada@acme.example"}, &Company{ID: "816"}
	world.hideFingerprints = true
	world.fail = failing("ask 816", down(RecruiteeName))
	is, _, err := world.service(VerificationPlan).Read(context.Background(), last, "good", true)
	if err != nil || is.TokenFingerprint != Fingerprint("good") || is.Owner != last.Owner || is.Company != last.Company {
		t.Errorf("link %+v, error %v", is, err)
	}
}

func TestInspectOfAMovedLinkForgetsTheOwner(t *testing.T) {
	t.Parallel()
	world := newFakes()
	last := world.has("good")
	last.Owner, last.Company = &Owner{}, &Company{}
	world.change("conn_1", func(c *wintro.Connection) { c.CompanyID = "900" })
	is, _, err := world.service(VerificationPlan).Read(context.Background(), last, "good", true)
	if err != nil || is.CompanyID != "900" || is.Owner != nil || is.Company != nil {
		t.Errorf("link %+v, error %v", is, err)
	}
}
