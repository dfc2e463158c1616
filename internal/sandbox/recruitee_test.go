package sandbox_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestCurrentAdmin(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		response := c.admin("816", c.Token).want(http.StatusOK)
		socket, calendar := personalSecrets(response)
		if got := response.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("the content type is %q", got)
		}
		want := `{"admin":{"id":1704,"company_id":816,"email":"ada@acme.example","first_name":"Ada","last_name":"Byron",
			"role_id":862,"role_name":"Administrator","role_admin":true,
			"role_abilities":["manage_company","manage_jobs","manage_candidates","manage_integrations"],
			"membership":{"id":830,"admin_id":1704,"role":"Administrator","role_admin":true,"role_id":862,
				"created_at":"2000-01-01T00:00:00.149395Z","is_active":true,"two_factor_auth_enabled":false},
			"all_companies_count":1,
			"companies":[{"id":816,"name":"Acme","subdomain":"acme","status":"active","language":"en",
				"country_code":"NL","created_at":"2000-01-01T00:00:00.149395Z","is_admin":true,"role":"Administrator"}],
			"timezone":"Europe/Amsterdam","preferred_language":"en",
			"socket_token":"` + socket + `","calendar_sync_token":"` + calendar + `"}}`
		response.wantJSON(want)
		if !strings.HasPrefix(socket, "socket-secret-") || !strings.HasPrefix(calendar, "calendar-secret-") {
			t.Errorf("the secrets %q and %q lack their prefixes", socket, calendar)
		}
		if len(c.Token) != 32 {
			t.Errorf("the token %q does not have 32 characters", c.Token)
		}
	})
}

// personalSecrets returns the socket_token and the calendar_sync_token from Recruitee's response.
func personalSecrets(response reply) (socket, calendar string) {
	admin := decode[map[string]map[string]any](response)["admin"]
	return fmt.Sprint(admin["socket_token"]), fmt.Sprint(admin["calendar_sync_token"])
}

func TestRecruiteeErrors(t *testing.T) {
	t.Parallel()
	const (
		noLogin   = `{"error":"Resource access requires authentication!","error_code":null}`
		noToken   = `{"error":"Token not found.","error_code":"invalid_token"}`
		forbidden = `{"error":["Forbidden"]}`
		noPage    = `{"error":["Page not found"]}`
	)
	nothing := func(*client) {}
	for name, test := range map[string]struct {
		happened func(*client)
		method   string
		path     string
		// authorization may contain TOKEN, which stands for the seeded user's token.
		authorization string
		status        int
		body          string
	}{
		"no token":                        {nothing, "GET", "/c/816/admin", "", 401, noLogin},
		"another scheme":                  {nothing, "GET", "/c/816/admin", "Basic TOKEN", 401, noLogin},
		"no scheme":                       {nothing, "GET", "/c/816/admin", "TOKEN", 401, noLogin},
		"empty token":                     {nothing, "GET", "/c/816/admin", "Bearer ", 401, noLogin},
		"token with spaces":               {nothing, "GET", "/c/816/admin", "Bearer TOKEN x", 401, noLogin},
		"mistyped token":                  {nothing, "GET", "/c/816/admin", "Bearer TOKENx", 401, noToken},
		"mistyped token, unknown company": {nothing, "GET", "/c/999/admin", "Bearer TOKENx", 401, noToken},
		"revoked token": {
			func(c *client) { c.RevokeToken(c.Token) }, "GET", "/c/816/admin", "Bearer TOKEN", 401, noToken,
		},
		"token of another company": {
			func(c *client) { c.AddCompany(sandbox.Company{ID: 817}) },
			"GET", "/c/817/admin", "Bearer TOKEN", 403, forbidden,
		},
		"user has left": {
			func(c *client) { c.RemoveOwner(1704) }, "GET", "/c/816/admin", "Bearer TOKEN", 403, forbidden,
		},
		"unknown company": {nothing, "GET", "/c/999/admin", "Bearer TOKEN", 404, noPage},
		"no company":      {nothing, "GET", "/c//admin", "Bearer TOKEN", 404, noPage},
		"unknown page":    {nothing, "GET", "/c/816/jobs", "Bearer TOKEN", 404, noPage},
		"version":         {nothing, "GET", "/v1/c/816/admin", "Bearer TOKEN", 404, noPage},
		"another method":  {nothing, "POST", "/c/816/admin", "Bearer TOKEN", 404, noPage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			test.happened(c)
			authorization := strings.ReplaceAll(test.authorization, "TOKEN", c.Token)
			response := c.send(test.method, sandbox.RecruiteePath+test.path, "", "Authorization", authorization)
			response.want(test.status).wantJSON(test.body)
			challenge := response.header.Get("WWW-Authenticate")
			if wanted := test.body == noToken; wanted != strings.HasPrefix(challenge,
				`Bearer realm="recruitee", error="invalid_token", `) {
				t.Errorf("WWW-Authenticate is %q", challenge)
			}
		})
	}
}

func TestRecruiteeRateLimit(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		another := c.IssueToken(816, 1704)
		c.SetRecruiteeRateLimit(2)
		c.admin("816", c.Token).want(http.StatusOK)
		time.Sleep(20*time.Second + 1)
		c.admin("816", c.Token).want(http.StatusOK)
		response := c.admin("816", c.Token).want(http.StatusTooManyRequests)
		if response.body != "Too Many Requests" || !strings.HasPrefix(response.header.Get("Content-Type"), "text/plain") {
			t.Errorf("the response has the body %q and the content type %s", response.body, response.header.Get("Content-Type"))
		}
		if got := response.header.Get("Retry-After"); got != "40" {
			t.Errorf("Retry-After is %q instead of 40", got)
		}
		c.admin("816", another).want(http.StatusOK)
		time.Sleep(40 * time.Second)
		c.admin("816", c.Token).want(http.StatusOK)
		c.SetRecruiteeRateLimit(0)
		for range 3 {
			c.admin("816", c.Token).want(http.StatusOK)
		}
	})
}

func TestRecruiteeChanges(t *testing.T) {
	t.Parallel()
	c := start(t)
	for i, step := range []struct {
		change func()
		want   []string
	}{
		{func() {}, []string{`"role_name":"Administrator"`, `"role":"Administrator","role_admin":true`, `"is_admin":true`, `"role_id":862`}},
		{func() { c.SetAdministrator(1704, false) }, []string{`"role_name":"Recruiter"`, `"role":"Recruiter","role_admin":false`, `"is_admin":false`}},
		{func() { c.SetRole(1704, "Administrator", false) }, []string{`"role_name":"Administrator"`, `"role_admin":false`, `"is_admin":false`}},
		{func() { c.SetAdministrator(1704, true) }, []string{`"role_name":"Administrator"`, `"role_admin":true`, `"is_admin":true`}},
		{func() { c.SetActive(1704, false) }, []string{`"is_active":false`}},
		{func() { c.RenameCompany(816, "Acme Holding") }, []string{`"name":"Acme Holding"`, `"subdomain":"acme"`}},
	} {
		step.change()
		body := c.admin("acme", c.Token).want(http.StatusOK).body
		for _, want := range step.want {
			if !strings.Contains(body, want) {
				t.Errorf("step %d: the response does not contain %s: %s", i, want, body)
			}
		}
	}
	c.RevokeToken(c.Token)
	c.AddToken(816, 1704, c.Token)
	c.admin("816", c.Token).want(http.StatusOK)
	if token, found := c.TokenOf(1704); !found || token != c.Token {
		t.Errorf("the user's token is %q", token)
	}
	c.RemoveOwner(1704)
	if owners := c.Owners(); len(owners) != 0 {
		t.Errorf("the owners include users who have left: %+v", owners)
	}
}

func TestRecruiteeDefaults(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	company := s.AddCompany(sandbox.Company{})
	owner := s.AddOwner(sandbox.Owner{})
	another := s.AddOwner(sandbox.Owner{Administrator: true})
	for _, text := range []string{company.Name, company.Subdomain, owner.Email, owner.FirstName, owner.LastName} {
		if text == "" {
			t.Errorf("%+v or %+v has an empty field", company, owner)
		}
	}
	if owner.CompanyID != company.ID || owner.ID == another.ID || company.ID <= 0 {
		t.Errorf("%+v, %+v or %+v has a wrong ID", company, owner, another)
	}
	if owner.Role != "Recruiter" || another.Role != "Administrator" {
		t.Errorf("the roles are %q and %q", owner.Role, another.Role)
	}
	if !reflect.DeepEqual(s.Companies(), []sandbox.Company{company}) {
		t.Errorf("the companies are %+v", s.Companies())
	}
	if _, found := s.TokenOf(owner.ID); found {
		t.Error("TokenOf returns a token for a user without tokens")
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	token := s.Seed()
	s.AddCompany(sandbox.Company{ID: 817, Subdomain: "globex"})
	other := s.AddOwner(sandbox.Owner{CompanyID: 817})
	expectPanic(t, "already", func() { s.Seed() })
	expectPanic(t, "already", func() { s.AddCompany(sandbox.Company{Subdomain: "acme"}) })
	expectPanic(t, "cannot be the ID", func() { s.AddCompany(sandbox.Company{ID: -1}) })
	expectPanic(t, "already", func() { s.AddOwner(sandbox.Owner{ID: 1704, CompanyID: 816}) })
	expectPanic(t, "no company with the ID 0", func() { s.AddOwner(sandbox.Owner{}) })
	expectPanic(t, "no company with the ID 1", func() { s.IssueToken(1, 1704) })
	expectPanic(t, "no owner with the ID 1", func() { s.IssueToken(816, 1) })
	expectPanic(t, "belongs to company 816", func() { s.IssueToken(817, 1704) })
	expectPanic(t, "white space", func() { s.AddToken(816, 1704, "a token") })
	expectPanic(t, "belongs to owner 1704", func() { s.AddToken(817, other.ID, token) })
	expectPanic(t, "no such token", func() { s.RevokeToken("unknown") })
	expectPanic(t, "no owner", func() { s.SetAdministrator(1, true) })
	expectPanic(t, "no company", func() { s.RenameCompany(1, "Name") })
	expectPanic(t, "not a limit", func() { s.SetRecruiteeRateLimit(-1) })
	expectPanic(t, "not a limit", func() { s.SetWintroRateLimit(1, 0) })
	expectPanic(t, "0 items", func() { s.SetMaxPageSize(0) })
	expectPanic(t, "-1 connections", func() { s.AddConnections(-1) })
	expectPanic(t, "-1 vacancies", func() { s.SetVacancies(-1) })
	organisation := s.AddOrganisation("Other")
	expectPanic(t, "no connection", func() { s.MoveToOrganisation("none", organisation.ID) })
	expectPanic(t, "belongs to the organisation "+organisation.ID, func() { s.SetWintroToken(organisation.Token) })
	reader := s.IssueReadOnlyToken()
	expectPanic(t, "read-only token", func() { s.GrantScope(reader, contract.ScopeWrite) })
	expectPanic(t, "no such API token in Wintro", func() { s.RevokeScope("none", contract.ScopeRead) })
	expectPanic(t, `not "read"`, func() { s.RevokeScope(s.WintroToken(), "read") })
	expectPanic(t, "no connection", func() { s.Disconnect("none") })
	expectPanic(t, "no connection", func() { s.SetEnabled("none", true) })
	expectPanic(t, "no organisation", func() { s.MoveToOrganisation(s.Connect(816, "x", "y"), "none") })
	expectPanic(t, "cannot be empty", func() { s.SetWintroToken("") })
	expectPanic(t, `not "sometimes"`, func() { s.SetWintroAccess("sometimes") })
}
