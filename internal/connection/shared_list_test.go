package connection

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// read calls Read without a token.
func read(ctx context.Context, service *Service, conn Connection) (Connection, error) {
	return service.Read(ctx, conn, "", false)
}

// refresh reads a connection without a token, and returns only the error.
func refresh(ctx context.Context, service *Service, conn Connection) error {
	_, err := read(ctx, service, conn)
	return err
}

func startSync(ctx context.Context, service *Service, conn Connection) error {
	return service.Sync(ctx, conn.ID, false, func(Sync) {})
}

// expectName reads a connection and compares its name.
func expectName(t *testing.T, service *Service, conn Connection, want string) {
	t.Helper()
	got, err := read(t.Context(), service, conn)
	if err != nil || got.ID != conn.ID || got.Name != want {
		t.Errorf("%s is %q instead of %q, error %v", got.ID, got.Name, want, err)
	}
}

// readMany reads connections with atOnce concurrent readers, and checks their names.
func readMany(t *testing.T, service *Service, connections []Connection, atOnce int) {
	t.Helper()
	work := make(chan Connection)
	var readers sync.WaitGroup
	for range atOnce {
		readers.Go(func() {
			for conn := range work {
				expectName(t, service, conn, "Recruitee")
			}
		})
	}
	for _, conn := range connections {
		work <- conn
	}
	close(work)
	readers.Wait()
}

func TestReadSharesPagesOfTheList(t *testing.T) {
	t.Parallel()
	// Shuffle the connections, because Terraform reads resources in any order.
	shuffled := func(all []Connection) []Connection {
		random := rand.New(rand.NewPCG(1, 2))
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	newest := func(n int) func([]Connection) []Connection {
		return func(all []Connection) []Connection { return all[len(all)-n:] }
	}
	for _, test := range []struct {
		name string
		// connections is the number of connections in Wintro. managed selects the connections that the test reads.
		// atOnce is the number of concurrent readers; the default is 10.
		connections int
		managed     func([]Connection) []Connection
		atOnce      int
		pageSize    int
		pages, gets int
	}{
		{name: "one", connections: 1, pages: 1},
		{name: "one full page", connections: 100, managed: shuffled, pages: 1},
		{name: "one full page, one after the other", connections: 100, atOnce: 1, pages: 1},
		{name: "one page and one more", connections: 101, managed: shuffled, pages: 2},
		{name: "one page and two more", connections: 102, atOnce: 102, pages: 2},
		{name: "all of five pages", connections: 500, managed: shuffled, pages: 5},
		{name: "all of five pages, all concurrently", connections: 500, managed: shuffled, atOnce: 500, pages: 5},
		{name: "all of five pages, in their order", connections: 500, pages: 5},
		{name: "all of five pages, one after the other", connections: 500, atOnce: 1, pages: 5},
		{name: "three of 20 pages", connections: 2000, managed: newest(3), pages: 1, gets: 3},
		{name: "three of 20 pages, one after the other", connections: 2000, managed: newest(3), atOnce: 1, pages: 1, gets: 3},
		{name: "three of the first of 20 pages", connections: 2000, managed: func(all []Connection) []Connection { return all[:3] }, pages: 1},
		{name: "19 of 20 pages", connections: 2000, managed: newest(19), atOnce: 19, pages: 1, gets: 19},
		{name: "20 of 20 pages", connections: 2000, managed: newest(20), atOnce: 20, pages: 20},
		{name: "a server with smaller pages", connections: 100, managed: shuffled, pageSize: 25, pages: 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.after = taking("", 100*time.Millisecond)
				if test.pageSize > 0 {
					env.SetMaxPageSize(test.pageSize)
				}
				managed := env.addMany(test.connections)
				if test.managed != nil {
					managed = test.managed(managed)
				}
				if test.atOnce == 0 {
					test.atOnce = 10
				}
				readMany(t, env.service(VerifyPlan), managed, test.atOnce)
				if pages, gets := env.count("page"), env.count("get"); pages != test.pages || gets != test.gets {
					t.Errorf("%d pages and %d other requests instead of %d and %d", pages, gets, test.pages, test.gets)
				}
			})
		})
	}
}

func TestAbandonedReadIsCancelled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// endsLate is the time from the cancellation of the request to its end.
		endsLate      time.Duration
		isInvalidated bool
	}{
		"the cancelled request ends immediately": {},
		"the cancelled request ends late":        {endsLate: time.Second},
		"a write invalidates the snapshot":       {endsLate: time.Second, isInvalidated: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				var cancelled atomic.Int32
				env.after = func(ctx context.Context, _ string) error {
					err := pass(ctx, time.Minute)
					if err != nil {
						cancelled.Add(1)
						time.Sleep(test.endsLate)
					}
					return err
				}
				service := env.service(VerifyPlan)
				ctx, cancel := context.WithCancel(t.Context())
				var first sync.WaitGroup
				for range 3 {
					first.Go(func() {
						if err := service.LookUp(ctx, "817"); !is[*UnavailableError](err) {
							t.Errorf("error %v", err)
						}
					})
				}
				synctest.Wait()
				if test.isInvalidated {
					service.wintro.invalidate()
				}
				cancel()
				first.Wait()
				synctest.Wait()
				if cancelled.Load() != 1 {
					t.Errorf("%d requests were cancelled instead of 1", cancelled.Load())
				}
				// The next operations share a new request.
				var next sync.WaitGroup
				for range 2 {
					next.Go(func() { expectError(t, service.LookUp(t.Context(), "817"), nil) })
					time.Sleep(2 * time.Second)
				}
				next.Wait()
				env.expectCalls(t, "page 1", "page 1")
			})
		})
	}
}

// Of several operations that share a request, the operation with the most time decides how long the request may take.
func TestPatientOperationIgnoresLimitsOfHurriedOperations(t *testing.T) {
	t.Parallel()
	for call, do := range map[string]func(context.Context, *Service, Connection) error{
		"page 1":  refresh,
		"ask 816": func(ctx context.Context, s *Service, _ Connection) error { return s.Verify(ctx, acme, Planning).Err },
	} {
		for name, fault := range map[string]hook{
			"hangs":           func(ctx context.Context, _ string) error { return pass(ctx, time.Hour) },
			"asks for a wait": func(context.Context, string) error { return &APIError{Status: 429, RetryAfter: 30 * time.Second} },
		} {
			t.Run(call+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					env := newEnvironment(t)
					conn, began := env.add("good"), time.Now()
					env.before = func(ctx context.Context, made string) error {
						if made != call || time.Since(began) >= 30*time.Second {
							return nil
						}
						return fault(ctx, made)
					}
					service := env.serviceWith(func(s *Settings) { s.VerifyMode, s.MaxRetries, s.RequestTimeout = VerifyPlan, 4, 30*time.Second })
					operation := func(timeout time.Duration) error {
						ctx, cancel := context.WithTimeout(t.Context(), timeout)
						defer cancel()
						return do(ctx, service, conn)
					}
					for range 2 {
						go func() { expectError(t, operation(20*time.Second), is[error]) }()
						synctest.Wait()
					}
					if err := operation(5 * time.Minute); err != nil || time.Since(began) > 40*time.Second {
						t.Errorf("error %v after %s", err, time.Since(began))
					}
					// One request serves the hurried operations, and the next request serves the patient one.
					env.expectCalls(t, call, call)
				})
			})
		}
	}
}

func TestReadFailureIsSharedForTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		conn := env.add("good")
		env.before = failing("page 1", &APIError{Status: 403})
		env.after = taking("page", time.Second)
		service := env.service(VerifyPlan)
		expectFailures := func() {
			t.Helper()
			var readers sync.WaitGroup
			for range 10 {
				readers.Go(func() {
					_, err := read(t.Context(), service, conn)
					if lookUp := service.LookUp(t.Context(), "816"); !is[*APIError](err) || !is[*APIError](lookUp) {
						t.Errorf("errors %v, %v", err, lookUp)
					}
				})
			}
			readers.Wait()
		}
		expectFailures()
		time.Sleep(maxSnapshotAge)
		expectFailures()
		env.expectCalls(t, "page 1")
		time.Sleep(time.Millisecond)
		expectFailures()
		env.expectCalls(t, "page 1", "page 1")

		// A look-up reuses no old error, although it uses a snapshot of any age.
		time.Sleep(maxSnapshotAge + time.Millisecond)
		expectError(t, service.LookUp(t.Context(), "816"), is[*APIError])
		env.expectCalls(t, "page 1", "page 1", "page 1")

		// After a write, reads send a new request.
		env.before = nil
		expectError(t, service.Delete(t.Context(), Connection{ID: "conn_2"}), is[*GoneError])
		expectName(t, service, conn, "Recruitee")
	})
}

func TestReadFailedPageKeepsOtherPages(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	all := env.addMany(200)
	env.before = failing("page 2", errDown)
	service := env.service(VerifyPlan)
	expectName(t, service, all[0], "Recruitee")
	if _, err := read(t.Context(), service, all[199]); !is[*UnavailableError](err) {
		t.Errorf("error %v", err)
	}
	expectName(t, service, all[1], "Recruitee")
	env.expectCalls(t, "page 1", "page 2")
}

func TestSnapshotExpiresAfterTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		conn := env.add("good")
		// The age of a snapshot counts from the start of the request.
		env.after = taking("page", 4*time.Second)
		service := env.service(VerifyPlan)
		expectName(t, service, conn, "Recruitee")
		env.rename("conn_1", "By hand")
		time.Sleep(maxSnapshotAge - 4*time.Second)
		expectName(t, service, conn, "Recruitee")
		env.expectCalls(t, "page 1")
		time.Sleep(time.Millisecond)
		expectName(t, service, conn, "By hand")
		env.expectCalls(t, "page 1", "page 1")
	})
}

func TestSnapshotAgeCountsFromFirstPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(300)
		env.after = taking("page", 4*time.Second)
		service := env.service(VerifyPlan)
		readMany(t, service, all[290:], 10)
		env.rename(all[0].ID, "By hand")
		expectName(t, service, all[0], "By hand")
		env.expectCalls(t, "page 1", "page 1", "page 2", "page 3")
	})
}

// Because of the rate limit, a page can take a minute. Operations that wait for the page must not request it again.
func TestReadUsesOldSnapshotAfterWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(300)
		env.after = taking("page", time.Minute)
		began := time.Now()
		readMany(t, env.service(VerifyPlan), all[290:], 10)
		if took := time.Since(began); took != 3*time.Minute {
			t.Errorf("the reads took %s instead of 3 minutes", took)
		}
		env.expectCalls(t, "page 1", "page 2", "page 3")
	})
}

// A page that was requested during a write may contain the values from before the write. Reads after the write must
// not use this page, even if the write seems to fail.
func TestReadBegunBeforeAWriteEndsIsNotReused(t *testing.T) {
	t.Parallel()
	const writeTakes, pageTakes = 10 * time.Second, 7 * time.Second
	for call, write := range map[string]func(context.Context, *Service) error{
		"create": func(ctx context.Context, s *Service) error {
			_, _, err := create(ctx, s, Spec{CompanyID: "817", Name: "R", Token: "t"})
			return err
		},
		"update name": func(ctx context.Context, s *Service) error {
			_, _, err := update(ctx, s, Connection{ID: "conn_0000", CompanyID: "1000000"}, Change{Spec: Spec{CompanyID: "1000000", Name: "HR"}})
			return err
		},
		"delete conn_0000": func(ctx context.Context, s *Service) error { return s.Delete(ctx, Connection{ID: "conn_0000"}) },
		"sync conn_0000":   func(ctx context.Context, s *Service) error { return startSync(ctx, s, Connection{ID: "conn_0000"}) },
	} {
		for name, test := range map[string]struct {
			begins time.Duration
			result error
		}{
			"the page arrives before the write ends":                {time.Second, nil},
			"the page is in flight when the write ends":             {5 * time.Second, nil},
			"the page arrives before the write fails":               {time.Second, &APIError{Status: 400}},
			"the page is in flight when the write gets no response": {5 * time.Second, errDown},
		} {
			t.Run(call+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					env := newEnvironment(t)
					env.addMany(1)
					conn := env.add("good")
					env.before = func(_ context.Context, made string) error {
						if made != call {
							return nil
						}
						time.Sleep(writeTakes)
						return test.result
					}
					env.after = taking("page", pageTakes)
					service := env.service(VerifyOff)
					// After this snapshot has expired, only look-ups may use it.
					expectName(t, service, conn, "Recruitee")
					time.Sleep(maxSnapshotAge)

					var all sync.WaitGroup
					all.Go(func() {
						if err := write(t.Context(), service); (err == nil) != (test.result == nil) {
							t.Errorf("error %v", err)
						}
					})
					time.Sleep(test.begins)
					all.Go(func() { expectName(t, service, conn, "Recruitee") })
					synctest.Wait()
					env.rename("conn_1", "By hand")
					time.Sleep(writeTakes - test.begins + time.Millisecond)
					all.Go(func() { expectName(t, service, conn, "By hand") })
					all.Wait()
					if pages := env.count("page"); pages != 3 {
						t.Errorf("calls %q", env.allCalls())
					}
				})
			})
		}
	}
}

func TestReadErrorNamesTimeoutOrInterruption(t *testing.T) {
	t.Parallel()
	for want, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"the operation timed out":       func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, 0) },
		"the operation was interrupted": context.WithCancel,
	} {
		ctx, cancel := end(t.Context())
		cancel()
		env := newEnvironment(t)
		env.after = taking("page", time.Minute)
		_, err := read(ctx, env.service(VerifyPlan), env.add("good"))
		if none, ok := errors.AsType[*UnavailableError](err); !ok || none.System != WintroName || none.Reason != want || !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}
