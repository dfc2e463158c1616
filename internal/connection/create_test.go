package connection

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		env      func(*environment)
		mode     VerifyMode
		spec     Spec
		calls    []string
		status   Status
		warnings []string
		err      func(error) bool
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
			env:   func(e *environment) { e.StayPending(2) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "get conn_new", "get conn_new"}, status: Active,
		},
		{
			name: "Wintro can't log in", spec: acme,
			env:   func(e *environment) { e.FailLogins(true) },
			calls: []string{"ask 816", "page 1", "create"}, status: Invalid, err: isUnhealthy(Invalid),
		},
		{
			name: "Wintro can't log in, and another user renames the connection", spec: acme,
			env: func(e *environment) {
				e.FailLogins(true)
				e.replace = []string{`"Recruitee"`, `"Other"`}
			},
			calls: []string{"ask 816", "page 1", "create"}, status: Invalid, warnings: []string{"name"}, err: isUnhealthy(Invalid),
		},
		{
			name: "a rejected token", spec: acme,
			env:   func(e *environment) { e.RevokeToken("good") },
			calls: []string{"ask 816", "page 1"}, err: is[*TokenRejectedError],
		},
		{
			name: "a token of another role", spec: acme, env: demote,
			calls: []string{"ask 816", "page 1"}, err: is[*NotAdministratorError],
		},
		{
			name: "a token of another role, which is allowed", spec: Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, Token: "good"}, env: demote,
			calls: []string{"ask 816", "page 1", "create"}, status: Active,
		},
		{
			name: "Recruitee is down", spec: acme,
			env:   func(e *environment) { e.before = failing("ask 816", errDown) },
			calls: []string{"ask 816", "page 1"}, err: is[*UnavailableError],
		},
		{
			name: "no verification", spec: acme, mode: VerifyOff,
			env:   demote,
			calls: []string{"page 1", "create"}, status: Active,
		},
		{
			name: "Wintro is down", spec: acme,
			env:   func(e *environment) { e.before = failing("page 1", errDown) },
			calls: []string{"ask 816", "page 1"}, err: is[*UnavailableError],
		},
		{
			name: "another user links the company at the same time", spec: acme,
			env:   func(e *environment) { e.before = failing("create", alreadyLinked("conn_2")) },
			calls: []string{"ask 816", "page 1", "create"}, err: equals(ExistsError{ID: "conn_2", CompanyID: "816"}),
		},
		{
			name: "another organisation has linked the company", spec: acme,
			env:   func(e *environment) { e.before = failing("create", alreadyLinked("")) },
			calls: []string{"ask 816", "page 1", "create"}, err: func(err error) bool {
				linked, ok := errors.AsType[*LinkedElsewhereError](err)
				return ok && linked.CompanyID == "816"
			},
		},
		{
			name: "409 with another code", spec: acme,
			env: func(e *environment) {
				e.before = failing("create", &APIError{Status: 409, Code: "IDEMPOTENCY_KEY_REUSED"})
			},
			calls: []string{"ask 816", "page 1", "create"}, err: is[*APIError],
		},
		{
			name: "the response is lost", spec: acme,
			env:   func(e *environment) { e.after = failing("create", errDown) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, status: Active,
		},
		{
			name: "an error, but Wintro has created the connection, which the first look-up doesn't find", spec: acme,
			env: func(e *environment) {
				e.HideNewConnections(1)
				e.after = failing("create", &APIError{Status: 503, Code: "UNAVAILABLE"})
			},
			calls: []string{"ask 816", "page 1", "create", "list 816", "list 816"}, status: Active,
		},
		{
			name: "an error, and Wintro has created nothing", spec: acme,
			env:   func(e *environment) { e.before = failing("create", &APIError{Status: 500, Code: "INTERNAL"}) },
			calls: []string{"ask 816", "page 1", "create", "list 816", "list 816", "list 816"}, err: isStatus(500),
		},
		{
			name: "an earlier request is in flight, and Wintro rejects the repeated request", spec: acme,
			env: func(e *environment) {
				e.after = failing("create", &APIError{Status: 409, Code: contract.CodeIdempotencyKeyInUse})
				e.before = func(context.Context, string) error {
					if e.count("create") < 2 {
						return nil
					}
					e.before = nil
					return &APIError{Status: 401}
				}
			},
			calls: []string{"ask 816", "page 1", "create", "create", "list 816"}, status: Active,
		},
		{
			name: "an error, and Wintro rejects the look-up", spec: acme,
			env: func(e *environment) {
				e.after = failing("create", &APIError{Status: 500, Code: "INTERNAL"})
				e.before = failing("list 816", &APIError{Status: 401})
			},
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: isStatus(500),
		},
		{
			name: "the request is lost", spec: acme,
			env:   func(e *environment) { e.before = failing("create", errDown) },
			calls: []string{"ask 816", "page 1", "create", "list 816", "list 816", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "the request is lost, and the company's connection has another token", spec: acme,
			env: func(e *environment) {
				e.before = func(_ context.Context, call string) error {
					if call != "create" {
						return nil
					}
					e.add("other")
					return errDown
				}
			},
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "the response is lost, and Wintro reports no fingerprints", spec: acme,
			env:   func(e *environment) { e.after = failing("create", errDown); e.ReportFingerprints(false) },
			calls: []string{"ask 816", "page 1", "create", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "the connection is removed while it is pending", spec: acme, env: whilePending(nil),
			calls: []string{"ask 816", "page 1", "create", "get conn_new", "get conn_new", "list 816"}, status: Pending, err: is[*GoneError],
		},
		{
			name: "Wintro is down while the connection is pending", spec: acme,
			env:   func(e *environment) { e.StayPending(8); e.before = failing("get conn_new", errDown) },
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Pending, warnings: []string{"pending"},
		},
		{
			name: "another user replaces its token with an invalid one", spec: acme,
			env:   whilePending(func(e *environment, id string) { e.SwapToken(id, "theirs"); e.SetStatus(id, wintro.Invalid) }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Invalid, warnings: []string{"api_token_fingerprint"},
		},
		{
			name: "another user changes all attributes while it is pending", spec: acme,
			env:   whilePending(changeAll),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Disabled, warnings: []string{"name", "enabled", "api_token_fingerprint"},
		},
		{
			name: "another user moves it to another company while it is pending", spec: acme,
			env:   whilePending(func(e *environment, id string) { e.MoveToCompany(id, 900) }),
			calls: []string{"ask 816", "page 1", "create", "get conn_new"}, status: Pending, err: isMoved,
		},
		{
			name: "the response contains the ID of another connection", spec: acme,
			env: func(e *environment) {
				e.addTo("conn_1", 817, "other")
				e.Fail(sandbox.Fault{Method: http.MethodPost, Edit: map[string]any{"data.id": e.id("conn_1")}})
			},
			calls: []string{"ask 816", "page 1", "create", "list 816"}, status: Active,
		},
		{
			name: "Wintro changes the encoding of the name", spec: Spec{CompanyID: "816", Name: decomposed, Enabled: true, Token: "good"},
			env:   func(e *environment) { e.replace = []string{decomposed, composed} },
			calls: []string{"ask 816", "page 1", "create"}, status: Active,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			if test.env != nil {
				test.env(env)
			}
			service := env.service(cmp.Or(test.mode, VerifyPlan))
			got, err := service.Create(t.Context(), test.spec)
			var warnings []error
			isCreated := err == nil
			if isCreated {
				got, warnings, err = service.Await(t.Context(), got, test.spec)
			}
			env.expectCalls(t, test.calls...)
			expectError(t, err, test.err)
			expectWarnings(t, warnings, test.warnings...)
			if got.Status != test.status {
				t.Errorf("status %q instead of %q", got.Status, test.status)
			}
			if isCreated != (got.ID == "conn_new") {
				t.Errorf("connection %+v, although created is %t", got, isCreated)
			}
		})
	}
}

// whilePending makes connections pending, and calls change before the first poll. If change is nil, whilePending
// removes the connection before the second poll instead.
func whilePending(change func(e *environment, id string)) func(*environment) {
	return func(e *environment) {
		e.StayPending(1)
		if change == nil {
			e.StayPending(2)
		}
		reads := 0
		e.before = func(_ context.Context, call string) error {
			id, isRead := strings.CutPrefix(call, "get ")
			if !isRead {
				return nil
			}
			reads++
			switch {
			case reads == 1 && change != nil:
				change(e, e.id(id))
			case reads == 2 && change == nil:
				e.remove(id)
			}
			return nil
		}
	}
}

// changeAll changes everything that a user can change in Wintro's settings: name, token and enabled.
func changeAll(e *environment, id string) {
	e.Relabel(id, "Other")
	e.SwapToken(id, "theirs")
	e.SetEnabled(id, false)
}

func isMoved(err error) bool {
	moved, ok := errors.AsType[*MovedError](err)
	return ok && moved.CompanyID == "816" && moved.ActualCompanyID == "900" && moved.ID != ""
}

func TestCreateReturnsFingerprintAndOrganisation(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.ReportFingerprints(false)
	env.setOrganisation("org_1")
	got, warnings, err := create(t.Context(), env.service(VerifyPlan), acme)
	if err != nil {
		t.Fatal(err)
	}
	expectWarnings(t, warnings)
	if got.TokenFingerprint != Fingerprint("good") {
		t.Errorf("fingerprint %q instead of the sent token's", got.TokenFingerprint)
	}
	if got.CompanyName != "Acme" || got.OrganisationID != "org_1" {
		t.Errorf("company %q, organisation %q", got.CompanyName, got.OrganisationID)
	}
}

func TestAwaitWarnsAboutEachChangedAttribute(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.replace = []string{`"Recruitee"`, `"Other"`, `"enabled":true`, `"enabled":false`}
	_, warnings, err := create(t.Context(), env.service(VerifyPlan), acme)
	if err != nil || len(warnings) != 2 {
		t.Fatalf("warnings %v, error %v", warnings, err)
	}
	for i, want := range []ChangedMeanwhileError{
		{ID: "conn_new", CompanyID: "816", Field: "name", Got: "Other", Want: "Recruitee"},
		{ID: "conn_new", CompanyID: "816", Field: "enabled", Got: false, Want: true},
	} {
		if changed, ok := errors.AsType[*ChangedMeanwhileError](warnings[i]); !ok || *changed != want {
			t.Errorf("%+v instead of %+v", warnings[i], want)
		}
	}
}

func TestCreateReportsBothFailures(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.RevokeToken("good")
	env.before = failing("page 1", errDown)
	_, _, err := create(t.Context(), env.service(VerifyPlan), acme)
	if !is[*TokenRejectedError](err) || !is[*UnavailableError](err) {
		t.Errorf("error %v instead of the errors of both systems", err)
	}
}

func TestCreateDoesNotReturnKnownConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	service := env.service(VerifyOff)
	service.history.record("conn_new", WasRead)
	_, _, err := create(t.Context(), service, acme)
	expectError(t, err, equals(ExistsError{ID: "conn_new", CompanyID: "816", Past: WasRead}))
	env.expectCalls(t, "page 1", "create", "list 816")
}

func TestConcurrentCreateForTheSameCompanyKnowsTheOtherOne(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"Wintro rejects it": nil, "its response is lost": errDown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				// The response to the first create request is slow.
				var creates atomic.Int32
				env.after = func(ctx context.Context, call string) error {
					switch {
					case call != "create":
						return nil
					case creates.Add(1) > 1:
						return failure
					}
					return pass(ctx, 2*Applying.maxAge())
				}
				service := env.service(VerifyPlan)
				errs := make(chan error)
				for range 2 {
					go func() {
						_, err := service.Create(t.Context(), acme)
						errs <- err
					}()
				}
				first, second := <-errs, <-errs
				if first != nil {
					first, second = second, first
				}
				expectError(t, first, nil)
				expectError(t, second, equals(ExistsError{ID: "conn_new", CompanyID: "816", Past: WasCreated}))
				if n := env.count("ask"); n != 2 {
					t.Errorf("%d verifications instead of one right before each create request", n)
				}
			})
		})
	}
}

func TestWaitForAnotherCreateEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.after = taking("create", time.Minute)
		service := env.service(VerifyOff)
		ended := make(chan error)
		go func() {
			_, err := service.Create(t.Context(), acme)
			ended <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := service.Create(ctx, acme)
		const reason = "the operation timed out while it waited for another create of the same company"
		if failure, ok := errors.AsType[*UnavailableError](err); !ok || failure.Reason != reason {
			t.Errorf("unexpected error %T: %v", err, err)
		}
		expectError(t, <-ended, nil)
		if n := env.count("create"); n != 1 {
			t.Errorf("%d create requests instead of 1", n)
		}
	})
}

func TestCreateUsesNewIdempotencyKey(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	service := env.service(VerifyPlan)
	for _, spec := range []Spec{acme, env.spec(817)} {
		if _, _, err := create(t.Context(), service, spec); err != nil {
			t.Fatal(err)
		}
	}
	if len(env.keys) != 2 || env.keys[0] == env.keys[1] || len(env.keys[0]) < 20 {
		t.Errorf("keys %q instead of two different keys", env.keys)
	}
}
