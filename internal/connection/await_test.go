package connection

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// createMany concurrently creates connections for new companies, and calls done with each result. It waits for all
// creates.
func createMany(ctx context.Context, e *environment, service *Service, size int, done func(Connection, []error, error)) {
	var all sync.WaitGroup
	for i := range size {
		all.Go(func() {
			spec := e.spec(int64(5000 + i))
			done(create(ctx, service, spec))
		})
	}
	all.Wait()
}

func expectActive(t *testing.T) func(Connection, []error, error) {
	return func(got Connection, warnings []error, err error) {
		expectWarnings(t, warnings)
		if err != nil || got.Status != Active {
			t.Errorf("status %q, error %v", got.Status, err)
		}
	}
}

func TestAwaitSharesPagesOfTheList(t *testing.T) {
	t.Parallel()
	const ticks = 5
	for _, test := range []struct {
		name string
		// connections is the number of older connections. waiters is the number of concurrent creates.
		connections, waiters int
		// apart is the interval between the responses to the create requests.
		apart       time.Duration
		pages, gets int
	}{
		{name: "one", waiters: 1, gets: ticks},
		{name: "two", waiters: 2, pages: ticks},
		{name: "60", waiters: 60, pages: ticks},
		{name: "60, created at different times", waiters: 60, apart: 10 * time.Millisecond, pages: ticks},
		{name: "as many as pages", connections: 297, waiters: 3, gets: 3 * ticks},
		{name: "one more than pages", connections: 296, waiters: 4, pages: 3 * ticks},
		{name: "two in 20 pages", connections: 1998, waiters: 2, gets: 2 * ticks},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.addMany(test.connections)
				env.StayPending(ticks - 1)
				// Delay the create requests until all look-ups have ended.
				env.before = taking("create", time.Second)
				var mu sync.Mutex
				var created time.Duration
				asked := 0
				env.after = func(_ context.Context, call string) error {
					if call != "create" {
						return nil
					}
					mu.Lock()
					created += test.apart
					wait := created
					mu.Unlock()
					time.Sleep(wait)
					mu.Lock()
					defer mu.Unlock()
					asked = len(env.allCalls())
					return nil
				}
				service := env.service(VerifyOff).setPollPause(time.Second)
				createMany(t.Context(), env, service, test.waiters, expectActive(t))
				pages, gets := 0, 0
				for _, call := range env.allCalls()[asked:] {
					if strings.HasPrefix(call, "page") {
						pages++
					} else {
						gets++
					}
				}
				if pages != test.pages || gets != test.gets {
					t.Errorf("%d pages and %d other requests instead of %d and %d", pages, gets, test.pages, test.gets)
				}
			})
		})
	}
}

// After the first page, a poller knows that the list is too long to read.
func TestPollStopsReadingALongList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.addMany(1998)
		all := []Connection{env.addTo("conn_1", env.addCompany(5001), "old"), env.addTo("conn_2", env.addCompany(5002), "old")}
		env.StayPending(1)
		updateMany(t.Context(), env.service(VerifyOff), all, expectActive(t))
		if pages := env.count("page"); pages != 1 {
			t.Errorf("%d pages instead of 1: calls %q", pages, env.allCalls())
		}
	})
}

// A page that was requested before a write may contain the old status, so a poller must not use the page after the write.
func TestPollIgnoresPagesFromBeforeAnotherWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(2)
		other := env.add("good")
		env.StayPending(1)
		service := env.service(VerifyOff).setPollPause(10 * time.Second)
		began := time.Now()
		var waiters sync.WaitGroup
		waiters.Go(func() { updateMany(t.Context(), service, all, expectActive(t)) })
		time.Sleep(5 * time.Second)
		expectName(t, service, other, "Recruitee")
		if err := service.Delete(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		waiters.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the updates took %s instead of 10 s", took)
		}
		env.expectCalls(t, "update token", "update token", "page 1", "delete conn_1", "page 1")
	})
}

// Even if a page takes longer than the pause between polls, each poll must read a new page.
func TestPollReadsNewPagesEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.StayPending(3)
		env.after = taking("page", 10*time.Second)
		service := env.service(VerifyOff).setPollPause(time.Second)
		began := time.Now()
		createMany(t.Context(), env, service, 5, expectActive(t))
		// The look-up and four polls take 10 s each. The pauses are 1 s, 1.5 s, 2.25 s and 3.375 s.
		if took := time.Since(began); took != 58125*time.Millisecond {
			t.Errorf("the creates took %s instead of 58.125 s", took)
		}
		if pages := env.count("page"); pages != 5 {
			t.Errorf("calls %q", env.allCalls())
		}
	})
}

// updateMany concurrently sends a token for each connection, and calls done with each result. It waits for all updates.
func updateMany(ctx context.Context, service *Service, all []Connection, done func(Connection, []error, error)) {
	var updates sync.WaitGroup
	for _, conn := range all {
		updates.Go(func() {
			spec := Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true, Token: "t" + conn.CompanyID}
			done(update(ctx, service, conn, sendable(spec)))
		})
	}
	updates.Wait()
}

// If the connection is still pending when polling ends, a create succeeds with a warning, and an update fails.
func TestPollEndsWhilePending(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before hook
		// timeout is a minute by default. interrupted is the time after which the user presses Ctrl-C.
		timeout, interrupted time.Duration
		// waited is the time spent polling. isFailed reports whether a poll failed.
		waited   time.Duration
		isFailed bool
	}{
		"timeout":                              {timeout: 2 * time.Second, waited: 2 * time.Second},
		"timeout while a request is in flight": {before: taking("get", 1500*time.Millisecond), timeout: 2 * time.Second, waited: 2 * time.Second},
		"Ctrl-C":                               {interrupted: 2 * time.Second, waited: 2 * time.Second},
		"Wintro is down":                       {before: failing("get conn_new", errDown), waited: time.Second, isFailed: true},
		"Wintro rejects its token":             {before: failing("get conn_new", &APIError{Status: 401}), waited: time.Second, isFailed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.StayPending(-1)
				env.before = test.before
				service := env.service(VerifyOff).setPollPause(time.Second)
				newContext := func() (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(test.timeout, time.Minute))
					if test.interrupted > 0 {
						time.AfterFunc(test.interrupted, cancel)
					}
					return ctx, cancel
				}
				expect := func(err error) {
					t.Helper()
					unhealthy, ok := errors.AsType[*NotHealthyError](err)
					if !ok {
						t.Fatalf("error %v instead of a NotHealthyError", err)
					}
					want := NotHealthyError{
						ID: "conn_new", CompanyID: "816", Status: Pending, Healthy: Active,
						Waited: test.waited, Interrupted: test.interrupted > 0, Err: unhealthy.Err,
					}
					if *unhealthy != want || (unhealthy.Err != nil) != test.isFailed {
						t.Errorf("%+v instead of %+v", unhealthy, want)
					}
				}
				ctx, cancel := newContext()
				defer cancel()
				created, warnings, err := create(ctx, service, acme)
				if err != nil || created.Status != Pending || len(warnings) != 1 {
					t.Fatalf("created %+v, warnings %q, error %v", created, warnings, err)
				}
				expect(warnings[0])
				ctx, cancel = newContext()
				defer cancel()
				updated, warnings, err := update(ctx, service, created, Change{Spec: acme})
				if updated.Status != Pending || len(warnings) > 0 {
					t.Errorf("updated %+v, warnings %q", updated, warnings)
				}
				expect(err)
			})
		})
	}
}

// If an operation times out, it no longer counts as a poller, but the request that it shares with other operations
// continues.
func TestPollTimeoutLeavesOtherPollersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.StayPending(2)
		env.after = taking("page", 4*time.Second)
		service := env.service(VerifyOff).setPollPause(time.Second)
		hurried, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		var all sync.WaitGroup
		for i, ctx := range []context.Context{hurried, t.Context(), t.Context()} {
			all.Go(func() {
				got, warnings, err := create(ctx, service, env.spec(int64(5000+i)))
				if ctx == hurried {
					expectError(t, err, nil)
					expectWarnings(t, warnings, string(Pending))
				} else {
					expectActive(t)(got, warnings, err)
				}
			})
		}
		all.Wait()
		if got := env.allCalls(); !slices.Equal(got, []string{"page 1", "create", "create", "create", "page 1", "page 1", "page 1"}) {
			t.Errorf("calls %q", got)
		}
		if pollers := service.wintro.pollers.Load(); pollers != 0 {
			t.Errorf("%d pollers remain", pollers)
		}
	})
}

func TestGracePeriod(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout, interrupted time.Duration
		ends                 time.Duration
	}{
		"an interruption":                    {time.Hour, time.Minute, time.Minute + gracePeriod},
		"a deadline":                         {time.Minute, time.Hour, time.Minute},
		"a deadline within the grace period": {time.Minute, time.Minute - gracePeriod/2, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, interrupt := context.WithTimeout(context.Background(), test.timeout)
				time.AfterFunc(test.interrupted, interrupt)
				outliving, cancel := withGrace(ctx)
				defer cancel()
				<-outliving.Done()
				if lasted := time.Since(began); lasted != test.ends {
					t.Errorf("the context ended after %s instead of %s", lasted, test.ends)
				}
			})
		})
	}
}

func TestWriteInFlightContinuesAfterInterruption(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(context.Context, *Service, Connection) error{
		"update": func(ctx context.Context, s *Service, c Connection) error {
			_, err := s.Update(ctx, c, Change{Spec: Spec{CompanyID: "816", Name: "New", Enabled: true}})
			return err
		},
		"delete": func(ctx context.Context, s *Service, c Connection) error { return s.Delete(ctx, c) },
		"sync":   startSync,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				conn := env.add("good")
				env.after = taking("", 2*gracePeriod)
				ctx, interrupt := context.WithCancel(t.Context())
				time.AfterFunc(gracePeriod*3/2, interrupt)
				if err := write(ctx, env.service(VerifyOff), conn); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestCreateInterruptedFindsItsConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.after = failing("create", errDown)
		got, warnings, err := create(env.interruptedAt("create"), env.service(VerifyOff), acme)
		expectWarnings(t, warnings)
		if err != nil || got.ID != "conn_new" {
			t.Errorf("connection %+v, error %v", got, err)
		}
	})
}

func TestCreateInterruptedEarlySendsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	_, _, err := create(env.interruptedAt("page 1"), env.service(VerifyOff), acme)
	if !is[*UnavailableError](err) || env.count("create") > 0 {
		t.Errorf("calls %q, error %v", env.allCalls(), err)
	}
}
