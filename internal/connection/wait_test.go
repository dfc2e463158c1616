package connection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// createMany creates connections at the same time. done is called with each result.
func createMany(ctx context.Context, service *Service, size int, done func(Connection, []error, error)) {
	var all sync.WaitGroup
	for i := range size {
		all.Go(func() {
			spec := Spec{CompanyID: fmt.Sprint(5000 + i), Name: "R", Enabled: true, Token: "t"}
			done(service.Create(ctx, spec, func(Connection) {}))
		})
	}
	all.Wait()
}

func expectActive(t *testing.T) func(Connection, []error, error) {
	return func(got Connection, notes []error, err error) {
		expectNotes(t, notes)
		if err != nil || got.Status != Active {
			t.Errorf("status %q, error %v", got.Status, err)
		}
	}
}

func TestHowManyRequestsWaitingTakes(t *testing.T) {
	t.Parallel()
	const ticks = 5
	for _, test := range []struct {
		name string
		// connections is how many there are before, waiters how many are created at the same time.
		connections, waiters int
		// apart is how long after one creation the next one ends.
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
				fake := newFakes()
				fake.addMany(test.connections)
				fake.pendingReads = ticks
				// All are looked up before the first one is created.
				fake.fail = taking("create", time.Second)
				var mu sync.Mutex
				var created time.Duration
				asked := 0
				fake.late = func(_ context.Context, call string) error {
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
					asked = len(fake.asked())
					return nil
				}
				service := fake.service(VerificationOff)
				service.pollPause = time.Second
				createMany(t.Context(), service, test.waiters, expectActive(t))
				pages, gets := 0, 0
				for _, call := range fake.asked()[asked:] {
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

// If nobody has read the list yet, its first page says whether the others are worth reading.
func TestWaitingStopsReadingALongList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		all := fake.addMany(2000)[1998:]
		fake.pendingReads = 2
		for i := range all {
			all[i].Status = Pending
			fake.reads[all[i].ID] = 2
			fake.change(all[i].ID, func(c *wintro.Connection) { c.Status = wintro.Pending })
		}
		service := fake.service(VerificationOff)
		var waiters sync.WaitGroup
		for _, conn := range all {
			waiters.Go(func() {
				expectActive(t)(service.Update(t.Context(), conn, Change{Spec: Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true}}))
			})
		}
		waiters.Wait()
		if pages := fake.count("page"); pages != 1 {
			t.Errorf("calls %q", fake.asked())
		}
	})
}

// What a refresh has begun to read while the token was sent may still show the status from before.
func TestWaitingUsesNothingFromBeforeTheWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		all := fake.addMany(2)
		other := fake.add("good")
		fake.pendingReads = 1
		var mu sync.Mutex
		fake.fail = taking("update", 2*time.Second)
		fake.late = taking("page", 3*time.Second)
		service := fake.service(VerificationOff)
		service.pollPause = time.Millisecond
		began := time.Now()
		var waiters sync.WaitGroup
		for _, conn := range all {
			waiters.Go(func() {
				change := Change{Spec: Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true, Token: "t"}, MaySend: true}
				expectActive(t)(service.Update(t.Context(), conn, change))
				mu.Lock()
				defer mu.Unlock()
				if took := time.Since(began); took != 5*time.Second+time.Millisecond {
					t.Errorf("it took %s", took)
				}
			})
		}
		// This reading shows both as active, and arrives when they wait: after 4 s.
		time.Sleep(time.Second)
		expectName(t, service, other, "Recruitee")
		waiters.Wait()
		if fake.count("page") != 2 || fake.count("get") > 0 {
			t.Errorf("calls %q", fake.asked())
		}
	})
}

// What somebody else writes in the meantime ends a reading for those who wait as well.
func TestWaitingUsesNothingFromBeforeAnothersWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		all := fake.addMany(2)
		other := fake.add("good")
		for i := range all {
			all[i].Status = Pending
			fake.reads[all[i].ID] = 2
			fake.change(all[i].ID, func(c *wintro.Connection) { c.Status = wintro.Pending })
		}
		service := fake.service(VerificationOff)
		service.pollPause = 10 * time.Second
		began := time.Now()
		var waiters sync.WaitGroup
		for _, conn := range all {
			waiters.Go(func() {
				expectActive(t)(service.Update(t.Context(), conn, Change{Spec: Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true}}))
			})
		}
		time.Sleep(5 * time.Second)
		expectName(t, service, other, "Recruitee")
		if err := service.Delete(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		waiters.Wait()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
		fake.expectCalls(t, "page 1", "delete conn_1", "page 1")
	})
}

// Each look shows something new, also if a reading takes longer than a pause.
func TestEachLookHasItsOwnReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		fake.pendingReads = 4
		fake.late = taking("page", 10*time.Second)
		service := fake.service(VerificationOff)
		service.pollPause = time.Second
		began := time.Now()
		createMany(t.Context(), service, 5, expectActive(t))
		// The look-up, and four looks after 1 s, 1.5 s, 2.25 s and 3.375 s.
		if took := time.Since(began); took != 58125*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if pages := fake.count("page"); pages != 5 {
			t.Errorf("calls %q", fake.asked())
		}
	})
}

// updateMany sends tokens to connections at the same time. done is called with each result.
func updateMany(ctx context.Context, service *Service, all []Connection, done func(Connection, []error, error)) {
	var updates sync.WaitGroup
	for _, conn := range all {
		updates.Go(func() {
			spec := Spec{CompanyID: conn.CompanyID, Name: conn.Name, Enabled: true, Token: "t"}
			done(service.Update(ctx, conn, Change{Spec: spec, MaySend: true}))
		})
	}
	updates.Wait()
}

// A creation whose connection still waits for Wintro's check has worked, but an update was planned to end well.
func TestHowWaitingEnds(t *testing.T) {
	t.Parallel()
	// failingLater fails the third page that is read.
	failingLater := func(failure error) func(*fakes) {
		return func(f *fakes) {
			pages := 0
			f.fail = func(_ context.Context, call string) error {
				if call != "page 1" {
					return nil
				}
				// All come to wait for it.
				time.Sleep(100 * time.Millisecond)
				if pages++; pages == 3 {
					return failure
				}
				return nil
			}
		}
	}
	// afterPage does something to all connections each time that the list was read.
	afterPage := func(do func(*fakes)) func(*fakes) {
		return func(f *fakes) {
			f.late = func(_ context.Context, call string) error {
				if call == "page 1" {
					f.mu.Lock()
					defer f.mu.Unlock()
					do(f)
				}
				return nil
			}
		}
	}
	for _, test := range []struct {
		name string
		fake func(*fakes)
		// timeout is a minute if it isn't set, interrupted when a person ends the operation.
		timeout, interrupted time.Duration
		status               Status
		// because is set if Wintro's answer has ended the wait.
		because bool
		// created and updated are the errors of both operations. If one is nil, an unhealthy status is a note.
		created, updated func(error) bool
	}{
		{name: "well", status: Active},
		{
			name: "Wintro can't log in", fake: func(f *fakes) { f.checked = wintro.Invalid },
			status: Invalid, created: isUnhealthy(Invalid), updated: isUnhealthy(Invalid),
		},
		{name: "with what nobody knows", fake: func(f *fakes) { f.checked = "frozen" }, status: "frozen"},
		{name: "the time is up", timeout: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending)},
		{
			name: "the time is up while the list is read", timeout: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending),
			fake: func(f *fakes) { f.fail = taking("page", 1500*time.Millisecond) },
		},
		{name: "a person interrupts", interrupted: 2 * time.Second, status: Pending, updated: isUnhealthy(Pending)},
		{name: "Wintro is down", fake: failingLater(down(WintroName)), status: Pending, because: true, updated: isUnhealthy(Pending)},
		{name: "Wintro refuses its token", fake: failingLater(&APIError{Status: 401}), status: Pending, because: true, updated: isUnhealthy(Pending)},
		{
			name: "somebody removes them", fake: afterPage(func(f *fakes) { clear(f.connections) }),
			status: Pending, created: isError[*GoneError], updated: isError[*GoneError],
		},
		{
			name: "somebody moves them to another company",
			fake: afterPage(func(f *fakes) {
				for id, c := range f.connections {
					c.AtsCompanyID = "900"
					f.connections[id] = c
				}
			}),
			status: Pending, created: isError[*MovedError], updated: isError[*MovedError],
		},
	} {
		operations := map[string]struct {
			do  func(context.Context, *fakes, *Service, func(Connection, []error, error))
			err func(error) bool
		}{
			"create": {func(ctx context.Context, _ *fakes, s *Service, done func(Connection, []error, error)) {
				createMany(ctx, s, 3, done)
			}, test.created},
			"update": {func(ctx context.Context, f *fakes, s *Service, done func(Connection, []error, error)) {
				updateMany(ctx, s, f.addMany(3), done)
			}, test.updated},
		}
		for name, operation := range operations {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					fake := newFakes()
					fake.pendingReads = 5
					if test.fake != nil {
						test.fake(fake)
					}
					service := fake.service(VerificationOff)
					service.pollPause = time.Second
					ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(test.timeout, time.Minute))
					defer cancel()
					if test.interrupted > 0 {
						time.AfterFunc(test.interrupted, cancel)
					}
					operation.do(ctx, fake, service, func(got Connection, notes []error, err error) {
						expectError(t, err, operation.err)
						if got.ID == "" || got.Status != test.status {
							t.Errorf("connection %+v", got)
						}
						if operation.err != nil || test.status == Active {
							expectNotes(t, notes)
						} else {
							expectNotes(t, notes, string(test.status))
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

// One who doesn't wait any longer doesn't count, and doesn't end the others' reading.
func TestWhoStopsWaitingLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		fake.pendingReads = 3
		fake.late = taking("page", 4*time.Second)
		service := fake.service(VerificationOff)
		service.pollPause = time.Second
		hurried, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		var all sync.WaitGroup
		for i, ctx := range []context.Context{hurried, t.Context(), t.Context()} {
			all.Go(func() {
				got, notes, err := service.Create(ctx, Spec{CompanyID: fmt.Sprint(5000 + i), Name: "R", Enabled: true, Token: "t"}, func(Connection) {})
				if ctx == hurried {
					expectError(t, err, nil)
					expectNotes(t, notes, string(Pending))
				} else {
					expectActive(t)(got, notes, err)
				}
			})
		}
		all.Wait()
		if got := fake.asked(); !slices.Equal(got, []string{"page 1", "create", "create", "create", "page 1", "page 1", "page 1"}) {
			t.Errorf("calls %q", got)
		}
		if service.snapshots.waiters.Load() != 0 {
			t.Errorf("%d are said to wait", service.snapshots.waiters.Load())
		}
	})
}
