package connection

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestCreateTimeoutStillSavesTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.after = taking("create", 7*time.Second)
		// The look-up ends later than the operation, even if the write and the operation end at the same instant.
		env.before = taking("list", gracePeriod/2)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		conn, warnings, err := create(ctx, env.service(VerifyOff), acme)
		expectWarnings(t, warnings)
		if err != nil || conn.ID != "conn_new" || time.Since(began) > 3*time.Second+gracePeriod || env.count("create") != 1 {
			t.Errorf("after %s: connection %+v, error %v, calls %q", time.Since(began), conn, err, env.allCalls())
		}
	})
}

func TestCreateLooksForItsConnectionOnceMoreAfterItsEnd(t *testing.T) {
	t.Parallel()
	for state, test := range map[string]struct {
		hidden    int
		rejection error
	}{
		"the first look-up finds nothing": {hidden: 1, rejection: errDown},
		"the look-up would have to wait":  {rejection: &APIError{Status: 429, RetryAfter: 90 * time.Second}},
	} {
		for end, timeout := range map[string]time.Duration{"Ctrl-C": time.Hour, "timeout": 4 * time.Second} {
			t.Run(state+", then "+end, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					env := newEnvironment(t)
					env.HideNewConnections(test.hidden)
					env.after = func(_ context.Context, call string) error {
						switch {
						case call != "create":
							return nil
						case env.count("create") == 1:
							return errDown
						}
						return test.rejection
					}
					service := env.serviceWith(func(s *Settings) { s.MaxRetries, s.PollPause = 1, 10*time.Second })
					ctx, interrupt := context.WithTimeout(t.Context(), timeout)
					time.AfterFunc(5*time.Second, interrupt)
					began := time.Now()
					conn, err := service.Create(ctx, acme)
					if err != nil || conn.ID != "conn_new" || time.Since(began) > 5*time.Second+gracePeriod {
						t.Errorf("after %s: connection %+v, error %v, calls %q", time.Since(began), conn, err, env.allCalls())
					}
				})
			})
		}
	}
}

// Right after a create request, Wintro might not find the new connection yet.
func TestAwaitPollsUntilWintroFindsTheConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		hidden  int
		pending int
		status  Status
		warning []string
	}{
		{name: "a few reads", hidden: 3, pending: 1, status: Active},
		{name: "until the timeout", hidden: -1, pending: -1, status: Pending, warning: []string{"pending"}},
		{name: "active immediately", hidden: -1, status: Active},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.HideNewConnections(test.hidden)
				env.StayPending(test.pending)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				conn, warnings, err := create(ctx, env.service(VerifyOff).setPollPause(time.Second), acme)
				expectWarnings(t, warnings, test.warning...)
				if err != nil || conn.Status != test.status {
					t.Errorf("connection %+v, error %v", conn, err)
				}
			})
		})
	}
}

func TestOperationsRepeatUntilWintroFindsANewConnection(t *testing.T) {
	t.Parallel()
	for name, operate := range map[string]func(context.Context, *Service, Connection) error{
		"refresh": refresh,
		"sync":    startSync,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				// Wintro doesn't find the connection in the first read of the list, nor for the first two other
				// requests.
				env.HideNewConnections(1)
				service := env.service(VerifyOff).setPollPause(time.Second)
				conn, _, err := create(t.Context(), service, acme)
				if err != nil {
					t.Fatal(err)
				}
				hidden := 2
				env.before = func(_ context.Context, call string) error {
					if hidden > 0 && (call == "get conn_new" || call == "sync conn_new") {
						hidden--
						return notFound()
					}
					return nil
				}
				if err := operate(t.Context(), service, conn); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestCreateRepeatsWhileWintroReportsTheDeletedConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stale  int
		err    func(error) bool
		atMost time.Duration
	}{
		"for a while": {stale: 3, atMost: 5 * time.Second},
		"forever": {stale: -1, atMost: maxStaleLink, err: func(err error) bool {
			exists, ok := errors.AsType[*ExistsError](err)
			return ok && exists.Past == WasDeleted
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				conn := env.add("good")
				env.KeepDeletedLinks(test.stale)
				service := env.service(VerifyOff).setPollPause(time.Second)
				if err := service.Delete(t.Context(), conn); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, _, err := create(t.Context(), service, acme)
				expectError(t, err, test.err)
				if took := time.Since(began); took > test.atMost {
					t.Errorf("the create took %s", took)
				}
			})
		})
	}
}

func TestCreateIgnoresDeletedConnectionInALongOutdatedList(t *testing.T) {
	t.Parallel()
	for name, isResponseLost := range map[string]bool{"before the create request": false, "after a lost response": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.addMany(150)
			conn := env.add("good")
			service := env.service(VerifyOff)
			expectError(t, service.Delete(t.Context(), conn), nil)
			// Until the create request, and in the first look-up after it, Wintro returns the deleted connection.
			env.add("good")
			env.HideNewConnections(1)
			env.before = func(_ context.Context, call string) error {
				if call == "create" || env.count("list 816") == 3 {
					env.remove("conn_1")
				}
				return nil
			}
			env.after = func(_ context.Context, call string) error {
				if call == "create" && isResponseLost {
					env.add("good")
					return errDown
				}
				return nil
			}
			got, err := service.Create(t.Context(), acme)
			if err != nil || got.ID != "conn_new" || env.count("create") != 1 {
				t.Errorf("connection %+v, error %v, calls %q", got, err, env.allCalls())
			}
		})
	}
}

// A list may contain an invalid record, or the same ID for two companies. Read must then send its own request for the
// connection.
func TestReadTrustsOnlyItsOwnConnection(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]map[string]any{
		"an ID twice":   {"data.0.id": "SAME"},
		"no status":     {"data.0.status": nil},
		"an invalid ID": {"data.0.id": "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.addTo("conn_2", 817, "other")
			conn := env.add("good")
			if edit["data.0.id"] == "SAME" {
				edit = map[string]any{"data.0.id": env.id("conn_1")}
			}
			env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodGet, Path: "/ats-connections$", Edit: edit})
			got, err := read(t.Context(), env.service(VerifyOff), conn)
			if err != nil || got.CompanyID != "816" || got.Status != Active {
				t.Errorf("connection %+v, error %v", got, err)
			}
		})
	}
}

func TestReadEndsInAnEndlessList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		conn := env.add("good")
		env.SetEndlessList(true)
		env.SetMaxPageSize(1)
		// All operations wait for the first page, so none of them reads the list alone.
		env.before = taking("page 1", time.Second)
		service := env.service(VerifyOff)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { _, _ = read(t.Context(), service, Connection{ID: "conn_missing"}) })
		}
		_, _ = read(t.Context(), service, conn)
		all.Wait()
		if pages := env.count("page"); pages > 1_100 {
			t.Errorf("%d pages were read", pages)
		}
	})
}

// During an outage, the circuit breaker may reject look-ups, so Create must repeat them.
func TestCreateFindsItsConnectionAfterAnOutage(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"no response": errDown, "a documented 503": &APIError{Status: 503}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				began := time.Now()
				env.after = func(_ context.Context, call string) error {
					if call == "page 1" || time.Since(began) > 12*time.Second {
						return nil
					}
					return failure
				}
				service := env.service(VerifyOff).setPollPause(time.Second)
				if err := service.LookUp(t.Context(), "816"); err != nil {
					t.Fatal(err)
				}
				var all sync.WaitGroup
				for _, spec := range []Spec{acme, env.spec(5001), env.spec(5002), env.spec(5003)} {
					all.Go(func() { _, _, _ = create(t.Context(), service, spec) })
				}
				all.Wait()
				for _, c := range env.Connections() {
					if service.history.pastOf(env.name(c.ID)) != WasCreated {
						t.Errorf("the connection for company %s is lost", c.AtsCompanyID)
					}
				}
			})
		})
	}
}

// The first create request takes longer than request_timeout, and the transport repeats it.
func TestCreateKeepsItsConnectionIfRetriesAreRejected(t *testing.T) {
	t.Parallel()
	inUse := &APIError{Status: 409, Code: contract.CodeIdempotencyKeyInUse}
	for name, test := range map[string]struct {
		// rejection is the response to the retries, and later is the response after a minute.
		rejection, later error
		lookUps          int
	}{
		"401":                          {rejection: &APIError{Status: 401}, lookUps: 1},
		"429":                          {rejection: &APIError{Status: 429}, lookUps: 1},
		"409 in use, then the success": {rejection: inUse},
		"409 in use until the timeout": {rejection: inUse, later: inUse, lookUps: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				began := time.Now()
				env.before = func(_ context.Context, call string) error {
					switch {
					case call != "create", time.Since(began) == 0:
						return nil
					case time.Since(began) < time.Minute:
						return test.rejection
					}
					return test.later
				}
				env.after = func(ctx context.Context, call string) error {
					if call == "create" && time.Since(began) == 0 {
						return pass(ctx, time.Hour)
					}
					return nil
				}
				service := env.serviceWith(func(s *Settings) { s.MaxRetries, s.RequestTimeout, s.PollPause = 4, 30*time.Second, time.Second })
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				conn, err := service.Create(ctx, acme)
				if err != nil || conn.ID != "conn_new" || env.count("list") != test.lookUps {
					t.Errorf("connection %+v, error %v, calls %q", conn, err, env.allCalls())
				}
			})
		})
	}
}

// Another run, or the first request of this run, creates the connection conn_1.
func TestCreateAdoptsAConnectionOnlyIfItsRequestMayHaveCreatedIt(t *testing.T) {
	t.Parallel()
	rateLimited, internal := &APIError{Status: 429, Code: "RATE_LIMITED"}, &APIError{Status: 500, Code: "INTERNAL_ERROR"}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		// first and later are the results of the first request and of its retries.
		first, later error
		// token is the token of conn_1, and past is this run's last action on it.
		token   string
		past    Past
		lookUps int
		err     func(error) bool
	}{
		"only 429s":                                           {rateLimited, rateLimited, "good", WasUntouched, 0, isStatus(429)},
		"only refused TCP dials":                              {refused, refused, "good", WasUntouched, 0, is[*UnavailableError]},
		"429, then a refused dial":                            {rateLimited, refused, "good", WasUntouched, 0, is[*UnavailableError]},
		"500, then 429":                                       {internal, rateLimited, "good", WasUntouched, 1, nil},
		"500, then a refused dial":                            {internal, refused, "good", WasUntouched, 1, nil},
		"500, then the ID of the connection":                  {internal, alreadyLinked("conn_1"), "good", WasUntouched, 1, nil},
		"500, then the ID of a connection with another token": {internal, alreadyLinked("conn_1"), "other", WasUntouched, 1, equals(ExistsError{ID: "conn_1", CompanyID: "816"})},
		"500, then the ID of a connection in state":           {internal, alreadyLinked("conn_1"), "good", WasRead, 1, equals(ExistsError{ID: "conn_1", CompanyID: "816", Past: WasRead})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.before = func(_ context.Context, call string) error {
					switch {
					case call != "create":
						return nil
					case env.count("create") > 1:
						return test.later
					}
					env.add(test.token)
					return test.first
				}
				service := env.serviceWith(func(s *Settings) { s.MaxRetries, s.PollPause = 4, time.Second })
				service.history.record("conn_1", test.past)
				conn, err := service.Create(t.Context(), acme)
				expectError(t, err, test.err)
				if isAdopted := conn.ID == "conn_1"; isAdopted != (test.err == nil) || env.count("list") != test.lookUps {
					t.Errorf("connection %+v, calls %q", conn, env.allCalls())
				}
			})
		})
	}
}

// After a 500, Wintro first reports the deleted connection conn_1, and then the new connection conn_2.
func TestCreateFindsItsConnectionAfterADeletedOne(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	conn := env.add("good")
	service := env.serviceWith(func(s *Settings) { s.MaxRetries, s.RetryPause = 1, time.Microsecond })
	expectError(t, service.Delete(t.Context(), conn), nil)
	env.before = func(_ context.Context, call string) error {
		switch {
		case call != "create":
			return nil
		case env.count("create") == 1:
			env.addTo("conn_2", sandbox.SeedCompanyID, "good")
			return &APIError{Status: http.StatusInternalServerError}
		case env.count("create") == 2:
			return alreadyLinked("conn_1")
		}
		return alreadyLinked("conn_2")
	}
	created, err := service.Create(t.Context(), acme)
	if err != nil || created.ID != "conn_2" {
		t.Errorf("connection %+v, error %v, calls %q", created, err, env.allCalls())
	}
}

func TestClaimTwiceReturnsDuplicateError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	conn := env.add("good")
	service := env.service(VerifyOff)
	expectError(t, service.ClaimConnection(conn), nil)
	expectError(t, service.ClaimConnection(conn), equals(DuplicateError{ID: "conn_1", CompanyID: "816"}))
	isDuplicate := equals(DuplicateError{CompanyID: "817"})
	expectError(t, service.ClaimCompany("817", "conn_1"), nil)
	expectError(t, service.ClaimCompany("817", "conn_1"), nil)
	expectError(t, service.ClaimCompany("817", "conn_2"), isDuplicate)
	expectError(t, service.ClaimCompany("817", ""), isDuplicate)
	expectError(t, service.ClaimCompany("816", ""), nil)
	expectError(t, service.ClaimCompany("816", ""), equals(DuplicateError{CompanyID: "816"}))

	other := env.spec(818)
	created, _, err := create(t.Context(), service, other)
	expectError(t, err, nil)
	_, err = read(t.Context(), service, created)
	expectError(t, err, nil)
	_, _, err = create(t.Context(), service, other)
	expectError(t, err, equals(ExistsError{ID: "conn_new", CompanyID: "818", Past: WasCreated}))
}
