package connection

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	asOther := func(f *fakes) {
		f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil }
	}
	for _, test := range []struct {
		name   string
		fake   func(*fakes)
		mode   VerificationMode
		spec   Spec
		calls  []string
		status Status
		notes  []string
		err    func(error) bool
	}{
		{
			name: "a good token", spec: acme,
			calls: []string{"ask 816", "page 1", "create"}, status: Active,
		},
		{
			name: "disabled from the start", spec: Spec{CompanyID: "816", Name: "R", Token: "good"},
			calls: []string{"ask 816", "page 1", "create"}, status: Disabled,
		},
		{
			name: "pending at first", spec: acme,
			fake:  func(f *fakes) { f.pendingReads = 3 },
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "get conn_new", "get conn_new"}, status: Active,
		},
		{
			name: "Wintro can't log in", spec: acme,
			fake:  func(f *fakes) { f.checked = wintro.Invalid },
			calls: []string{"ask 816", "page 1", "create"}, status: Invalid, err: isUnhealthy(Invalid),
		},
		{
			name: "Wintro can't log in, and nothing is verified", spec: acme, mode: VerificationOff,
			fake:  func(f *fakes) { f.checked = wintro.Invalid },
			calls: []string{"page 1", "create"}, status: Invalid, err: isUnhealthy(Invalid),
		},
		{
			name: "Wintro can't log in, and somebody renames the connection", spec: acme,
			fake: func(f *fakes) {
				f.checked, f.meanwhile = wintro.Invalid, func(c *wintro.Connection) { c.Name = "Other" }
			},
			calls: []string{"ask 816", "page 1", "create"}, status: Invalid, notes: []string{"name"}, err: isUnhealthy(Invalid),
		},
		{
			name: "Wintro reports what nobody knows", spec: acme,
			fake:  func(f *fakes) { f.checked = "frozen" },
			calls: []string{"ask 816", "page 1", "create"}, status: "frozen", notes: []string{"frozen"},
		},
		{
			name: "a rejected token goes nowhere", spec: acme,
			fake:  func(f *fakes) { f.ask = rejectedToken },
			calls: []string{"ask 816", "page 1"}, err: isError[*TokenRejectedError],
		},
		{
			name: "a token of another role goes nowhere", spec: acme, fake: asOther,
			calls: []string{"ask 816", "page 1"}, err: isError[*NotAdministratorError],
		},
		{
			name: "a token of another role, which suffices", spec: Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, Token: "good"}, fake: asOther,
			calls: []string{"ask 816", "page 1", "create"}, status: Active,
		},
		{
			name: "Recruitee doesn't answer", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			calls: []string{"ask 816", "page 1"}, err: isError[*UnavailableError],
		},
		{
			name: "nothing is verified", spec: acme, mode: VerificationOff,
			fake:  func(f *fakes) { f.ask = rejectedToken },
			calls: []string{"page 1", "create"}, status: Active,
		},
		{
			name: "what answers the look-up isn't Wintro", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("page 1", down(WintroName)) },
			calls: []string{"ask 816", "page 1"}, err: isError[*UnavailableError],
		},
		{
			name: "this Wintro has no such endpoints", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("page 1", notFound()) },
			calls: []string{"ask 816", "page 1"}, err: isError[*NoEndpointsError],
		},
		{
			name: "the company is linked already", spec: acme,
			fake:  func(f *fakes) { f.add("other") },
			calls: []string{"ask 816", "page 1", "get conn_1"}, err: isError[*ExistsError],
		},
		{
			name: "somebody else links the company at the same time", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", alreadyLinked("conn_2")) },
			calls: []string{"ask 816", "page 1", "create"}, err: isExists(ExistsError{ID: "conn_2", CompanyID: "816"}),
		},
		{
			name: "another organisation has linked the company", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", alreadyLinked("")) },
			calls: []string{"ask 816", "page 1", "create"}, err: func(err error) bool {
				var linked *LinkedElsewhereError
				return errors.As(err, &linked) && linked.CompanyID == "816"
			},
		},
		{
			name: "another conflict is Wintro's to explain", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", &APIError{Status: 409, Code: "IDEMPOTENCY_KEY_REUSED"}) },
			calls: []string{"ask 816", "page 1", "create"}, err: isError[*APIError],
		},
		{
			name: "the answer to the creation is lost for good", spec: acme,
			fake:  func(f *fakes) { f.late = failing("create", down(WintroName)) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, status: Active,
		},
		{
			name: "Wintro answers the creation with an error of its own", spec: acme,
			fake:  func(f *fakes) { f.late = failing("create", &APIError{Status: 503, Code: "UNAVAILABLE"}) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, status: Active,
		},
		{
			name: "Wintro answers with an error of its own, and creates nothing", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", &APIError{Status: 500, Code: "INTERNAL"}) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isStatus(500),
		},
		{
			name: "Wintro answers with an error of its own, and what is there now holds another token", spec: acme,
			fake: func(f *fakes) {
				f.fail = func(_ context.Context, call string) error {
					if call != "create" {
						return nil
					}
					f.add("other")
					return &APIError{Status: 500, Code: "INTERNAL"}
				}
			},
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isStatus(500),
		},
		{
			name: "Wintro answers with an error of its own, and then not at all", spec: acme,
			fake: func(f *fakes) {
				f.late = failing("create", &APIError{Status: 500, Code: "INTERNAL"})
				f.fail = failing("list 816", down(WintroName))
			},
			// It exists all the same, but nobody knows.
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isStatus(500),
		},
		{
			name: "the answer is lost, and Wintro's check goes on", spec: acme,
			fake:  func(f *fakes) { f.late, f.pendingReads = failing("create", down(WintroName)), 2 },
			calls: []string{"ask 816", "page 1", "create", "list 816", "get conn_new"}, status: Active,
		},
		{
			name: "the answer is lost, and so is the request", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", down(WintroName)) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*UnavailableError],
		},
		{
			name: "the answer is lost, and what is there now holds another token", spec: acme,
			fake: func(f *fakes) {
				f.fail = func(_ context.Context, call string) error {
					if call != "create" {
						return nil
					}
					f.add("other")
					return down(WintroName)
				}
			},
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*UnavailableError],
		},
		{
			name: "the answer is lost, and Wintro doesn't say whose the connection is that is there now", spec: acme,
			fake:  func(f *fakes) { f.late, f.hideFingerprints = failing("create", down(WintroName)), true },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*UnavailableError],
		},
		{
			name: "Wintro refuses", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", &APIError{Status: 400}) },
			calls: []string{"ask 816", "page 1", "create"}, err: isStatus(400),
		},
		{
			name: "the connection is removed while it is pending", spec: acme, fake: whilePending(nil),
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "list 816"}, status: Pending, err: isError[*GoneError],
		},
		{
			name: "Wintro lists the connection, and has none with its ID", spec: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", notFound()) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "list 816"}, status: Pending, notes: []string{"pending"},
		},
		{
			name: "Wintro doesn't answer while the connection is pending", spec: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", down(WintroName)) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Pending, notes: []string{"pending"},
		},
		{
			name: "somebody renames the connection while it is pending", spec: acme,
			fake:  whilePending(func(c *wintro.Connection) { c.Name = "Other" }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "get conn_new"}, status: Active, notes: []string{"name"},
		},
		{
			name: "somebody disables it while it is pending", spec: acme,
			fake:  whilePending(func(c *wintro.Connection) { c.Enabled, c.Status = false, wintro.Inactive }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Disabled, notes: []string{"enabled"},
		},
		{
			name: "somebody replaces its token while it is pending", spec: acme,
			fake:  whilePending(func(c *wintro.Connection) { c.TokenFingerprint = new(Fingerprint("theirs")) }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "get conn_new"}, status: Active, notes: []string{"api_token_fingerprint"},
		},
		{
			name: "somebody replaces its token with one that Wintro can't use", spec: acme,
			fake: whilePending(func(c *wintro.Connection) {
				c.TokenFingerprint, c.Status = new(Fingerprint("theirs")), wintro.Invalid
			}),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Invalid, notes: []string{"api_token_fingerprint"},
		},
		{
			name: "somebody changes all of it while it is pending", spec: acme,
			fake: whilePending(func(c *wintro.Connection) {
				c.Name, c.Enabled, c.TokenFingerprint = "Other", false, new(Fingerprint("theirs"))
			}),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Disabled, notes: []string{"name", "enabled", "api_token_fingerprint"},
		},
		{
			name: "somebody moves it to another company while it is pending", spec: acme,
			fake:  whilePending(func(c *wintro.Connection) { c.AtsCompanyID = "900" }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Pending, err: isMoved,
		},
		{
			name: "somebody moves it at once", spec: acme,
			fake:  func(f *fakes) { f.meanwhile = func(c *wintro.Connection) { c.AtsCompanyID = "900" } },
			calls: []string{"ask 816", "page 1", "create"}, status: Active, err: isMoved,
		},
		{
			name: "somebody renames it at once", spec: acme,
			fake:  func(f *fakes) { f.meanwhile = func(c *wintro.Connection) { c.Name = "Other" } },
			calls: []string{"ask 816", "page 1", "create"}, status: Active, notes: []string{"name"},
		},
		{
			name: "Wintro encodes the name otherwise", spec: Spec{CompanyID: "816", Name: decomposed, Enabled: true, Token: "good"},
			fake:  func(f *fakes) { f.meanwhile = func(c *wintro.Connection) { c.Name = composed } },
			calls: []string{"ask 816", "page 1", "create"}, status: Active,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			if test.fake != nil {
				test.fake(fake)
			}
			var registered []Connection
			got, notes, err := fake.service(modeOf(test.mode)).Create(t.Context(), test.spec, func(c Connection) { registered = append(registered, c) })
			fake.expectCalls(t, test.calls...)
			expectError(t, err, test.err)
			expectNotes(t, notes, test.notes...)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
			}
			if isRegistered := len(registered) == 1 && registered[0].ID == "conn_new"; isRegistered != (got.ID != "") || len(registered) > 1 {
				t.Errorf("the connection is %q, and what was registered %+v", got.ID, registered)
			}
		})
	}
}

// whilePending changes the connection when it is first read, or removes it if how is nil.
func whilePending(how func(*wintro.Connection)) func(*fakes) {
	return func(f *fakes) {
		f.pendingReads = 2
		var once sync.Once
		f.fail = func(_ context.Context, call string) error {
			id, isRead := strings.CutPrefix(call, "get ")
			if !isRead {
				return nil
			}
			once.Do(func() {
				if how != nil {
					f.change(id, how)
					return
				}
				f.mu.Lock()
				defer f.mu.Unlock()
				delete(f.connections, id)
			})
			return nil
		}
	}
}

// isStatus is an error that Wintro answers with this status.
func isStatus(status int) func(error) bool {
	return func(err error) bool { return statusOf(err) == status }
}

func isMoved(err error) bool {
	var moved *MovedError
	return errors.As(err, &moved) && moved.CompanyID == "816" && moved.Now == "900" && moved.ID != ""
}

func isExists(want ExistsError) func(error) bool {
	return func(err error) bool {
		var exists *ExistsError
		return errors.As(err, &exists) && *exists == want
	}
}

func TestCreateKnowsTheTokenAndTheOrganisation(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.hideFingerprints, fake.organisation = true, "org_1"
	fake.meanwhile = func(c *wintro.Connection) { c.AtsCompanyName = new("Acme") }
	got, notes, err := fake.service(VerificationPlan).Create(t.Context(), acme, func(Connection) {})
	if err != nil {
		t.Fatal(err)
	}
	expectNotes(t, notes)
	if got.TokenFingerprint != Fingerprint("good") {
		t.Errorf("fingerprint %q, though Wintro doesn't report it", got.TokenFingerprint)
	}
	if got.CompanyName != "Acme" || got.OrganisationID != "org_1" {
		t.Errorf("company %q, organisation %q", got.CompanyName, got.OrganisationID)
	}
}

func TestANoteSaysWhatSomebodyHasChanged(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.meanwhile = func(c *wintro.Connection) { c.Name, c.Enabled = "Other", false }
	_, notes, err := fake.service(VerificationPlan).Create(t.Context(), acme, func(Connection) {})
	if err != nil || len(notes) != 2 {
		t.Fatalf("notes %v, error %v", notes, err)
	}
	for i, want := range []ChangedMeanwhileError{
		{ID: "conn_new", CompanyID: "816", Field: "name", Got: "Other", Want: "Recruitee"},
		{ID: "conn_new", CompanyID: "816", Field: "enabled", Got: false, Want: true},
	} {
		var changed *ChangedMeanwhileError
		if !errors.As(notes[i], &changed) || *changed != want {
			t.Errorf("%+v instead of %+v", notes[i], want)
		}
	}
}

func TestCreateReportsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.ask = rejectedToken
	fake.fail = failing("page 1", down(WintroName))
	_, _, err := fake.service(VerificationPlan).Create(t.Context(), acme, func(Connection) {})
	if !isError[*TokenRejectedError](err) || !isError[*UnavailableError](err) {
		t.Errorf("not both are reported: %v", err)
	}
}

func TestEachCreationHasItsOwnKey(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service := fake.service(VerificationPlan)
	for _, company := range []string{"816", "817"} {
		spec := acme
		spec.CompanyID = company
		if _, _, err := service.Create(t.Context(), spec, func(Connection) {}); err != nil {
			t.Fatal(err)
		}
	}
	if len(fake.keys) != 2 || fake.keys[0] == fake.keys[1] || len(fake.keys[0]) < 20 {
		t.Errorf("keys %q", fake.keys)
	}
}
