package connection

import (
	"context"
	"errors"
	"strings"
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
			calls: []string{"ask 816", "page 1", "create"}, status: Invalid, err: isError[*NotHealthyError],
		},
		{
			name: "Wintro reports what nobody knows", spec: acme,
			fake:  func(f *fakes) { f.checked = "frozen" },
			calls: []string{"ask 816", "page 1", "create"}, status: "frozen", err: isError[*NotHealthyError],
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
			calls: []string{"ask 816", "page 1"}, err: isError[*NoAnswerError],
		},
		{
			name: "nothing is verified", spec: acme, mode: VerificationOff,
			fake:  func(f *fakes) { f.ask = rejectedToken },
			calls: []string{"page 1", "create"}, status: Active,
		},
		{
			name: "what answers the look-up isn't Wintro", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("page 1", down(WintroName)) },
			calls: []string{"ask 816", "page 1"}, err: isError[*NoAnswerError],
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
			name: "the answer is lost, and Wintro's check goes on", spec: acme,
			fake:  func(f *fakes) { f.late, f.pendingReads = failing("create", down(WintroName)), 2 },
			calls: []string{"ask 816", "page 1", "create", "list 816", "get conn_new"}, status: Active,
		},
		{
			name: "the answer is lost, and so is the request", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", down(WintroName)) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*NoAnswerError],
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
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*NoAnswerError],
		},
		{
			name: "the answer is lost, and Wintro doesn't say whose the connection is that is there now", spec: acme,
			fake:  func(f *fakes) { f.late, f.hideFingerprints = failing("create", down(WintroName)), true },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isError[*NoAnswerError],
		},
		{
			name: "Wintro refuses", spec: acme,
			fake:  func(f *fakes) { f.fail = failing("create", &APIError{Status: 400}) },
			calls: []string{"ask 816", "page 1", "create"}, err: isError[*APIError],
		},
		{
			name: "the connection is removed while it is pending", spec: acme,
			fake: func(f *fakes) {
				f.pendingReads = 9
				f.fail = func(_ context.Context, call string) error {
					if call == "get conn_new" {
						delete(f.connections, "conn_new")
					}
					return nil
				}
			},
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "list 816"}, status: Pending, err: isError[*GoneError],
		},
		{
			name: "Wintro lists the connection, and has none with its ID", spec: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", notFound()) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "list 816"}, status: Pending, err: isError[*NoAnswerError],
		},
		{
			name: "Wintro doesn't answer while the connection is pending", spec: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", down(WintroName)) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Pending, err: isError[*NotHealthyError],
		},
		{
			name: "somebody renames the connection at once", spec: acme,
			fake:  func(f *fakes) { f.meanwhile = func(c *wintro.Connection) { c.Name = "Other" } },
			calls: []string{"ask 816", "page 1", "create"}, status: Active, err: isError[*ChangedMeanwhileError],
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			if test.fake != nil {
				test.fake(fake)
			}
			var registered Connection
			got, err := fake.service(modeOf(test.mode)).Create(t.Context(), test.spec, func(c Connection) { registered = c })
			fake.expectCalls(t, test.calls...)
			expectError(t, err, test.err)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
			}
			if exists := fake.tokens["conn_new"] != "" && !fake.hideFingerprints; exists != (registered.ID == "conn_new") {
				t.Errorf("the connection exists: %t, but what was registered is %q", exists, registered.ID)
			}
		})
	}
}

func isExists(want ExistsError) func(error) bool {
	return func(err error) bool {
		var exists *ExistsError
		return errors.As(err, &exists) && *exists == want
	}
}

func TestCreateKnowsTheOwnerAndTheToken(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.hideFingerprints, fake.organisation = true, "org_1"
	got, err := fake.service(VerificationPlan).Create(t.Context(), acme, func(Connection) {})
	if err != nil {
		t.Fatal(err)
	}
	if got.TokenFingerprint != Fingerprint("good") {
		t.Errorf("fingerprint %q where Wintro doesn't report it", got.TokenFingerprint)
	}
	if got.Company == nil || got.Company.Name != "Acme" || got.Owner == nil || got.Owner.Email != "ada@acme.example" {
		t.Errorf("company %+v, owner %+v", got.Company, got.Owner)
	}
	if got.OrganisationID != "org_1" {
		t.Errorf("organisation %q", got.OrganisationID)
	}
}

func TestCreateReportsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.ask = rejectedToken
	fake.fail = failing("page 1", down(WintroName))
	_, err := fake.service(VerificationPlan).Create(t.Context(), acme, func(Connection) {})
	if !isError[*TokenRejectedError](err) || !isError[*NoAnswerError](err) {
		t.Errorf("not both are reported: %v", err)
	}
}

func TestCreateWaitsNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.pendingReads = 1 << 30
	ctx, cancel := context.WithCancel(t.Context())
	fake.fail = func(_ context.Context, call string) error {
		if strings.HasPrefix(call, "get") {
			cancel()
		}
		return nil
	}
	got, err := fake.service(VerificationPlan).Create(ctx, acme, func(Connection) {})
	var unhealthy *NotHealthyError
	if !errors.As(err, &unhealthy) || unhealthy.Status != Pending || got.ID != "conn_new" || got.Status != Pending {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestEachCreationHasItsOwnKey(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service := fake.service(VerificationPlan)
	for _, company := range []string{"816", "817"} {
		spec := acme
		spec.CompanyID = company
		if _, err := service.Create(t.Context(), spec, func(Connection) {}); err != nil {
			t.Fatal(err)
		}
	}
	if len(fake.keys) != 2 || fake.keys[0] == fake.keys[1] || len(fake.keys[0]) < 20 {
		t.Errorf("keys %q", fake.keys)
	}
}
