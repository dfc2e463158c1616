package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		response := c.create(newConnection("816", c.Token), "a key").want(http.StatusCreated)
		created := decodeData[contract.Connection](response)
		fingerprint := sandbox.Fingerprint(c.Token)
		sameJSON(t, response.body, `{"data":{"id":"`+created.ID+`","ats":"recruitee","name":"Recruitee","atsCompanyId":"816",
			"atsCompanyName":"Acme","enabled":true,"status":"active","tokenFingerprint":"`+fingerprint+`",
			"createdAt":"2000-01-01T00:00:00.149395Z","lastSyncedAt":null},
			"meta":{"generatedAt":"2000-01-01T00:00:00.149Z","organisationId":"`+c.Organisations()[0].ID+`"}}`)
		if read := c.get(created.ID); !reflect.DeepEqual(read, created) {
			t.Errorf("GET returned %+v, but POST returned %+v", read, created)
		}
		if !c.HoldsToken(created.ID, c.Token) || c.HoldsToken(created.ID, "another") {
			t.Error("HoldsToken is wrong for the sent token or for another token")
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		list := func(query url.Values) contract.ConnectionListResponse {
			t.Helper()
			return decode[contract.ConnectionListResponse](
				c.wintro(http.MethodGet, "/ats-connections?"+query.Encode(), "").want(http.StatusOK))
		}
		empty := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
		sameJSON(t, empty.body, `{"data":[],"meta":{"generatedAt":"2000-01-01T00:00:00.149Z","organisationId":"`+c.Organisations()[0].ID+`",
			"pagination":{"page":1,"pageSize":100,"totalItems":0,"totalPages":0}}}`)

		var ids []string
		for i := range 7 {
			ids = append(ids, c.Connect(int64(800+i%5), fmt.Sprint("Connection ", i), "token"))
		}
		for name, test := range map[string]struct {
			query   url.Values
			maxSize int
			want    []string
			paging  contract.Pagination
		}{
			"by company":        {url.Values{"ats": {"recruitee"}, "atsCompanyId": {"801"}}, 100, []string{ids[1], ids[6]}, contract.Pagination{Page: 1, PageSize: 100, TotalItems: 2, TotalPages: 1}},
			"last page":         {url.Values{"pageSize": {"3"}, "page": {"3"}}, 100, ids[6:], contract.Pagination{Page: 3, PageSize: 3, TotalItems: 7, TotalPages: 3}},
			"largest page":      {url.Values{"pageSize": {"9223372036854775807"}, "page": {"9223372036854775807"}}, 100, nil, contract.Pagination{Page: 1<<63 - 1, PageSize: 100, TotalItems: 7, TotalPages: 1}},
			"capped":            {url.Values{"pageSize": {"5"}, "page": {"2"}}, 2, ids[2:4], contract.Pagination{Page: 2, PageSize: 2, TotalItems: 7, TotalPages: 4}},
			"capped by default": {nil, 2, ids[:2], contract.Pagination{Page: 1, PageSize: 2, TotalItems: 7, TotalPages: 4}},
		} {
			c.SetMaxPageSize(test.maxSize)
			page := list(test.query)
			var got []string
			for _, connection := range page.Data {
				got = append(got, connection.ID)
			}
			if !slices.Equal(got, test.want) || page.Meta.Pagination != test.paging {
				t.Errorf("%s: the page has the connections %v and the pagination %+v", name, got, page.Meta.Pagination)
			}
		}
		expectPanic(t, "0 items", func() { c.SetMaxPageSize(0) })
	})
}

func TestHideNewConnections(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.HideNewConnections(2)
	one := "/ats-connections/" + c.connect().ID
	c.HideNewConnections(0)
	c.wintro(http.MethodGet, one, "").wantError(http.StatusNotFound, contract.CodeNotFound)
	c.wintro(http.MethodGet, "/ats-connections?atsCompanyId=817", "").want(http.StatusOK)
	for want := range 2 {
		list := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
		if got := len(decodeData[[]contract.Connection](list)); got != want {
			t.Errorf("the list has %d connections instead of %d", got, want)
		}
	}
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
}

func TestKeepDeletedLinks(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.KeepDeletedLinks(2)
	first := c.connect()
	c.wintro(http.MethodDelete, "/ats-connections/"+first.ID, "").want(http.StatusNoContent)
	for range 2 {
		e := c.create(newConnection("816", c.Token), "again").wantError(http.StatusConflict, contract.CodeAlreadyLinked)
		if e.ConnectionID == nil || *e.ConnectionID != first.ID {
			t.Errorf("connectionId is %v instead of %s", e.ConnectionID, first.ID)
		}
	}
	c.create(newConnection("816", c.Token), "again").want(http.StatusCreated)
}

func TestSetEndlessList(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.connect()
	c.SetEndlessList(true)
	seen := map[string]bool{}
	for n := 1; n <= 3; n++ {
		page := decode[contract.ConnectionListResponse](
			c.wintro(http.MethodGet, fmt.Sprint("/ats-connections?pageSize=5&page=", n), "").want(http.StatusOK))
		for _, connection := range page.Data {
			seen[connection.ID] = true
		}
		if page.Meta.Pagination.TotalPages <= n {
			t.Errorf("page %d is the last page: %+v", n, page.Meta.Pagination)
		}
	}
	if len(seen) != 15 {
		t.Errorf("three pages have %d connections instead of 15", len(seen))
	}
}

// A fault can edit values at any depth of a list's JSON. It ignores items that don't exist.
func TestEditList(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.AddConnections(2)
	ids := c.Connections()
	c.Fail(sandbox.Fault{Path: "/ats-connections$", Edit: map[string]any{
		"data.0.status": nil, "data.1.id": ids[0].ID, "data.9.id": "x", "meta.pagination.totalPages": 9,
	}})
	response := c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", "Bearer "+c.WintroToken())
	page := decode[contract.ConnectionListResponse](response.want(http.StatusOK))
	if page.Data[0].Status != "" || page.Data[1].ID != ids[0].ID || page.Data[1].Status == "" || page.Meta.Pagination.TotalPages != 9 {
		t.Errorf("the edited list is %s", response.body)
	}
}

func TestAddConnections(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.connect()
	c.AddConnections(2000)
	response := decode[contract.ConnectionListResponse](c.wintro(http.MethodGet, "/ats-connections?page=21", "").want(http.StatusOK))
	if p := response.Meta.Pagination; p.TotalItems != 2001 || p.TotalPages != 21 || len(response.Data) != 1 {
		t.Errorf("page 21 has the pagination %+v and %d connections", p, len(response.Data))
	}
	companies := map[string]bool{}
	for _, connection := range c.Connections() {
		companies[connection.AtsCompanyID] = true
		if connection.Status != contract.ConnectionActive || connection.AtsCompanyName == nil {
			t.Fatalf("the connection is not active or has no company name: %+v", connection)
		}
	}
	if len(companies) != 2001 {
		t.Errorf("the connections have %d companies instead of 2001", len(companies))
	}
	expectPanic(t, "-1 connections", func() { c.AddConnections(-1) })
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	c := start(t)
	first, other := c.Organisations()[0], c.AddOrganisation("Other")
	made := c.connect()
	asOther := func(method, path, body string) reply {
		t.Helper()
		return c.wintro(method, path, body, "Authorization", "Bearer "+other.Token, "Idempotency-Key", "key")
	}
	organisationID := func(a reply) string {
		t.Helper()
		id := decode[struct{ Meta contract.Meta }](a.want(http.StatusOK)).Meta.OrganisationID
		if id == nil {
			t.Fatalf("the response has no organisation: %s", a.body)
		}
		return *id
	}
	one := "/ats-connections/" + made.ID
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		asOther(method, one, "").wantError(http.StatusNotFound, contract.CodeNotFound)
	}
	asOther(http.MethodPatch, one, `{}`).wantError(http.StatusNotFound, contract.CodeNotFound)
	asOther(http.MethodPost, one+"/syncs", "").wantError(http.StatusNotFound, contract.CodeNotFound)
	if e := asOther(http.MethodPost, "/ats-connections", newConnection("816", c.Token)).wantError(http.StatusConflict, contract.CodeAlreadyLinked); e.ConnectionID != nil {
		t.Errorf("the error tells another organisation the ID %s", *e.ConnectionID)
	}
	if got := organisationID(c.wintro(http.MethodGet, one, "")); got != first.ID {
		t.Errorf("the organisation is %s instead of %s", got, first.ID)
	}
	c.MoveToOrganisation(made.ID, other.ID)
	if got := organisationID(asOther(http.MethodGet, one, "")); got != other.ID {
		t.Errorf("the organisation is %s instead of %s", got, other.ID)
	}
	c.wintro(http.MethodGet, one, "").wantError(http.StatusNotFound, contract.CodeNotFound)
	if all := c.Snapshot().Connections; len(all) != 1 || all[0].OrganisationID != other.ID {
		t.Errorf("the connections are %+v", all)
	}
	c.ReportOrganisation(false)
	if body := asOther(http.MethodGet, one, "").body; strings.Contains(body, "organisationId") {
		t.Errorf("the response contains an organisation: %s", body)
	}
	expectPanic(t, "no organisation", func() { c.MoveToOrganisation(made.ID, "none") })
	expectPanic(t, "no connection", func() { c.MoveToOrganisation("none", other.ID) })
	expectPanic(t, "belongs to the organisation "+other.ID, func() { c.SetWintroToken(other.Token) })
}

func TestScopes(t *testing.T) {
	t.Parallel()
	c := start(t)
	one := "/ats-connections/" + c.connect().ID
	other := c.AddOrganisation("Other")
	c.RevokeScope(c.WintroToken(), contract.ScopeWrite)
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
	for method, path := range map[string]string{
		http.MethodPost: "/ats-connections", http.MethodPatch: one, http.MethodDelete: one,
	} {
		e := c.wintro(method, path, "").wantError(http.StatusForbidden, contract.CodeMissingScope)
		if !strings.Contains(e.Message, contract.ScopeWrite) {
			t.Errorf("%s: the message does not name the scope: %s", method, e.Message)
		}
	}
	c.GrantScope(c.WintroToken(), contract.ScopeWrite)
	c.GrantScope(c.WintroToken(), contract.ScopeWrite)
	c.patch(strings.TrimPrefix(one, "/ats-connections/"), `{}`)
	c.RevokeScope(c.WintroToken(), contract.ScopeRead)
	c.wintro(http.MethodGet, one, "").wantError(http.StatusForbidden, contract.CodeMissingScope)
	c.wintro(http.MethodDelete, one, "").want(http.StatusNoContent)
	c.wintro(http.MethodGet, "/ats-connections", "", "Authorization", "Bearer "+other.Token).want(http.StatusOK)
	first, second := c.IssueReadOnlyToken(), c.IssueReadOnlyToken()
	for token, status := range map[string]int{first: http.StatusUnauthorized, second: http.StatusOK} {
		c.wintro(http.MethodGet, "/ats-connections", "", "Authorization", "Bearer "+token).want(status)
	}
	expectPanic(t, "read-only token", func() { c.GrantScope(second, contract.ScopeWrite) })
	if got := c.Organisations()[0].Scopes; !slices.Equal(got, []string{contract.ScopeWrite}) {
		t.Errorf("the scopes are %v", got)
	}
	expectPanic(t, "no such API token in Wintro", func() { c.RevokeScope("none", contract.ScopeRead) })
	expectPanic(t, `not "read"`, func() { c.RevokeScope(c.WintroToken(), "read") })
}

// If Wintro doesn't offer the connections API, every path returns 404.
func TestWithoutConnectionsAPI(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	c.OfferConnectionsAPI(false)
	for _, path := range []string{"/ats-connections", "/ats-connections/" + id, "/ats-connections/" + id + "/syncs", "/other"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			c.wintro(method, path, "").wantError(http.StatusNotFound, contract.CodeNotFound)
		}
	}
	response := c.wintro(http.MethodGet, "/ats-connections", "", "Authorization", "Bearer wrong")
	response.wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	c.OfferConnectionsAPI(true)
	c.get(id)
}

func TestCompanyName(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	expectName := func(want string) {
		t.Helper()
		got := c.get(id).AtsCompanyName
		if (got == nil) != (want == "") || got != nil && *got != want {
			t.Errorf("the company name is %v instead of %q", got, want)
		}
	}
	expectName("Acme")
	c.RenameCompany(816, "Acme Holding")
	expectName("Acme")
	c.FailSyncs("No response.")
	c.SyncVacancies(id)
	expectName("Acme")
	c.FailSyncs("")
	c.SyncVacancies(id)
	expectName("Acme Holding")
	if c.get(id).LastSyncedAt == nil {
		t.Error("lastSyncedAt is null after a sync")
	}
	c.MoveToCompany(id, 999)
	expectName("")
	c.MoveToCompany(id, 816)
	expectName("Acme Holding")
	if unread := c.create(newConnection("817", "mistyped"), "another"); decodeData[contract.Connection](unread).AtsCompanyName != nil {
		t.Errorf("Wintro has a company name without a valid token: %s", unread.body)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	const active, invalid, inactive = contract.ConnectionActive, contract.ConnectionInvalid, contract.ConnectionInactive
	for name, test := range map[string]struct {
		before func(*client)
		after  func(c *client, id string)
		want   contract.ConnectionStatus
	}{
		"unchanged":            {want: active},
		"mistyped token":       {before: func(c *client) { c.Token = "mistyped" }, want: invalid},
		"revoked before":       {before: func(c *client) { c.RevokeToken(c.Token) }, want: invalid},
		"user left before":     {before: func(c *client) { c.RemoveOwner(1704) }, want: invalid},
		"user not active":      {before: func(c *client) { c.SetActive(1704, false) }, want: invalid},
		"not an Administrator": {before: func(c *client) { c.SetAdministrator(1704, false) }, want: active},
		"revoked later":        {after: func(c *client, _ string) { c.RevokeToken(c.Token) }, want: active},
		"revoked later, renamed": {after: func(c *client, id string) {
			c.RevokeToken(c.Token)
			c.patch(id, `{"name":"x","enabled":true}`)
		}, want: active},
		"revoked later, sent again": {after: func(c *client, id string) {
			c.RevokeToken(c.Token)
			c.patch(id, `{"apiToken":"`+c.Token+`"}`)
		}, want: invalid},
		"disabled":            {after: func(c *client, id string) { c.patch(id, `{"enabled":false}`) }, want: inactive},
		"disabled, new token": {after: func(c *client, id string) { c.patch(id, `{"enabled":false,"apiToken":"mistyped"}`) }, want: inactive},
		"disabled, revoked, enabled": {after: func(c *client, id string) {
			c.patch(id, `{"enabled":false}`)
			c.RevokeToken(c.Token)
			c.patch(id, `{"enabled":true}`)
		}, want: invalid},
		"invalid, new token": {
			before: func(c *client) { c.RevokeToken(c.Token) },
			after:  func(c *client, id string) { c.patch(id, `{"apiToken":"`+c.IssueToken(816, 1704)+`"}`) }, want: active,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			if test.before != nil {
				test.before(c)
			}
			id := c.connect().ID
			if test.after != nil {
				test.after(c, id)
			}
			if got := c.get(id).Status; got != test.want {
				t.Errorf("status %s instead of %s", got, test.want)
			}
		})
	}
}

func TestStayPending(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.StayPending(2)
	expectStatus := func(got, want contract.ConnectionStatus) {
		t.Helper()
		if got != want {
			t.Errorf("status %s instead of %s", got, want)
		}
	}
	created := c.connect()
	expectStatus(created.Status, contract.ConnectionPending)
	for range 3 {
		expectStatus(c.Connections()[0].Status, contract.ConnectionPending)
	}
	expectStatus(c.get(created.ID).Status, contract.ConnectionPending)
	c.wintro(http.MethodGet, "/ats-connections?atsCompanyId=817", "").want(http.StatusOK)
	listed := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	expectStatus(decodeData[[]contract.Connection](listed)[0].Status, contract.ConnectionPending)
	expectStatus(c.get(created.ID).Status, contract.ConnectionActive)

	c.StayPending(1)
	expectStatus(c.patch(created.ID, `{"apiToken":"mistyped"}`).Status, contract.ConnectionPending)
	expectStatus(c.get(created.ID).Status, contract.ConnectionPending)
	expectStatus(c.get(created.ID).Status, contract.ConnectionInvalid)
	expectStatus(c.patch(created.ID, `{"name":"x"}`).Status, contract.ConnectionInvalid)

	c.patch(created.ID, `{"enabled":false}`)
	expectStatus(c.patch(created.ID, `{"enabled":true}`).Status, contract.ConnectionPending)
	expectStatus(c.get(created.ID).Status, contract.ConnectionPending)
	expectStatus(c.patch(created.ID, `{"enabled":true}`).Status, contract.ConnectionInvalid)

	c.StayPending(-1)
	c.patch(created.ID, `{"apiToken":"mistyped"}`)
	for range 5 {
		expectStatus(c.get(created.ID).Status, contract.ConnectionPending)
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	c := start(t)
	created := c.connect()
	id := created.ID

	c.Relabel(id, "By hand")
	c.MoveToCompany(id, 817)
	c.SetEnabled(id, false)
	got := c.get(id)
	if got.Name != "By hand" || got.AtsCompanyID != "817" || got.Enabled || got.Status != contract.ConnectionInactive {
		t.Errorf("the connection is %+v", got)
	}
	c.MoveToCompany(id, 816)
	c.SetEnabled(id, true)
	if got := c.get(id).Status; got != contract.ConnectionActive {
		t.Errorf("after the connection was enabled again, its status is %s", got)
	}
	another := c.IssueToken(816, 1704)
	c.SwapToken(id, another)
	if got := c.get(id); *got.TokenFingerprint != sandbox.Fingerprint(another) || got.Status != contract.ConnectionActive {
		t.Errorf("the connection is %+v", got)
	}
	c.SetStatus(id, "frozen")
	if got := c.get(id).Status; got != "frozen" {
		t.Errorf("the status is %s", got)
	}
	c.patch(id, `{"apiToken":"`+another+`"}`)
	c.ReportFingerprints(false)
	if got := c.get(id).TokenFingerprint; got != nil {
		t.Errorf("Wintro reports the fingerprint %s", *got)
	}
	c.Disconnect(id)
	c.wintro(http.MethodGet, "/ats-connections/"+id, "").wantError(http.StatusNotFound, contract.CodeNotFound)
	if _, found := c.Connection(id); found || c.HoldsToken(id, another) {
		t.Error("the connection still exists after Disconnect")
	}

	byHand := c.Connect(816, "By hand", another)
	if got, found := c.Connection(byHand); !found || got.Status != contract.ConnectionActive || got.Name != "By hand" {
		t.Errorf("the connection is %+v", got)
	}
	expectPanic(t, "no connection", func() { c.Disconnect(id) })
	expectPanic(t, "no connection", func() { c.SetEnabled(id, true) })
	expectPanic(t, "cannot be empty", func() { c.SetWintroToken("") })
	expectPanic(t, `not "sometimes"`, func() { c.SetWintroAccess("sometimes") })
}

func TestWintroAccess(t *testing.T) {
	t.Parallel()
	c := start(t)
	list := func(authorization string) reply {
		t.Helper()
		response := c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", authorization)
		if challenge := response.header.Get("WWW-Authenticate"); (challenge != "") != (response.status == http.StatusUnauthorized) {
			t.Errorf("status %d with WWW-Authenticate %q", response.status, challenge)
		}
		return response
	}
	right := "Bearer " + c.WintroToken()
	for _, authorization := range []string{"", "Bearer", "Bearer wrong", "Basic " + c.WintroToken(), "Bearer " + c.Token} {
		list(authorization).wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	}
	list(right).want(http.StatusOK)
	list("bearer " + c.WintroToken()).want(http.StatusOK)
	c.SetWintroAccess(sandbox.AccessUnauthorized)
	list(right).wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	c.SetWintroAccess(sandbox.AccessForbidden)
	list(right).wantError(http.StatusForbidden, contract.CodeMissingScope)
	c.SetWintroAccess(sandbox.AccessGranted)
	list(right).want(http.StatusOK)
	c.SetWintroToken("another")
	list(right).wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	list("Bearer another").want(http.StatusOK)
}

func TestWintroPaths(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	for _, path := range []string{
		"", "/", "/elsewhere", "/ats-connections/", "/ats-connections/" + id + "/", "//ats-connections",
		"/ats-connections/" + id + "/syncs/", "/ats-connections/" + id + "/other", "/x/../ats-connections",
		"/ats-connections/%2e%2e%2fx", "/ats-connections/unknown",
	} {
		response := c.send(http.MethodGet, sandbox.WintroPath+path, "", "Authorization", "Bearer "+c.WintroToken())
		response.wantError(http.StatusNotFound, contract.CodeNotFound)
	}
	for path, allow := range map[string]string{
		"/ats-connections":                      "GET, HEAD, POST",
		"/ats-connections/" + id:                "DELETE, GET, HEAD, PATCH",
		"/ats-connections/" + id + "/syncs":     "POST",
		"/ats-connections/" + id + "/syncs/any": "GET, HEAD",
	} {
		response := c.wintro(http.MethodPut, path, "{}")
		response.wantError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED")
		if got := response.header.Get("Allow"); got != allow {
			t.Errorf("Allow is %q at %s", got, path)
		}
	}
	for _, path := range []string{"/", "/recruiteex", "/wintro", "/wintro/api", "/wintro/api/v10", "/controls"} {
		if response := c.send(http.MethodGet, path, "").want(http.StatusNotFound); response.body != "404 page not found\n" {
			t.Errorf("GET %s returns %s", path, response.body)
		}
	}
}
