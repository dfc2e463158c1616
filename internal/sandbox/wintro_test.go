package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

func TestCreateReadUpdateDelete(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := start(t, sandbox.WithClock(clock.Now))
	answer := c.create(newConnection("816", c.Token), "a key").want(http.StatusCreated)
	created := decode[contract.Connection](answer)
	fingerprint := sandbox.Fingerprint(c.Token)
	sameJSON(t, answer.body, `{"id":"`+created.ID+`","ats":"recruitee","name":"Recruitee","company_id":"816",
		"enabled":true,"status":"active","token_fingerprint":"`+fingerprint+`",
		"created_at":"2026-04-21T07:31:15.149395Z","last_synced_at":null}`)
	if read := c.get(created.ID); !reflect.DeepEqual(read, created) {
		t.Errorf("read %+v, created %+v", read, created)
	}
	if !c.HoldsToken(created.ID, c.Token) || c.HoldsToken(created.ID, "another") {
		t.Error("Wintro does not hold the token that it was sent")
	}

	renamed := c.patch(created.ID, `{"name":"Acme's Recruitee"}`)
	created.Name = "Acme's Recruitee"
	if !reflect.DeepEqual(renamed, created) {
		t.Errorf("renamed %+v, wanted %+v", renamed, created)
	}

	c.wintro(http.MethodDelete, "/ats-connections/"+created.ID, "").want(http.StatusNoContent)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		c.wintro(method, "/ats-connections/"+created.ID, "").problem(http.StatusNotFound)
	}
	c.wintro(http.MethodPatch, "/ats-connections/"+created.ID, `{"name":"x"}`).problem(http.StatusNotFound)
	c.connect()
}

func TestCreateTwice(t *testing.T) {
	t.Parallel()
	c := start(t)
	first := c.connect()
	p := c.create(newConnection("816", c.Token), "another key").problem(http.StatusConflict)
	if p.ExistingID == nil || *p.ExistingID != first.ID {
		t.Errorf("existing_id %v instead of %s", p.ExistingID, first.ID)
	}
	c.create(newConnection("817", "another token"), "a third key").want(http.StatusCreated)
}

// However many try at once, one connection is made.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t)
	const callers = 32
	answers := make(chan reply, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			request := c.request(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("816", c.Token),
				"Authorization", "Bearer "+c.WintroToken(), "Content-Type", "application/json",
				// Pairs share a key.
				"Idempotency-Key", fmt.Sprint("key ", i/2))
			answer, err := c.do(request)
			if err != nil {
				t.Error(err)
			}
			answers <- answer
		})
	}
	group.Wait()
	close(answers)
	created := 0
	for answer := range answers {
		if answer.status == http.StatusCreated {
			created++
			continue
		}
		if p := answer.problem(http.StatusConflict); p.ExistingID == nil || *p.ExistingID != c.Connections()[0].ID {
			t.Errorf("a conflict with %v", p.ExistingID)
		}
	}
	if n := len(c.Connections()); n != 1 || created != 2 {
		t.Errorf("%d connections, and %d callers were told that they made it", n, created)
	}
	if n := len(c.Requests()); n != callers {
		t.Errorf("%d requests in the log", n)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	c := start(t)
	list := func(query url.Values) contract.ConnectionPage {
		t.Helper()
		return decode[contract.ConnectionPage](
			c.wintro(http.MethodGet, "/ats-connections?"+query.Encode(), "").want(http.StatusOK))
	}
	empty := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	sameJSON(t, empty.body, `{"data":[],"next_cursor":null}`)

	var ids []string
	for i := range 7 {
		ids = append(ids, c.Connect(int64(800+i%5), fmt.Sprint("Connection ", i), "token"))
	}
	all := list(nil)
	if len(all.Data) != 7 || all.NextCursor != nil {
		t.Errorf("%d connections, next page %v", len(all.Data), all.NextCursor)
	}
	if got := list(url.Values{"ats": {"recruitee"}, "company_id": {"801"}}).Data; len(got) != 2 || got[0].ID != ids[1] ||
		got[1].ID != ids[6] {
		t.Errorf("by company: %+v", got)
	}
	if got := list(url.Values{"company_id": {"999"}}).Data; len(got) != 0 {
		t.Errorf("by an unknown company: %+v", got)
	}

	var paged []string
	query, pages := url.Values{"limit": {"3"}}, 0
	for {
		page := list(query)
		pages++
		for _, connection := range page.Data {
			paged = append(paged, connection.ID)
		}
		if page.NextCursor == nil {
			break
		}
		query.Set("cursor", *page.NextCursor)
	}
	if !reflect.DeepEqual(paged, ids) || pages != 3 {
		t.Errorf("%d pages with %v instead of %v", pages, paged, ids)
	}
	if page := list(url.Values{"limit": {"7"}}); page.NextCursor != nil {
		t.Error("another page after a full last one")
	}

	first := list(url.Values{"limit": {"2"}})
	c.Disconnect(ids[1])
	if next := list(url.Values{"limit": {"1"}, "cursor": {*first.NextCursor}}); next.Data[0].ID != ids[2] {
		t.Errorf("after a removal the next page begins with %s", next.Data[0].Name)
	}
	for _, cursor := range []string{"x", "YWZ0ZXI6", "MTI", "%%%"} {
		c.wintro(http.MethodGet, "/ats-connections?cursor="+url.QueryEscape(cursor), "").problem(http.StatusBadRequest)
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
		"fine":              {want: active},
		"mistyped token":    {before: func(c *client) { c.Token = "mistyped" }, want: invalid},
		"revoked before":    {before: func(c *client) { c.RevokeToken(c.Token) }, want: invalid},
		"owner left before": {before: func(c *client) { c.RemoveOwner(1704) }, want: invalid},
		"owner not active":  {before: func(c *client) { c.SetActive(1704, false) }, want: invalid},
		"no administrator":  {before: func(c *client) { c.SetAdministrator(1704, false) }, want: active},
		"revoked later": {
			after: func(c *client, _ string) { c.RevokeToken(c.Token) }, want: active,
		},
		"revoked later, renamed": {
			after: func(c *client, id string) {
				c.RevokeToken(c.Token)
				c.patch(id, `{"name":"x","enabled":true}`)
			}, want: active,
		},
		"revoked later, sent again": {
			after: func(c *client, id string) {
				c.RevokeToken(c.Token)
				c.patch(id, `{"api_token":"`+c.Token+`"}`)
			}, want: invalid,
		},
		"disabled": {
			after: func(c *client, id string) { c.patch(id, `{"enabled":false}`) }, want: inactive,
		},
		"disabled, new token": {
			after: func(c *client, id string) { c.patch(id, `{"enabled":false,"api_token":"mistyped"}`) }, want: inactive,
		},
		"disabled, revoked, enabled": {
			after: func(c *client, id string) {
				c.patch(id, `{"enabled":false}`)
				c.RevokeToken(c.Token)
				c.patch(id, `{"enabled":true}`)
			}, want: invalid,
		},
		"invalid, new token": {
			before: func(c *client) { c.RevokeToken(c.Token) },
			after: func(c *client, id string) {
				c.patch(id, `{"api_token":"`+c.IssueToken(816, 1704)+`"}`)
			}, want: active,
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

func TestCreateDisabled(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.StayPending(-1)
	body := strings.Replace(newConnection("816", c.Token), `"enabled":true`, `"enabled":false`, 1)
	created := decode[contract.Connection](c.create(body, "a key").want(http.StatusCreated))
	if created.Enabled || created.Status != contract.ConnectionInactive {
		t.Errorf("%+v", created)
	}
}

func TestStayPending(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.StayPending(2)
	expect := func(got, want contract.ConnectionStatus) {
		t.Helper()
		if got != want {
			t.Errorf("status %s instead of %s", got, want)
		}
	}
	created := c.connect()
	expect(created.Status, contract.ConnectionPending)
	for range 3 {
		c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
		expect(c.Connections()[0].Status, contract.ConnectionPending)
	}
	expect(c.get(created.ID).Status, contract.ConnectionPending)
	expect(c.get(created.ID).Status, contract.ConnectionPending)
	expect(c.get(created.ID).Status, contract.ConnectionActive)

	c.StayPending(1)
	expect(c.patch(created.ID, `{"api_token":"mistyped"}`).Status, contract.ConnectionPending)
	expect(c.get(created.ID).Status, contract.ConnectionPending)
	expect(c.get(created.ID).Status, contract.ConnectionInvalid)
	expect(c.patch(created.ID, `{"name":"x"}`).Status, contract.ConnectionInvalid)

	c.StayPending(-1)
	c.patch(created.ID, `{"api_token":"mistyped"}`)
	for range 5 {
		expect(c.get(created.ID).Status, contract.ConnectionPending)
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
	if got.Name != "By hand" || got.CompanyID != "817" || got.Enabled || got.Status != contract.ConnectionInactive {
		t.Errorf("%+v", got)
	}
	c.MoveToCompany(id, 816)
	c.SetEnabled(id, true)
	if got := c.get(id).Status; got != contract.ConnectionActive {
		t.Errorf("enabled again: %s", got)
	}
	another := c.IssueToken(816, 1704)
	c.SwapToken(id, another)
	if got := c.get(id); *got.TokenFingerprint != sandbox.Fingerprint(another) || got.Status != contract.ConnectionActive {
		t.Errorf("%+v", got)
	}
	c.SetStatus(id, contract.ConnectionInvalid)
	if got := c.get(id).Status; got != contract.ConnectionInvalid {
		t.Errorf("status %s", got)
	}
	// The contract check would object, and so it should.
	c.SetStatus(id, "hibernating")
	answer := c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections/"+id, "",
		"Authorization", "Bearer "+c.WintroToken())
	if got := decode[contract.Connection](answer).Status; got != "hibernating" {
		t.Errorf("status %s", got)
	}
	c.patch(id, `{"api_token":"`+another+`"}`)
	c.ReportFingerprints(false)
	if got := c.get(id).TokenFingerprint; got != nil {
		t.Errorf("fingerprint %s", *got)
	}
	c.Disconnect(id)
	c.wintro(http.MethodGet, "/ats-connections/"+id, "").problem(http.StatusNotFound)
	if _, found := c.Connection(id); found || c.HoldsToken(id, another) {
		t.Error("the connection is still there")
	}

	byHand := c.Connect(816, "By hand", another)
	if got, found := c.Connection(byHand); !found || got.Status != contract.ConnectionActive || got.Name != "By hand" {
		t.Errorf("%+v", got)
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
		answer := c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", authorization)
		if challenge := answer.header.Get("WWW-Authenticate"); (challenge != "") != (answer.status == http.StatusUnauthorized) {
			t.Errorf("status %d with WWW-Authenticate %q", answer.status, challenge)
		}
		return answer
	}
	right := "Bearer " + c.WintroToken()
	for _, authorization := range []string{"", "Bearer", "Bearer wrong", "Basic " + c.WintroToken(), "Bearer " + c.Token} {
		list(authorization).problem(http.StatusUnauthorized)
	}
	list(right).want(http.StatusOK)
	list("bearer " + c.WintroToken()).want(http.StatusOK)
	c.SetWintroAccess(sandbox.AccessUnauthorized)
	list(right).problem(http.StatusUnauthorized)
	c.SetWintroAccess(sandbox.AccessForbidden)
	list(right).problem(http.StatusForbidden)
	c.SetWintroAccess(sandbox.AccessGranted)
	list(right).want(http.StatusOK)
	c.SetWintroToken("another")
	list(right).problem(http.StatusUnauthorized)
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
		answer := c.send(http.MethodGet, sandbox.WintroPath+path, "", "Authorization", "Bearer "+c.WintroToken())
		answer.problem(http.StatusNotFound)
	}
	for path, allow := range map[string]string{
		"/ats-connections":                      "GET, HEAD, POST",
		"/ats-connections/" + id:                "DELETE, GET, HEAD, PATCH",
		"/ats-connections/" + id + "/syncs":     "POST",
		"/ats-connections/" + id + "/syncs/any": "GET, HEAD",
	} {
		answer := c.wintro(http.MethodPut, path, "{}")
		answer.problem(http.StatusMethodNotAllowed)
		if got := answer.header.Get("Allow"); got != allow {
			t.Errorf("Allow: %s at %s", got, path)
		}
	}
	for _, path := range []string{"/", "/recruiteex", "/wintro", "/wintro/api", "/wintro/api/v10", "/controls"} {
		if answer := c.send(http.MethodGet, path, "").want(http.StatusNotFound); answer.body != "404 page not found\n" {
			t.Errorf("%s answers %s", path, answer.body)
		}
	}
}

func TestWintroBodies(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.create(newConnection("816", c.Token)+"}", "a key").problem(http.StatusBadRequest)
	c.create(`{"name":"`+strings.Repeat("x", 1<<20)+`"}`, "a key").problem(http.StatusRequestEntityTooLarge)
	// The contract has room for fields that are added later.
	created := c.create(strings.Replace(newConnection("816", c.Token), "{", `{"colour":null,`, 1), "a key")
	created.want(http.StatusCreated)
	id := decode[contract.Connection](created).ID
	before := c.get(id)
	if after := c.patch(id, `{"colour":"red"}`); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	c.wintro(http.MethodPatch, "/ats-connections/"+id, `{"name":"y","api_token":""}`).problem(http.StatusUnprocessableEntity)
	if after := c.get(id); !reflect.DeepEqual(before, after) {
		t.Errorf("a refused change has changed %+v to %+v", before, after)
	}
	if encoded, _ := json.Marshal(c.Connections()); strings.Contains(string(encoded), c.Token) {
		t.Error("the token is in an answer")
	}
}
