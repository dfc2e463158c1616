package connection

import (
	"context"
	"errors"
	"testing"
)

func isGone(want GoneError) func(error) bool {
	return func(err error) bool {
		var gone *GoneError
		return errors.As(err, &gone) && *gone == want
	}
}

func isNoEndpoints(err error) bool {
	var none *NoEndpointsError
	return errors.As(err, &none) && none.Message == "There is nothing here"
}

// A connection counts as deleted only if Wintro returns 404 for it and its list doesn't contain it either.
func TestGoneErrorNeedsTheListToAgree(t *testing.T) {
	t.Parallel()
	gone, goneByID := GoneError{ID: "conn_1", CompanyID: "816"}, GoneError{ID: "conn_1"}
	// failingAll fails some calls with the same error.
	failingAll := func(err error, calls ...string) func(*environment) {
		return func(e *environment) {
			e.before = func(ctx context.Context, made string) error {
				for _, call := range calls {
					if err := failing(call, err)(ctx, made); err != nil {
						return err
					}
				}
				return nil
			}
		}
	}
	refresh := func(ctx context.Context, s *Service, last Connection) error {
		_, err := read(ctx, s, last)
		return err
	}
	update := func(ctx context.Context, s *Service, last Connection) error {
		_, _, err := update(ctx, s, last, Change{Spec: Spec{CompanyID: "816", Name: "HR", Enabled: true}})
		return err
	}
	remove := func(ctx context.Context, s *Service, last Connection) error { return s.Delete(ctx, last) }
	start := func(ctx context.Context, s *Service, last Connection) error {
		return s.Sync(ctx, last.ID, false, func(Sync) {})
	}
	findByID := func(ctx context.Context, s *Service, last Connection) error {
		_, err := s.FindByID(ctx, last.ID)
		return err
	}
	for _, test := range []struct {
		name string
		do   func(context.Context, *Service, Connection) error
		// others is the number of other connections. exists reports whether the connection itself exists.
		others int
		exists bool
		env    func(*environment)
		calls  []string
		err    func(error) bool
	}{
		{name: "Read: gone", do: refresh, calls: []string{"page 1", "get conn_1"}, err: isGone(gone)},
		{name: "Read: gone, and the list is long", do: refresh, others: 101, calls: []string{"page 1", "get conn_1", "list 816"}, err: isGone(gone)},
		{
			name: "Read: listed, but 404", do: refresh, others: 101, exists: true, env: failingAll(notFound(), "get conn_1"),
			calls: []string{"page 1", "get conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Read: 404 everywhere", do: refresh, exists: true, env: failingAll(notFound(), "page 1", "get conn_1", "list 816"),
			calls: []string{"page 1"}, err: isNoEndpoints,
		},
		{
			name: "Read: no list of a company", do: refresh, others: 101, env: failingAll(notFound(), "list 816"),
			calls: []string{"page 1", "get conn_1", "list 816"}, err: isNoEndpoints,
		},
		{
			name: "Read: the list is down", do: refresh, others: 101, env: failingAll(errDown, "list 816"),
			calls: []string{"page 1", "get conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Read: another error", do: refresh, env: failingAll(&APIError{Status: 410}, "get conn_1"),
			calls: []string{"page 1", "get conn_1"}, err: is[*APIError],
		},

		{name: "Update: gone", do: update, calls: []string{"update name", "list 816"}, err: isGone(gone)},
		{
			name: "Update: listed, but 404", do: update, exists: true, env: failingAll(notFound(), "update name"),
			calls: []string{"update name", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Update: 404 everywhere", do: update, exists: true, env: failingAll(notFound(), "update name", "list 816"),
			calls: []string{"update name", "list 816"}, err: isNoEndpoints,
		},

		{name: "Delete", do: remove, exists: true, calls: []string{"delete conn_1"}},
		{
			name: "Delete: Wintro is down", do: remove, exists: true, env: failingAll(errDown, "delete conn_1"),
			calls: []string{"delete conn_1"}, err: is[*UnavailableError],
		},
		{name: "Delete: gone", do: remove, calls: []string{"delete conn_1", "list 816"}},
		{
			name: "Delete: listed, but 404", do: remove, exists: true, env: failingAll(notFound(), "delete conn_1"),
			calls: []string{"delete conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Delete: 404 everywhere", do: remove, exists: true, env: failingAll(notFound(), "delete conn_1", "list 816"),
			calls: []string{"delete conn_1", "list 816"}, err: isNoEndpoints,
		},
		{
			name: "Delete: the list is down", do: remove, env: failingAll(errDown, "list 816"),
			calls: []string{"delete conn_1", "list 816"}, err: is[*UnavailableError],
		},

		{name: "Sync: gone", do: start, env: failingAll(notFound(), "sync conn_1"), calls: []string{"sync conn_1", "page 1"}, err: isGone(goneByID)},
		{
			name: "Sync: 404 everywhere", do: start, env: failingAll(notFound(), "sync conn_1", "page 1"),
			calls: []string{"sync conn_1", "page 1"}, err: isNoEndpoints,
		},

		{name: "FindByID: gone", do: findByID, calls: []string{"get conn_1", "page 1"}, err: isGone(goneByID)},
		{
			name: "FindByID: listed, but 404", do: findByID, exists: true, env: failingAll(notFound(), "get conn_1"),
			calls: []string{"get conn_1", "page 1"}, err: is[*UnavailableError],
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.addMany(test.others)
			last := env.add("good")
			if !test.exists {
				env.remove(last.ID)
			}
			if test.env != nil {
				test.env(env)
			}
			expectError(t, test.do(t.Context(), env.service(VerifyPlan), last), test.err)
			env.expectCalls(t, test.calls...)
		})
	}
}

// Wintro returns 404 for every connection that belongs to another organisation.
func TestGoneErrorDependsOnTheOrganisation(t *testing.T) {
	t.Parallel()
	isOther := func(err error) bool {
		var other *OtherOrganisationError
		return errors.As(err, &other) && *other == OtherOrganisationError{ID: "conn_1", Organisation: "org_1", TokenOrganisation: "org_2"}
	}
	known, unknown := isGone(GoneError{ID: "conn_1", CompanyID: "816", IsOrganisationKnown: true}), isGone(GoneError{ID: "conn_1", CompanyID: "816"})
	for _, test := range []struct {
		name string
		// last is the connection's organisation, token the API token's; "" if Wintro doesn't report it.
		last, token string
		others      int
		err         func(error) bool
	}{
		{name: "the same", last: "org_1", token: "org_1", err: known},
		{name: "the same, and a long list", last: "org_1", token: "org_1", others: 101, err: known},
		{name: "another one", last: "org_1", token: "org_2", err: isOther},
		{name: "another one, and a long list", last: "org_1", token: "org_2", others: 101, err: isOther},
		{name: "Wintro doesn't report it", last: "org_1", err: unknown},
		{name: "Wintro didn't report it before", token: "org_2", err: unknown},
		{name: "Wintro never reports it", err: unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// Each operation gets its own service, because a service remembers the organisation.
			do := func(operation func(*Service, Connection) error) error {
				env := newEnvironment(t)
				env.addMany(test.others)
				last := env.add("good")
				env.remove(last.ID)
				last.OrganisationID = test.last
				env.setOrganisation(test.token)
				return operation(env.service(VerifyPlan), last)
			}
			expectError(t, do(func(s *Service, last Connection) error {
				_, err := read(t.Context(), s, last)
				return err
			}), test.err)
			expectError(t, do(func(s *Service, last Connection) error {
				got, _, err := update(t.Context(), s, last, Change{Spec: Spec{CompanyID: "816", Name: "HR", Enabled: true}})
				if got != last {
					t.Errorf("the connection is %+v after the update", got)
				}
				return err
			}), test.err)
			// Deleting a missing connection succeeds.
			var wantRemoved func(error) bool
			if test.last != "" && test.token != "" && test.last != test.token {
				wantRemoved = isOther
			}
			expectError(t, do(func(s *Service, last Connection) error { return s.Delete(t.Context(), last) }), wantRemoved)
		})
	}
}

func TestReadRejectsTokenOfAnotherOrganisation(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	last := env.add("good")
	last.OrganisationID = "org_1"
	env.setOrganisation("org_2")
	_, err := read(t.Context(), env.service(VerifyPlan), last)
	expectError(t, err, is[*OtherOrganisationError])
	env.expectCalls(t, "page 1")
}

func TestReadReturnsTheOrganisation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, reported, want string }{
		{"", "", ""}, {"", "org_1", "org_1"}, {"org_1", "org_1", "org_1"}, {"org_1", "", "org_1"},
	} {
		env := newEnvironment(t)
		last := env.add("good")
		last.OrganisationID = test.before
		env.setOrganisation(test.reported)
		got, err := read(t.Context(), env.service(VerifyPlan), last)
		if err != nil || got.OrganisationID != test.want {
			t.Errorf("%+v: organisation %q, error %v", test, got.OrganisationID, err)
		}
	}
}
