package sandbox_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The conformance checks, which also run against the sandbox, send most other invalid requests.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	c := start(t)
	one := "/ats-connections/" + c.connect().ID
	c.wintro(http.MethodPatch, one, "").wantError(http.StatusBadRequest, contract.CodeBadRequest)
	for path, field := range map[string]string{
		"/ats-connections?page=1&page=2":     "page",
		"/ats-connections?atsCompanyId=acme": "atsCompanyId",
	} {
		e := c.wintro(http.MethodGet, path, "").wantError(http.StatusBadRequest, contract.CodeBadRequest)
		if e.Fields == nil || len(*e.Fields) != 1 || (*e.Fields)[0].Field != field {
			t.Errorf("GET %s: the error has the fields %v instead of %s", path, e.Fields, field)
		}
	}
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

// A fault can edit the items of a list. It ignores an edit of an item that doesn't exist.
func TestEditList(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.AddConnections(2)
	ids := c.Connections()
	if ids[1].Name != "Recruitee 1000001" || ids[1].AtsCompanyName == nil || *ids[1].AtsCompanyName != "Company 1000001" {
		t.Errorf("the second connection is %+v", ids[1])
	}
	c.Fail(sandbox.Fault{Path: "/ats-connections$", Edit: map[string]any{
		"data.0.status": nil, "data.1.id": ids[0].ID, "data.9.id": "x", "meta.pagination.totalPages": 9,
	}})
	response := c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", "Bearer "+c.WintroToken())
	page := decode[contract.ConnectionListResponse](response.want(http.StatusOK))
	if page.Data[0].Status != "" || page.Data[1].ID != ids[0].ID || page.Data[1].Status == "" || page.Meta.Pagination.TotalPages != 9 {
		t.Errorf("the edited list is %s", response.body)
	}
}

// Two organisations can use the same Idempotency-Key. A conflict doesn't reveal the ID of another organisation's
// connection.
func TestConflictWithOtherOrganisation(t *testing.T) {
	t.Parallel()
	c := start(t)
	other := c.AddOrganisation("Other")
	c.connect()
	e := c.wintro(http.MethodPost, "/ats-connections", newConnection("816", c.Token),
		"Authorization", "Bearer "+other.Token, "Idempotency-Key", "connect").wantError(http.StatusConflict, contract.CodeAlreadyLinked)
	if e.ConnectionID != nil {
		t.Errorf("the error contains the connection's ID %s", *e.ConnectionID)
	}
}

func TestScopesAndReadOnlyTokens(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.RevokeScope(c.WintroToken(), contract.ScopeWrite)
	e := c.create(newConnection("816", c.Token), "key").wantError(http.StatusForbidden, contract.CodeMissingScope)
	if !strings.Contains(e.Message, contract.ScopeWrite) {
		t.Errorf("the message does not name the scope: %s", e.Message)
	}
	for range 2 {
		c.GrantScope(c.WintroToken(), contract.ScopeWrite)
	}
	if got := c.Organisations()[0].Scopes; !slices.Equal(got, []string{contract.ScopeRead, contract.ScopeWrite}) {
		t.Errorf("the scopes are %v", got)
	}

	c.OfferConnectionsAPI(false)
	old, current := c.IssueReadOnlyToken(), c.IssueReadOnlyToken()
	list := func(token string) reply {
		return c.wintro(http.MethodGet, "/ats-connections", "", "Authorization", "Bearer "+token)
	}
	list(old).wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	list(current).wantError(http.StatusNotFound, contract.CodeNotFound)
}

// A connection's status changes only when Wintro logs in to Recruitee.
func TestStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(*client)
		want    contract.ConnectionStatus
	}{
		"user left":            {func(c *client) { c.RemoveOwner(sandbox.SeedOwnerID) }, contract.ConnectionInvalid},
		"user not active":      {func(c *client) { c.SetActive(sandbox.SeedOwnerID, false) }, contract.ConnectionInvalid},
		"not an Administrator": {func(c *client) { c.SetAdministrator(sandbox.SeedOwnerID, false) }, contract.ConnectionActive},
		"token of another company": {func(c *client) {
			other := c.AddCompany(sandbox.Company{ID: 817})
			c.Token = c.IssueToken(other.ID, c.AddOwner(sandbox.Owner{CompanyID: other.ID}).ID)
		}, contract.ConnectionInvalid},
	} {
		c := start(t)
		id := c.connect().ID
		test.happens(c)
		if got := c.patch(id, `{"name":"x","enabled":true}`).Status; got != contract.ConnectionActive {
			t.Errorf("%s: without a login, the status changed to %s", name, got)
		}
		if got := c.patch(id, `{"apiToken":"`+c.Token+`"}`).Status; got != test.want {
			t.Errorf("%s: after a login, the status is %s instead of %s", name, got, test.want)
		}
	}
}

func TestStayPending(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	c.StayPending(1)
	get := func() contract.Connection { return c.get(id) }
	patch := func(body string) func() contract.Connection {
		return func() contract.Connection { return c.patch(id, body) }
	}
	for i, step := range []struct {
		call func() contract.Connection
		want contract.ConnectionStatus
	}{
		{patch(`{"enabled":true}`), contract.ConnectionActive},
		{patch(`{"enabled":false}`), contract.ConnectionInactive},
		{patch(`{"enabled":true}`), contract.ConnectionPending},
		{func() contract.Connection { return c.Connections()[0] }, contract.ConnectionPending},
		{get, contract.ConnectionPending},
		{get, contract.ConnectionActive},
		{patch(`{"apiToken":"mistyped"}`), contract.ConnectionPending},
		{patch(`{"enabled":false}`), contract.ConnectionInactive},
	} {
		if got := step.call().Status; got != step.want {
			t.Errorf("step %d: the status is %s instead of %s", i, got, step.want)
		}
	}
}

func TestChangesByHand(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	c.MoveToCompany(id, 817)
	if got := c.get(id); got.AtsCompanyID != "817" || got.AtsCompanyName != nil {
		t.Errorf("after a move to an unknown company, the connection is %+v", got)
	}
	c.MoveToCompany(id, sandbox.SeedCompanyID)
	c.RenameCompany(sandbox.SeedCompanyID, "Acme Holding")
	if got := c.get(id).AtsCompanyName; got == nil || *got != "Acme" {
		t.Errorf("before a sync, the company's name is %v instead of Acme", got)
	}
	c.SwapToken(id, "mistyped")
	if got := c.get(id).Status; got != contract.ConnectionInvalid || c.HoldsToken(id, c.Token) {
		t.Errorf("after a swap of the token, the status is %s", got)
	}
}

func TestWintroAuthorization(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.wintro(http.MethodGet, "/ats-connections", "", "Authorization", "bearer "+c.WintroToken()).want(http.StatusOK)
	c.SetWintroRateLimit(1, time.Minute)
	refused := c.wintro(http.MethodGet, "/elsewhere", "", "Authorization", "Bearer wrong")
	refused.wantError(http.StatusUnauthorized, contract.CodeUnauthorized)
	if refused.header.Get("WWW-Authenticate") != "Bearer" || refused.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("a wrong token gets a response with the header %v", refused.header)
	}
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
			t.Errorf("GET %s returns the body %s", path, response.body)
		}
	}
}

// An Idempotency-Key is valid for 24 hours, even if the connection no longer exists. The conformance checks cover the
// other rules for keys.
func TestIdempotencyPeriod(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		first := c.connect()
		c.Disconnect(first.ID)
		time.Sleep(24*time.Hour - 1)
		if again := c.connect(); !reflect.DeepEqual(again, first) || len(c.Connections()) > 0 {
			t.Errorf("the second response is %+v, but the first was %+v", again, first)
		}
		time.Sleep(time.Nanosecond)
		if again := c.connect(); again.ID == first.ID {
			t.Error("the key is still valid after 24 hours")
		}
	})
}

// The conformance checks cover the other rules for the rate limit.
func TestWintroRateLimitReset(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		const window = 20 * time.Millisecond
		c.SetWintroRateLimit(1, window)
		end := time.Now().Add(window)
		got := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK).header.Get("X-RateLimit-Reset")
		if reset, err := strconv.ParseInt(got, 10, 64); err != nil || time.Unix(reset, 0).Before(end) {
			t.Errorf("the reset at %s is earlier than the end of the window, %s", got, end)
		}
	})
}

// If a fault keeps Wintro from carrying out a request, the request doesn't count towards the rate limit.
func TestWintroRateLimitWithFaults(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.SetWintroRateLimit(2, time.Hour)
	for _, fault := range []sandbox.Fault{{Status: http.StatusBadGateway, Times: 5}, {Kind: sandbox.WrongShape, Times: 1}} {
		c.Fail(fault)
	}
	get := func() reply {
		t.Helper()
		return c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", "Bearer "+c.WintroToken())
	}
	for range 5 {
		get().want(http.StatusBadGateway)
	}
	get().want(http.StatusOK)
	get().want(http.StatusOK)
	get().want(http.StatusTooManyRequests)
}

func (c *client) startSync(id string) contract.Sync {
	c.t.Helper()
	return decodeData[contract.Sync](c.wintro(http.MethodPost, "/ats-connections/"+id+"/syncs", "").want(http.StatusAccepted))
}

func (c *client) followSync(id, sync string) reply {
	c.t.Helper()
	return c.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/"+sync, "")
}

func TestSyncOfAnotherConnection(t *testing.T) {
	t.Parallel()
	c := start(t)
	started := c.startSync(c.connect().ID)
	other := c.Connect(817, "Globex", "token")
	c.followSync(other, started.ID).wantError(http.StatusNotFound, contract.CodeNotFound)
}

func TestSyncWithRevokedToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	started := c.startSync(id)
	c.RevokeToken(c.Token)
	var got contract.Sync
	for range 3 {
		got = decodeData[contract.Sync](c.followSync(id, started.ID).want(http.StatusOK))
	}
	if got.Status != contract.SyncFailed || got.Error == nil || *got.Error != "Recruitee rejected the API token." || got.FinishedAt == nil {
		t.Errorf("the failed sync is %+v", got)
	}
	if after := c.get(id); after.LastSyncedAt != nil || after.Status != contract.ConnectionActive {
		t.Errorf("after the failed sync, the connection is %+v", after)
	}
}
