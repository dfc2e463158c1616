package connection

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		fake     func(*fakes)
		when     VerificationMode
		wanted   Spec
		calls    []string
		expected func(error) bool
		status   Status
	}{
		{
			name: "a good token", wanted: acme,
			calls: []string{"ask 816", "list 816", "create"}, status: Active,
		},
		{
			name: "switched off from the start", wanted: Spec{CompanyID: "816", Name: "R", Token: "good"},
			calls: []string{"ask 816", "list 816", "create"}, status: Disabled,
		},
		{
			name: "pending at first", wanted: acme,
			fake:  func(f *fakes) { f.pendingReads = 3 },
			calls: []string{"ask 816", "list 816", "create", "get conn_new", "get conn_new", "get conn_new"}, status: Active,
		},
		{
			name: "Wintro can't log in", wanted: acme,
			fake:  func(f *fakes) { f.after = wintro.Invalid },
			calls: []string{"ask 816", "list 816", "create"}, status: Invalid, expected: isError[*NotHealthyError],
		},
		{
			name: "a rejected token goes nowhere", wanted: acme,
			fake:  func(f *fakes) { f.ask = rejectedToken },
			calls: []string{"ask 816", "list 816"}, expected: isError[*TokenRejectedError],
		},
		{
			name: "a token of another role goes nowhere", wanted: acme,
			fake:  func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
			calls: []string{"ask 816", "list 816"}, expected: isError[*NotAdministratorError],
		},
		{
			name: "a token of another role, which suffices", wanted: Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, Token: "good"},
			fake:  func(f *fakes) { f.ask = func(string) (recruitee.Admin, error) { return admin(false), nil } },
			calls: []string{"ask 816", "list 816", "create"}, status: Active,
		},
		{
			name: "Recruitee doesn't answer", wanted: acme,
			fake:  func(f *fakes) { f.fail = failing("ask 816", down(RecruiteeName)) },
			calls: []string{"ask 816", "list 816"}, expected: isError[*NoAnswerError],
		},
		{
			name: "nothing is verified", wanted: acme, when: VerificationOff,
			fake:  func(f *fakes) { f.ask = rejectedToken },
			calls: []string{"list 816", "create"}, status: Active,
		},
		{
			name: "what answers the look-up isn't Wintro", wanted: acme,
			fake:  func(f *fakes) { f.fail = failing("list 816", down(WintroName)) },
			calls: []string{"ask 816", "list 816"}, expected: isError[*NoAnswerError],
		},
		{
			name: "the company is linked already", wanted: acme,
			fake:  func(f *fakes) { f.has("other") },
			calls: []string{"ask 816", "list 816"}, expected: isError[*ExistsError],
		},
		{
			name: "the company is linked by somebody else at the same time", wanted: acme,
			fake: func(f *fakes) {
				f.fail = failing("create", &APIError{Status: http.StatusConflict, ExistingID: "conn_2"})
			},
			calls: []string{"ask 816", "list 816", "create"}, expected: isError[*ExistsError],
		},
		{
			name: "the answer to the creation is lost for good", wanted: acme,
			fake:  func(f *fakes) { f.lostAnswer = true },
			calls: []string{"ask 816", "list 816", "create", "list 816"}, status: Active,
		},
		{
			name: "the answer is lost, and so is the connection", wanted: acme,
			fake:  func(f *fakes) { f.fail = failing("create", down(WintroName)) },
			calls: []string{"ask 816", "list 816", "create", "list 816"}, expected: isError[*NoAnswerError],
		},
		{
			name: "the answer is lost, and Wintro doesn't say whose the connection is that is there now", wanted: acme,
			fake:  func(f *fakes) { f.lostAnswer, f.hideFingerprints = true, true },
			calls: []string{"ask 816", "list 816", "create", "list 816"}, expected: isError[*NoAnswerError],
		},
		{
			name: "Wintro refuses", wanted: acme,
			fake: func(f *fakes) {
				f.fail = failing("create", &APIError{Status: http.StatusUnprocessableEntity})
			},
			calls: []string{"ask 816", "list 816", "create"}, expected: isError[*APIError],
		},
		{
			name: "the connection is removed while it is pending", wanted: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", notFound()) },
			calls: []string{"ask 816", "list 816", "create", "get conn_new"}, status: Pending, expected: isError[*GoneError],
		},
		{
			name: "Wintro doesn't answer while the connection is pending", wanted: acme,
			fake:  func(f *fakes) { f.pendingReads = 9; f.fail = failing("get conn_new", down(WintroName)) },
			calls: []string{"ask 816", "list 816", "create", "get conn_new"}, status: Pending, expected: isError[*NotHealthyError],
		},
		{
			name: "somebody renames the connection at once", wanted: acme,
			fake:  func(f *fakes) { f.meanwhile = func(c *wintro.Connection) { c.Name = "Other" } },
			calls: []string{"ask 816", "list 816", "create"}, status: Active, expected: isError[*ChangedMeanwhileError],
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := newFakes()
			if test.fake != nil {
				test.fake(fake)
			}
			if test.when == "" {
				test.when = VerificationPlan
			}
			var registered Connection
			made, err := fake.service(test.when).Create(context.Background(), test.wanted, func(l Connection) { registered = l })
			fake.expectCalls(t, test.calls...)
			if test.expected == nil && err != nil || test.expected != nil && !test.expected(err) {
				t.Errorf("unexpected error %v", err)
			}
			if made.Status != test.status {
				t.Errorf("status %q instead of %q", made.Status, test.status)
			}
			if exists := fake.tokens["conn_new"] != "" && !fake.hideFingerprints; exists != (registered.ID == "conn_new") {
				t.Errorf("the connection exists: %t, but what was registered is %q", exists, registered.ID)
			}
		})
	}
}

func failing(call string, err error) func(string) error {
	return func(made string) error {
		if made == call {
			return err
		}
		return nil
	}
}

func TestCreateKnowsTheOwnerAndTheToken(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.hideFingerprints = true
	made, err := fake.service(VerificationPlan).Create(context.Background(), acme, func(Connection) {})
	if err != nil {
		t.Fatal(err)
	}
	if made.TokenFingerprint != Fingerprint("good") {
		t.Errorf("fingerprint %q where Wintro doesn't report it", made.TokenFingerprint)
	}
	if made.Company == nil || made.Company.Name != "Acme" || made.Owner == nil || made.Owner.Email != "ada@acme.example" {
		t.Errorf("company %+v, owner %+v", made.Company, made.Owner)
	}
}

func TestCreateReportsAllThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.ask = rejectedToken
	fake.fail = failing("list 816", down(WintroName))
	_, err := fake.service(VerificationPlan).Create(context.Background(), acme, func(Connection) {})
	if !isError[*TokenRejectedError](err) || !isError[*NoAnswerError](err) {
		t.Errorf("not both are reported: %v", err)
	}
}

func TestCreateWaitsNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.pendingReads = 1 << 30
	ctx, cancel := context.WithCancel(context.Background())
	fake.fail = func(call string) error {
		if strings.HasPrefix(call, "get") {
			cancel()
		}
		return nil
	}
	made, err := fake.service(VerificationPlan).Create(ctx, acme, func(Connection) {})
	var unhealthy *NotHealthyError
	if !errors.As(err, &unhealthy) || unhealthy.Status != Pending || made.ID != "conn_new" || made.Status != Pending {
		t.Errorf("connection %+v, error %v", made, err)
	}
}

func TestEachIntendedLinkHasItsOwnKey(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service := fake.service(VerificationPlan)
	for _, company := range []string{"816", "817"} {
		wanted := acme
		wanted.CompanyID = company
		if _, err := service.Create(context.Background(), wanted, func(Connection) {}); err != nil {
			t.Fatal(err)
		}
	}
	if len(fake.keys) != 2 || fake.keys[0] == fake.keys[1] || len(fake.keys[0]) < 20 {
		t.Errorf("keys %q", fake.keys)
	}
}
