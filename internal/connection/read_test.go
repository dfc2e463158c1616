package connection

import (
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
		asked  int
		calls  []string
		status Status
		err    func(error) bool
	}{
		{name: "a healthy connection", token: "good", asked: 1, status: Active},
		{name: "no token to check", status: Active},
		{name: "checks only while applying", token: "good", mode: VerificationApply, status: Active},
		{name: "checks are off", token: "good", mode: VerificationOff, status: Active},
		{name: "token revoked", token: "good", fake: func(f *fakes) { f.ask = rejectedToken }, asked: 1, status: TokenRejected},
		{
			name: "owner lost the role", token: "good", asked: 1, status: NotAdministrator,
			fake: func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
		},
		{
			name: "owner left the company", token: "good", asked: 1, status: CompanyInaccessible,
			fake: func(f *fakes) {
				f.ask = func(string) (recruitee.Admin, error) { return recruiteeAnswer("inaccessible") }
			},
		},
		{
			name: "Recruitee down keeps what it said last", token: "good", asked: 1, status: TokenRejected,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			last: func(c *Connection) { c.Status = TokenRejected },
		},
		{
			name: "Recruitee down raises no alarm", token: "good", asked: 1, status: Active,
			fake: func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
		},
		{
			name: "Wintro can't log in", token: "good", asked: 1, status: Invalid,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = wintro.Invalid }) },
		},
		{
			name: "disabled in Wintro, and revoked: the token is ignored", token: "good", asked: 1, status: Disabled,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Enabled, c.Status = false, wintro.Inactive })
			},
		},
		{
			name: "disabled by configuration: Recruitee isn't asked", token: "good", status: Disabled,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
			last: func(c *Connection) { c.Enabled = false },
		},
		{
			name: "moved to another company", token: "good", asked: 1, status: Active,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyID = "900" })
			},
		},
		{
			name: "Wintro reports what nobody knows", token: "good", asked: 1, status: "frozen",
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Status = "frozen" }) },
		},
		{
			name: "Wintro reports what nobody knows, and the token was revoked", token: "good", asked: 1, status: TokenRejected,
			fake: func(f *fakes) {
				f.ask = rejectedToken
				f.change("conn_1", func(c *wintro.Connection) { c.Status = "frozen" })
			},
		},
		{
			name: "removed in Wintro", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, err: isError[*GoneError],
			fake: func(f *fakes) { delete(f.connections, "conn_1") },
		},
		{name: "Wintro down", token: "good", asked: 1, fake: func(f *fakes) { f.fail = failing("page 1", down(WintroName)) }, err: isError[*UnavailableError]},
		{
			name: "refused by Wintro", token: "good", asked: 1, err: isError[*APIError],
			fake: func(f *fakes) { f.fail = failing("page 1", &APIError{Status: 403}) },
		},
		{
			name: "on a page that isn't worth reading", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, status: Active,
			fake: func(f *fakes) { f.addMany(100) },
		},
		{
			name: "on that page, and Wintro down", token: "good", asked: 1, calls: []string{"page 1", "get conn_1"}, err: isError[*UnavailableError],
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
			got, err := fake.service(modeOf(test.mode)).Read(t.Context(), last, test.token, true)
			expectError(t, err, test.err)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
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
	fake.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyName = new("Acme") })
	got, err := fake.service(VerificationPlan).Read(t.Context(), Connection{ID: "conn_1"}, "", true)
	if err != nil || got.CompanyID != "816" || got.CompanyName != "Acme" || got.TokenFingerprint != Fingerprint("good") || got.Status != Active {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

// What Recruitee says of a token says something about a connection only if Wintro holds that token. Here
// Recruitee knows none.
func TestWhichVerificationCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// held is the fingerprint that Wintro reports, "" for none, last the one in state, and token is verified.
		heldFingerprint, last, token string
		fake                         func(*fakes)
		before                       func(*Connection)
		want                         Status
	}{
		{name: "the token that Wintro holds", heldFingerprint: Fingerprint("good"), last: Fingerprint("good"), token: "good", want: TokenRejected},
		{name: "the token that Wintro holds by now", heldFingerprint: Fingerprint("good"), last: Fingerprint("old"), token: "good", want: TokenRejected},
		{name: "another token", heldFingerprint: Fingerprint("old"), last: Fingerprint("old"), token: "good", want: Active},
		{name: "a token that was replaced in Wintro", heldFingerprint: Fingerprint("theirs"), last: Fingerprint("good"), token: "good", want: Active},
		{name: "the token that was last sent, and Wintro reports none", last: Fingerprint("good"), token: "good", want: TokenRejected},
		{name: "another token, and Wintro reports none", last: Fingerprint("old"), token: "good", want: Active},
		{name: "any token, and nobody knows which one Wintro holds", token: "good", want: Active},
		{name: "no token, and nobody knows which one Wintro holds", want: Active},
		{
			name: "the token of another company", heldFingerprint: Fingerprint("good"), last: Fingerprint("good"), token: "good", want: Active,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.AtsCompanyID = "900" }) },
		},
		{
			name: "the token of a connection that was disabled in Wintro", heldFingerprint: Fingerprint("good"), last: Fingerprint("good"), token: "good", want: Disabled,
			fake: func(f *fakes) { f.change("conn_1", func(c *wintro.Connection) { c.Enabled = false }) },
		},
		{
			name: "the token of a connection that was enabled in Wintro isn't verified yet", heldFingerprint: Fingerprint("good"), last: Fingerprint("good"), token: "good", want: Active,
			before: func(c *Connection) { c.Enabled, c.Status = false, Disabled },
		},
		{
			name: "another token, whatever Recruitee said last", heldFingerprint: Fingerprint("theirs"), last: Fingerprint("good"), token: "good", want: Active,
			fake:   func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			before: func(c *Connection) { c.Status = NotAdministrator },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			fake.ask = rejectedToken
			last := fake.add("")
			fake.change(last.ID, func(c *wintro.Connection) {
				if c.TokenFingerprint = nil; test.heldFingerprint != "" {
					c.TokenFingerprint = &test.heldFingerprint
				}
			})
			last.TokenFingerprint = test.last
			if test.fake != nil {
				test.fake(fake)
			}
			if test.before != nil {
				test.before(&last)
			}
			got, err := fake.service(VerificationPlan).Read(t.Context(), last, test.token, true)
			if err != nil || got.Status != test.want {
				t.Errorf("status %q instead of %q, error %v", got.Status, test.want, err)
			}
		})
	}
}

func TestReadKeepsTheFingerprintThatWasLastSent(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	last := fake.add("good")
	fake.hideFingerprints = true
	got, err := fake.service(VerificationPlan).Read(t.Context(), last, "good", true)
	if err != nil || got.TokenFingerprint != Fingerprint("good") {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

// A person can't see how an accent is encoded, and no plan should show it.
func TestReadKeepsANameThatIsOnlyEncodedOtherwise(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, reported, want string }{
		{composed, decomposed, composed},
		{decomposed, composed, decomposed},
		{composed, "Cafe", "Cafe"},
		{"", decomposed, decomposed},
	} {
		fake := newFakes()
		last := fake.add("good")
		last.Name = test.before
		fake.rename(last.ID, test.reported)
		got, err := read(t.Context(), fake.service(VerificationPlan), last)
		if err != nil || got.Name != test.want {
			t.Errorf("%+q read as %+q is %+q, error %v", test.before, test.reported, got.Name, err)
		}
	}
}
