package connection

import (
	"cmp"
	"slices"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		env   func(*environment)
		last  func(*Connection)
		token string
		mode  VerifyMode
		// verifications is the number of requests to Recruitee. calls contains the requests to Wintro; the default is
		// one page.
		verifications int
		calls         []string
		status        Status
		err           func(error) bool
	}{
		{name: "a healthy connection", token: "good", verifications: 1, status: Active},
		{name: "no token", status: Active},
		{name: "verification only while applying", token: "good", mode: VerifyApply, status: Active},
		{name: "no verification", token: "good", mode: VerifyOff, status: Active},
		{
			name: "Recruitee down, and it rejected the token before", token: "good", verifications: 1, status: TokenRejected,
			env:  func(e *environment) { e.before = failing("ask 816", errDown) },
			last: func(c *Connection) { c.Status = TokenRejected },
		},
		{
			name: "Recruitee down", token: "good", verifications: 1, status: Active,
			env: func(e *environment) { e.before = failing("ask 816", errDown) },
		},
		{
			name: "disabled by configuration", token: "good", status: Disabled,
			env:  func(e *environment) { e.SetEnabled(e.id("conn_1"), false) },
			last: func(c *Connection) { c.Enabled = false },
		},
		{name: "Wintro down", token: "good", verifications: 1, env: func(e *environment) { e.before = failing("page 1", errDown) }, err: is[*UnavailableError]},
		{
			name: "rejected by Wintro", token: "good", verifications: 1, err: is[*APIError],
			env: func(e *environment) { e.before = failing("page 1", &APIError{Status: 403}) },
		},
		{
			name: "on a page that isn't worth reading", token: "good", verifications: 1, calls: []string{"page 1", "get conn_1"}, status: Active,
			env: func(e *environment) { e.addMany(100) },
		},
		{
			name: "a connection to another system", token: "good", verifications: 1, err: is[*OtherSystemError],
			env: func(e *environment) { e.replace = []string{`"recruitee"`, `"greenhouse"`} },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			last := env.add("good")
			if test.env != nil {
				test.env(env)
			}
			if test.last != nil {
				test.last(&last)
			}
			got, err := env.service(cmp.Or(test.mode, VerifyPlan)).Read(t.Context(), last, test.token, true)
			expectError(t, err, test.err)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
			}
			want := slices.Repeat([]string{"ask 816"}, test.verifications)
			if test.calls == nil {
				test.calls = []string{"page 1"}
			}
			env.expectCalls(t, append(want, test.calls...)...)
		})
	}
}

func TestReadWithOnlyTheIDReturnsAllAttributes(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.add("good")
	got, err := env.service(VerifyPlan).Read(t.Context(), Connection{ID: "conn_1"}, "", true)
	if err != nil || got.CompanyID != "816" || got.CompanyName != "Acme" || got.TokenFingerprint != Fingerprint("good") || got.Status != Active {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

// In this test, the configured token is "good", which Recruitee rejects.
func TestReadUsesOnlyVerificationOfWintrosToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// held is the token that Wintro has; "" if Wintro reports no fingerprint. last is the token whose fingerprint
		// is in state; "" if state contains none.
		held, last string
		env        func(*environment)
		before     func(*Connection)
		want       Status
	}{
		{name: "the token that Wintro has", held: "good", last: "good", want: TokenRejected},
		{name: "the token that Wintro got since", held: "good", last: "old", want: TokenRejected},
		{name: "another token", held: "old", last: "old", want: Active},
		{name: "a token that was replaced in Wintro", held: "theirs", last: "good", want: Active},
		{name: "the token that was last sent, and Wintro reports none", last: "good", want: TokenRejected},
		{name: "another token, and Wintro reports none", last: "old", want: Active},
		{name: "any token, and Wintro's token is unknown", want: Active},
		{
			name: "the token of another company", held: "good", last: "good", want: Active,
			env: func(e *environment) { e.MoveToCompany(e.id("conn_1"), 900) },
		},
		{
			name: "the token of a connection that was disabled in Wintro", held: "good", last: "good", want: Disabled,
			env: func(e *environment) { e.SetEnabled(e.id("conn_1"), false) },
		},
		{
			name: "the token of a connection that was enabled in Wintro isn't verified", held: "good", last: "good", want: Active,
			before: func(c *Connection) { c.Enabled, c.Status = false, Disabled },
		},
		{
			name: "another token, and an earlier verdict", held: "theirs", last: "good", want: Active,
			env:    func(e *environment) { e.before = failing("ask 816", errDown) },
			before: func(c *Connection) { c.Status = NotAdministrator },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			last := env.add(cmp.Or(test.held, "held"))
			env.ReportFingerprints(test.held != "")
			env.RevokeToken("good")
			last.TokenFingerprint = ""
			if test.last != "" {
				last.TokenFingerprint = Fingerprint(test.last)
			}
			if test.env != nil {
				test.env(env)
			}
			if test.before != nil {
				test.before(&last)
			}
			got, err := env.service(VerifyPlan).Read(t.Context(), last, "good", true)
			if err != nil || got.Status != test.want {
				t.Errorf("status %q instead of %q, error %v", got.Status, test.want, err)
			}
		})
	}
}

func TestReadKeepsSentFingerprintIfNoneIsReported(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	last := env.add("good")
	env.ReportFingerprints(false)
	got, err := env.service(VerifyPlan).Read(t.Context(), last, "good", true)
	if err != nil || got.TokenFingerprint != Fingerprint("good") {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

// A plan must not show a new Unicode encoding of a name, because users can't see the difference.
func TestReadKeepsNameInAnotherEncoding(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, reported, want string }{
		{composed, decomposed, composed},
		{decomposed, composed, decomposed},
		{composed, "Cafe", "Cafe"},
		{"", decomposed, decomposed},
	} {
		env := newEnvironment(t)
		last := env.add("good")
		last.Name = test.before
		env.rename(last.ID, test.reported)
		got, err := read(t.Context(), env.service(VerifyPlan), last)
		if err != nil || got.Name != test.want {
			t.Errorf("name %+q instead of %+q, error %v", got.Name, test.want, err)
		}
	}
}
