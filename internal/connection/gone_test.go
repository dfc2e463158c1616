package connection

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func isNoEndpoints(err error) bool {
	none, ok := errors.AsType[*NoEndpointsError](err)
	return ok && none.Message == "There is nothing here"
}

// A connection counts as deleted only if Wintro returns 404 for the connection and Wintro's list doesn't contain the
// connection either.
func TestGoneErrorNeedsTheListToAgree(t *testing.T) {
	t.Parallel()
	gone := equals(GoneError{ID: "conn_1", CompanyID: "816"})
	// failingAll returns a hook that makes several calls fail with the same error.
	failingAll := func(err error, calls ...string) hook {
		return func(_ context.Context, call string) error {
			if slices.Contains(calls, call) {
				return err
			}
			return nil
		}
	}
	refresh := func(ctx context.Context, s *Service, last Connection) error {
		_, err := read(ctx, s, last)
		return err
	}
	remove := func(ctx context.Context, s *Service, last Connection) error { return s.Delete(ctx, last) }
	for _, test := range []struct {
		name string
		do   func(context.Context, *Service, Connection) error
		// others is the number of other connections. exists reports whether the connection itself exists.
		others int
		exists bool
		before hook
		// replace has the same meaning as in environment.
		replace []string
		calls   []string
		err     func(error) bool
	}{
		{name: "Read: gone", do: refresh, calls: []string{"page 1", "get conn_1"}, err: gone},
		{name: "Read: gone, and the list is long", do: refresh, others: 101, calls: []string{"page 1", "get conn_1", "list 816"}, err: gone},
		{
			name: "Read: listed, but 404", do: refresh, others: 101, exists: true, before: failing("get conn_1", notFound()),
			calls: []string{"page 1", "get conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Read: 404 everywhere", do: refresh, exists: true, before: failingAll(notFound(), "page 1", "get conn_1", "list 816"),
			calls: []string{"page 1"}, err: isNoEndpoints,
		},
		{
			name: "Read: no list of a company", do: refresh, others: 101, before: failing("list 816", notFound()),
			calls: []string{"page 1", "get conn_1", "list 816"}, err: isNoEndpoints,
		},
		{
			name: "Read: 404, and the company's record has no ID", do: refresh, others: 101, exists: true,
			before: failing("get conn_1", notFound()), replace: []string{`"conn_1"`, `""`},
			calls: []string{"page 1", "get conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Read: 404, the company's record has no ID, and the list is short", do: refresh, exists: true,
			before: failing("get conn_1", notFound()), replace: []string{`"conn_1"`, `""`},
			calls: []string{"page 1", "get conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Read: another error", do: refresh, before: failing("get conn_1", &APIError{Status: 410}),
			calls: []string{"page 1", "get conn_1"}, err: is[*APIError],
		},

		{name: "Delete", do: remove, exists: true, calls: []string{"delete conn_1"}},
		{name: "Delete: gone", do: remove, calls: []string{"delete conn_1", "list 816"}, err: gone},
		{
			name: "Delete: listed, but 404", do: remove, exists: true, before: failing("delete conn_1", notFound()),
			calls: []string{"delete conn_1", "list 816"}, err: is[*UnavailableError],
		},
		{
			name: "Delete: 404 everywhere", do: remove, exists: true, before: failingAll(notFound(), "delete conn_1", "list 816"),
			calls: []string{"delete conn_1", "list 816"}, err: isNoEndpoints,
		},
		{
			name: "Delete: the list is down", do: remove, before: failing("list 816", errDown),
			calls: []string{"delete conn_1", "list 816"}, err: is[*UnavailableError],
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
			env.before, env.replace = test.before, test.replace
			expectError(t, test.do(t.Context(), env.service(VerifyPlan), last), test.err)
			env.expectCalls(t, test.calls...)
		})
	}
}

// Wintro returns 404 for every connection of another organisation, so a 404 alone doesn't prove that a connection was
// deleted.
func TestGoneErrorDependsOnTheOrganisation(t *testing.T) {
	t.Parallel()
	isOther := equals(OtherOrganisationError{ID: "conn_1", Organisation: "org_1", TokenOrganisation: "org_2"})
	known, unknown := equals(GoneError{ID: "conn_1", CompanyID: "816", IsOrganisationKnown: true}), equals(GoneError{ID: "conn_1", CompanyID: "816"})
	for _, test := range []struct {
		name string
		// last is the organisation in state. token is the organisation that Wintro reports for the API token. "" means
		// no organisation.
		last, token string
		others      int
		err         func(error) bool
	}{
		{name: "the same organisation", last: "org_1", token: "org_1", err: known},
		{name: "the same organisation, and a long list", last: "org_1", token: "org_1", others: 101, err: known},
		{name: "another organisation", last: "org_1", token: "org_2", err: isOther},
		{name: "another organisation, and a long list", last: "org_1", token: "org_2", others: 101, err: isOther},
		{name: "Wintro no longer reports it", last: "org_1", err: unknown},
		{name: "Wintro reports it for the first time", token: "org_2", err: unknown},
		{name: "Wintro never reports it", err: unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.addMany(test.others)
			last := env.add("good")
			env.remove(last.ID)
			last.OrganisationID = test.last
			env.setOrganisation(test.token)
			// Each operation gets its own service, because a service remembers the organisation.
			_, err := read(t.Context(), env.service(VerifyPlan), last)
			expectError(t, err, test.err)
			expectError(t, env.service(VerifyPlan).Delete(t.Context(), last), test.err)
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
