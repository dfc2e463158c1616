package connection

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLookUp(t *testing.T) {
	t.Parallel()
	linked := func(e *environment) { e.add("good") }
	linkedAndMore := func(e *environment) { e.add("good"); e.addMany(100) }
	for _, test := range []struct {
		name  string
		env   func(*environment)
		calls []string
		err   func(error) bool
	}{
		{name: "no connections", calls: []string{"page 1"}},
		{name: "only other connections", env: func(e *environment) { e.addMany(100) }, calls: []string{"page 1"}},
		{name: "the company is linked", env: linked, calls: []string{"page 1", "get conn_1"}, err: equals(ExistsError{ID: "conn_1", CompanyID: "816"})},
		{
			name: "a long list", env: func(e *environment) { e.addMany(101) },
			calls: []string{"page 1", "list 816"},
		},
		{
			name: "a long list, and the company is linked", env: linkedAndMore,
			calls: []string{"page 1", "list 816"}, err: equals(ExistsError{ID: "conn_1", CompanyID: "816"}),
		},
		{
			name: "the connection was deleted since", calls: []string{"page 1", "get conn_1"},
			env: func(e *environment) { e.add("good"); e.before = failing("get conn_1", notFound()) },
		},
		{
			name: "the connection was moved to another company since", calls: []string{"page 1", "get conn_1"},
			env: func(e *environment) {
				e.add("good")
				e.before = func(_ context.Context, call string) error {
					if strings.HasPrefix(call, "get") {
						e.MoveToCompany(e.id("conn_1"), 900)
					}
					return nil
				}
			},
		},
		{
			name: "the list has the connection, but reading it fails", calls: []string{"page 1", "get conn_1"}, err: is[*UnavailableError],
			env: func(e *environment) { e.add("good"); e.before = failing("get conn_1", errDown) },
		},
		{
			name: "Wintro rejects the second request", calls: []string{"page 1", "list 816"}, err: is[*APIError],
			env: func(e *environment) { e.addMany(101); e.before = failing("list 816", &APIError{Status: 403}) },
		},
		{
			name: "this Wintro has no such endpoints", calls: []string{"page 1"}, err: is[*NoEndpointsError],
			env: func(e *environment) { e.before = failing("page 1", notFound()) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			if test.env != nil {
				test.env(env)
			}
			err := env.service(VerifyPlan).LookUp(t.Context(), "816")
			expectError(t, err, test.err)
			env.expectCalls(t, test.calls...)
		})
	}
}

// One read of the list must be enough for any number of sequential creates.
func TestLookUpUsesMissOfAnyAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.add("good")
		service := env.service(VerifyOff)
		for i := range 50 {
			spec := env.spec(int64(2000 + i))
			if _, _, err := create(t.Context(), service, spec); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		if env.count("create") != 50 || len(env.allCalls()) != 51 {
			t.Errorf("calls %q", env.allCalls())
		}
	})
}

func TestLookUpOfALongListRemembersAMiss(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.addMany(101)
	service := env.service(VerifyOff)
	for range 3 {
		if err := service.LookUp(t.Context(), "816"); err != nil {
			t.Error(err)
		}
	}
	env.expectCalls(t, "page 1", "list 816")
}

func TestLookUpsShareTheList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// connections is the number of connections in Wintro. lookUps is the number of concurrent look-ups.
		connections, lookUps int
		pages, lists         int
	}{
		{name: "a short list", connections: 100, lookUps: 60, pages: 1},
		{name: "a long list", connections: 2000, lookUps: 60, pages: 20},
		{name: "few look-ups in a long list", connections: 2000, lookUps: 3, pages: 1, lists: 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				env := newEnvironment(t)
				env.addMany(test.connections)
				env.after = taking("", time.Second)
				service := env.service(VerifyPlan)
				var all sync.WaitGroup
				for i := range test.lookUps {
					all.Go(func() {
						if err := service.LookUp(t.Context(), fmt.Sprint(9000+i)); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if pages, lists := env.count("page"), env.count("list"); pages != test.pages || lists != test.lists {
					t.Errorf("%d pages and %d other requests instead of %d and %d", pages, lists, test.pages, test.lists)
				}
			})
		})
	}
}

// To replace a connection, Terraform usually deletes the old connection first. A snapshot may still contain the deleted
// connection.
func TestCreateAfterDeleteConfirmsStaleHit(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	conn := env.add("good")
	service := env.service(VerifyOff)
	for range 3 {
		if _, err := read(t.Context(), service, conn); err != nil {
			t.Fatal(err)
		}
		if err := service.Delete(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		made, _, err := create(t.Context(), service, acme)
		if err != nil {
			t.Fatal(err)
		}
		conn = made
	}
	env.expectCalls(t,
		"page 1", "delete conn_1", "get conn_1", "create",
		"page 1", "delete conn_new", "get conn_new", "create",
		"page 1", "delete conn_new_2", "get conn_new_2", "create")
}

func TestExistsErrorReportsEarlierRead(t *testing.T) {
	t.Parallel()
	operations := map[Past]func(context.Context, *Service, Connection) error{
		// Only a data source calls FindByID, so no resource has the connection in its state.
		WasUntouched: func(ctx context.Context, s *Service, c Connection) error {
			_, err := s.FindByID(ctx, c.ID)
			return err
		},
		WasRead: refresh,
	}
	for past, operate := range operations {
		env := newEnvironment(t)
		conn := env.add("good")
		service := env.service(VerifyOff)
		if err := operate(t.Context(), service, conn); err != nil {
			t.Fatal(err)
		}
		_, _, err := create(t.Context(), service, acme)
		if !equals(ExistsError{ID: "conn_1", CompanyID: "816", Past: past})(err) {
			t.Errorf("past %d: error %+v", past, err)
		}
	}
}
