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

// createMany creates connections at the same time. It calls done with each result.
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
	return func(got Connection, notes []error, err error) {
		expectWarnings(t, notes)
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
		// connections is the number of older connections, waiters the number of concurrent creates.
		connections, waiters int
		// apart is the interval between the responses to the create requests.
		apart       time.Duration
		pages, gets int
	}{
		{name: "one", waiters: 1, gets: ticks},
		{name: "two", waiters: 2, pages: ticks},
		{name: "60", waiters: 60, pages: ticks},
		{name: "60 that were not created in one moment", waiters: 60, apart: 10 * time.Millisecond, pages: ticks},
		{name: "as many as pages", connections: 297, waiters: 3, gets: 3 * ticks},
		{name: "more than pages", connections: 296, waiters: 4, pages: 3 * ticks},
		{name: "two in 20 pages", connections: 1998, waiters: 2, gets: 2 * ticks},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.addMany(test.connections)
				env.StayPending(ticks - 1)
				// All look-ups end before the first create request.
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
					asked = len(env.asked())
					return nil
				}
				service := env.service(VerifyOff)
				service.setPollPause(time.Second)
				createMany(t.Context(), env, service, test.waiters, expectActive(t))
				pages, gets := 0, 0
				for _, call := range env.asked()[asked:] {
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

// The first page shows that the list is too long to read.
func TestPollStopsReadingALongList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(2000)[1998:]
		env.makePending(all, 1)
		service := env.service(VerifyOff)
		updateMany(t.Context(), service, all, Change{}, expectActive(t))
		if pages := env.count("page"); pages != 1 {
			t.Errorf("calls %q", env.asked())
		}
	})
}

// A page that was requested before the update may contain the old status.
func TestPollIgnoresPagesFromBeforeTheWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(2)
		other := env.add("good")
		env.StayPending(1)
		env.before = taking("update", 2*time.Second)
		env.after = taking("page", 3*time.Second)
		service := env.service(VerifyOff)
		service.setPollPause(time.Millisecond)
		began := time.Now()
		var waiters sync.WaitGroup
		waiters.Go(func() { updateMany(t.Context(), service, all, sendable(Spec{}), expectActive(t)) })
		// This page shows both connections as active. It arrives after 4 s, while Update polls both.
		time.Sleep(time.Second)
		expectName(t, service, other, "Recruitee")
		waiters.Wait()
		if took := time.Since(began); took != 8*time.Second+2500*time.Microsecond {
			t.Errorf("it took %s", took)
		}
		if env.count("page") != 3 || env.count("get") > 0 {
			t.Errorf("calls %q", env.asked())
		}
	})
}

func TestPollIgnoresPagesFromBeforeAnotherWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		all := env.addMany(2)
		other := env.add("good")
		env.makePending(all, 1)
		service := env.service(VerifyOff)
		service.setPollPause(10 * time.Second)
		began := time.Now()
		var waiters sync.WaitGroup
		waiters.Go(func() { updateMany(t.Context(), service, all, Change{}, expectActive(t)) })
		time.Sleep(5 * time.Second)
		expectName(t, service, other, "Recruitee")
		if err := service.Delete(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		waiters.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
		env.expectCalls(t, "page 1", "delete conn_1", "page 1")
	})
}

// A page may take longer than the pause between polls.
func TestPollReadsNewPagesEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.StayPending(3)
		env.after = taking("page", 10*time.Second)
		service := env.service(VerifyOff)
		service.setPollPause(time.Second)
		began := time.Now()
		createMany(t.Context(), env, service, 5, expectActive(t))
		// The look-up and four polls take 10 s each. The pauses are 1 s, 1.5 s, 2.25 s and 3.375 s.
		if took := time.Since(began); took != 58125*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if pages := env.count("page"); pages != 5 {
			t.Errorf("calls %q", env.asked())
		}
	})
}

// updateMany updates connections at the same time, with a token if the change may send one. It calls done with each
// result.
func updateMany(ctx context.Context, service *Service, all []Connection, change Change, done func(Connection, []error, error)) {
	var updates sync.WaitGroup
	for _, conn := range all {
		updates.Go(func() {
			change := change
			change.Spec = Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true}
			if change.Planned.IsFingerprintUnknown {
				change.Token = "t" + conn.CompanyID
			}
			done(update(ctx, service, conn, change))
		})
	}
	updates.Wait()
}

// If the connection is still pending at the end, a create succeeds and an update fails.
func TestPollOutcomeForCreateAndUpdate(t *testing.T) {
	t.Parallel()
	// failingLater makes the third request for page 1 fail.
	failingLater := func(failure error) func(*environment) {
		return func(e *environment) {
			pages := 0
			e.before = func(_ context.Context, call string) error {
				if call != "page 1" {
					return nil
				}
				// Delay the page, so that all pollers wait for it.
				time.Sleep(100 * time.Millisecond)
				if pages++; pages == 3 {
					return failure
				}
				return nil
			}
		}
	}
	// afterPage calls do after each response with page 1.
	afterPage := func(do func(*environment)) func(*environment) {
		return func(e *environment) {
			e.after = func(_ context.Context, call string) error {
				if call == "page 1" {
					do(e)
				}
				return nil
			}
		}
	}
	for _, test := range []struct {
		name string
		env  func(*environment)
		// timeout is a minute by default. interrupted is the time after which the user presses Ctrl-C.
		timeout, interrupted time.Duration
		status               Status
		// because reports whether the error contains the reason of the failed poll.
		because bool
		// created and updated match the errors of both operations. If they are nil, an unhealthy status is a warning.
		created, updated func(error) bool
	}{
		{name: "active", status: Active},
		{
			name: "Wintro can't log in", env: func(e *environment) { e.FailLogins(true) },
			status: Invalid, created: isUnhealthy(Invalid), updated: isUnhealthy(Invalid),
		},
		{name: "an unknown status", env: func(e *environment) { e.meanwhile = freeze }, status: "frozen"},
		{name: "timeout", timeout: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending)},
		{
			name: "timeout while a page is in flight", timeout: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending),
			env: func(e *environment) { e.before = taking("page", 1500*time.Millisecond) },
		},
		{name: "Ctrl-C", interrupted: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending)},
		{name: "Wintro is down", env: failingLater(errDown), status: Pending, because: true, updated: isUnhealthy(Pending)},
		{name: "Wintro rejects its token", env: failingLater(&APIError{Status: 401}), status: Pending, because: true, updated: isUnhealthy(Pending)},
		{
			name: "deleted by another user", env: afterPage(func(e *environment) {
				for _, c := range e.Connections() {
					e.Disconnect(c.ID)
				}
			}),
			status: Pending, created: is[*GoneError], updated: is[*GoneError],
		},
		{
			name: "moved to another company",
			env: afterPage(func(e *environment) {
				for _, c := range e.Connections() {
					e.MoveToCompany(c.ID, 900)
				}
			}),
			status: Pending, created: is[*MovedError], updated: is[*MovedError],
		},
	} {
		operations := map[string]struct {
			do  func(context.Context, *environment, *Service, func(Connection, []error, error))
			err func(error) bool
		}{
			"create": {func(ctx context.Context, f *environment, s *Service, done func(Connection, []error, error)) {
				createMany(ctx, f, s, 3, done)
			}, test.created},
			"update": {func(ctx context.Context, f *environment, s *Service, done func(Connection, []error, error)) {
				updateMany(ctx, s, f.addMany(3), sendable(Spec{}), done)
			}, test.updated},
		}
		for name, operation := range operations {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					env := newEnvironment(t)
					env.StayPending(4)
					if test.env != nil {
						test.env(env)
					}
					service := env.service(VerifyOff)
					service.setPollPause(time.Second)
					ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(test.timeout, time.Minute))
					defer cancel()
					if test.interrupted > 0 {
						time.AfterFunc(test.interrupted, cancel)
					}
					operation.do(ctx, env, service, func(got Connection, notes []error, err error) {
						expectError(t, err, operation.err)
						if got.ID == "" || got.Status != test.status {
							t.Errorf("connection %+v", got)
						}
						if operation.err != nil || test.status == Active {
							expectWarnings(t, notes)
						} else {
							expectWarnings(t, notes, string(test.status))
						}
						var unhealthy *NotHealthyError
						if !errors.As(errors.Join(append(notes, err)...), &unhealthy) {
							return
						}
						want := NotHealthyError{
							ID: got.ID, CompanyID: got.CompanyID, Status: test.status, Healthy: Active,
							Interrupted: test.interrupted > 0, Waited: unhealthy.Waited, Err: unhealthy.Err,
						}
						if *unhealthy != want || (unhealthy.Waited > 0) != (test.status == Pending) || (unhealthy.Err != nil) != test.because {
							t.Errorf("%+v", unhealthy)
						}
					})
				})
			})
		}
	}
}

// When one operation times out, it no longer counts as a poller, and the request that it shares isn't cancelled.
func TestPollTimeoutLeavesOtherPollersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.StayPending(2)
		env.after = taking("page", 4*time.Second)
		service := env.service(VerifyOff)
		service.setPollPause(time.Second)
		hurried, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		var all sync.WaitGroup
		for i, ctx := range []context.Context{hurried, t.Context(), t.Context()} {
			all.Go(func() {
				got, notes, err := create(ctx, service, env.spec(int64(5000+i)))
				if ctx == hurried {
					expectError(t, err, nil)
					expectWarnings(t, notes, string(Pending))
				} else {
					expectActive(t)(got, notes, err)
				}
			})
		}
		all.Wait()
		if got := env.asked(); !slices.Equal(got, []string{"page 1", "create", "create", "create", "page 1", "page 1", "page 1"}) {
			t.Errorf("calls %q", got)
		}
		if pollers := service.wintro.pollers.Load(); pollers != 0 {
			t.Errorf("%d pollers", pollers)
		}
	})
}

func TestWithGraceOutlivesOnlyInterruptions(t *testing.T) {
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
					t.Errorf("it ended after %s", lasted)
				}
			})
		})
	}
}

func TestCreateInterruptedFindsItsConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.after = failing("create", errDown)
	ctx, interrupt := context.WithCancel(context.Background())
	env.before = func(_ context.Context, call string) error {
		if call == "create" {
			interrupt()
		}
		return nil
	}
	got, notes, err := create(ctx, env.service(VerifyOff), acme)
	expectWarnings(t, notes)
	if err != nil || got.ID != "conn_new" {
		t.Errorf("connection %+v, error %v", got, err)
	}
}

func TestCreateInterruptedEarlySendsNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	ctx, interrupt := context.WithCancel(context.Background())
	env.before = func(_ context.Context, call string) error {
		if call == "page 1" {
			interrupt()
		}
		return nil
	}
	_, _, err := create(ctx, env.service(VerifyOff), acme)
	if !is[*UnavailableError](err) || env.count("create") > 0 {
		t.Errorf("calls %q, error %v", env.asked(), err)
	}
}

func TestOutliveGivesTheGracePeriodAfterAnEarlierStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		time.Sleep(time.Second - time.Nanosecond)
		outliving, stop := outlive(ctx)
		defer stop()
		began := time.Now()
		<-outliving.Done()
		if lasted := time.Since(began); lasted != gracePeriod+time.Nanosecond {
			t.Errorf("it ended after %s", lasted)
		}
	})
}
