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
	r := start(t, sandbox.WithClock(clock.Now))
	answer := r.create(newConnection("816", r.token), "a key").want(http.StatusCreated)
	created := decode[contract.Connection](answer)
	fingerprint := sandbox.Fingerprint(r.token)
	sameJSON(t, answer.body, `{"id":"`+created.ID+`","ats":"recruitee","name":"Recruitee","company_id":"816",
		"enabled":true,"status":"active","token_fingerprint":"`+fingerprint+`",
		"created_at":"2026-04-21T07:31:15.149395Z","last_synced_at":null}`)
	if read := r.get(created.ID); !reflect.DeepEqual(read, created) {
		t.Errorf("read %+v, created %+v", read, created)
	}
	if !r.box.HoldsToken(created.ID, r.token) || r.box.HoldsToken(created.ID, "another") {
		t.Error("Wintro does not hold the token that it was sent")
	}

	renamed := r.patch(created.ID, `{"name":"Acme's Recruitee"}`)
	created.Name = "Acme's Recruitee"
	if !reflect.DeepEqual(renamed, created) {
		t.Errorf("renamed %+v, wanted %+v", renamed, created)
	}

	r.wintro(http.MethodDelete, "/ats-connections/"+created.ID, "").want(http.StatusNoContent)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		r.wintro(method, "/ats-connections/"+created.ID, "").problem(http.StatusNotFound)
	}
	r.wintro(http.MethodPatch, "/ats-connections/"+created.ID, `{"name":"x"}`).problem(http.StatusNotFound)
	r.connect()
}

func TestCreateTwice(t *testing.T) {
	t.Parallel()
	r := start(t)
	first := r.connect()
	p := r.create(newConnection("816", r.token), "another key").problem(http.StatusConflict)
	if p.ExistingID == nil || *p.ExistingID != first.ID {
		t.Errorf("existing_id %v instead of %s", p.ExistingID, first.ID)
	}
	r.create(newConnection("817", "another token"), "a third key").want(http.StatusCreated)
}

// However many try at once, one link is made.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	const callers = 32
	answers := make(chan reply, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			request := r.request(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("816", r.token),
				"Authorization", "Bearer "+r.box.WintroToken(), "Content-Type", "application/json",
				// Pairs share a key.
				"Idempotency-Key", fmt.Sprint("key ", i/2))
			answer, err := r.do(request)
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
		if p := answer.problem(http.StatusConflict); p.ExistingID == nil || *p.ExistingID != r.box.Connections()[0].ID {
			t.Errorf("a conflict with %v", p.ExistingID)
		}
	}
	if n := len(r.box.Connections()); n != 1 || created != 2 {
		t.Errorf("%d connections, and %d callers were told that they made it", n, created)
	}
	if n := len(r.box.Requests()); n != callers {
		t.Errorf("%d requests in the log", n)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	r := start(t)
	list := func(query url.Values) contract.ConnectionPage {
		t.Helper()
		return decode[contract.ConnectionPage](
			r.wintro(http.MethodGet, "/ats-connections?"+query.Encode(), "").want(http.StatusOK))
	}
	empty := r.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	sameJSON(t, empty.body, `{"data":[],"next_cursor":null}`)

	var ids []string
	for i := range 7 {
		ids = append(ids, r.box.Connect(int64(800+i%5), fmt.Sprint("Link ", i), "token"))
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
	r.box.Disconnect(ids[1])
	if next := list(url.Values{"limit": {"1"}, "cursor": {*first.NextCursor}}); next.Data[0].ID != ids[2] {
		t.Errorf("after a removal the next page begins with %s", next.Data[0].Name)
	}
	for _, cursor := range []string{"x", "YWZ0ZXI6", "MTI", "%%%"} {
		r.wintro(http.MethodGet, "/ats-connections?cursor="+url.QueryEscape(cursor), "").problem(http.StatusBadRequest)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	const active, invalid, inactive = contract.ConnectionActive, contract.ConnectionInvalid, contract.ConnectionInactive
	for name, test := range map[string]struct {
		before func(*remote)
		after  func(r *remote, id string)
		want   contract.ConnectionStatus
	}{
		"fine":              {want: active},
		"mistyped token":    {before: func(r *remote) { r.token = "mistyped" }, want: invalid},
		"revoked before":    {before: func(r *remote) { r.box.RevokeToken(r.token) }, want: invalid},
		"owner left before": {before: func(r *remote) { r.box.RemoveOwner(1704) }, want: invalid},
		"owner not active":  {before: func(r *remote) { r.box.SetActive(1704, false) }, want: invalid},
		"no administrator":  {before: func(r *remote) { r.box.SetAdministrator(1704, false) }, want: active},
		"revoked later": {
			after: func(r *remote, _ string) { r.box.RevokeToken(r.token) }, want: active,
		},
		"revoked later, renamed": {
			after: func(r *remote, id string) {
				r.box.RevokeToken(r.token)
				r.patch(id, `{"name":"x","enabled":true}`)
			}, want: active,
		},
		"revoked later, sent again": {
			after: func(r *remote, id string) {
				r.box.RevokeToken(r.token)
				r.patch(id, `{"api_token":"`+r.token+`"}`)
			}, want: invalid,
		},
		"disabled": {
			after: func(r *remote, id string) { r.patch(id, `{"enabled":false}`) }, want: inactive,
		},
		"disabled, new token": {
			after: func(r *remote, id string) { r.patch(id, `{"enabled":false,"api_token":"mistyped"}`) }, want: inactive,
		},
		"disabled, revoked, enabled": {
			after: func(r *remote, id string) {
				r.patch(id, `{"enabled":false}`)
				r.box.RevokeToken(r.token)
				r.patch(id, `{"enabled":true}`)
			}, want: invalid,
		},
		"invalid, new token": {
			before: func(r *remote) { r.box.RevokeToken(r.token) },
			after: func(r *remote, id string) {
				r.patch(id, `{"api_token":"`+r.box.IssueToken(816, 1704)+`"}`)
			}, want: active,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			if test.before != nil {
				test.before(r)
			}
			id := r.connect().ID
			if test.after != nil {
				test.after(r, id)
			}
			if got := r.get(id).Status; got != test.want {
				t.Errorf("status %s instead of %s", got, test.want)
			}
		})
	}
}

func TestCreateDisabled(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.box.StayPending(-1)
	body := strings.Replace(newConnection("816", r.token), `"enabled":true`, `"enabled":false`, 1)
	created := decode[contract.Connection](r.create(body, "a key").want(http.StatusCreated))
	if created.Enabled || created.Status != contract.ConnectionInactive {
		t.Errorf("%+v", created)
	}
}

func TestStayPending(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.box.StayPending(2)
	expect := func(got, want contract.ConnectionStatus) {
		t.Helper()
		if got != want {
			t.Errorf("status %s instead of %s", got, want)
		}
	}
	created := r.connect()
	expect(created.Status, contract.ConnectionPending)
	for range 3 {
		r.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
		expect(r.box.Connections()[0].Status, contract.ConnectionPending)
	}
	expect(r.get(created.ID).Status, contract.ConnectionPending)
	expect(r.get(created.ID).Status, contract.ConnectionPending)
	expect(r.get(created.ID).Status, contract.ConnectionActive)

	r.box.StayPending(1)
	expect(r.patch(created.ID, `{"api_token":"mistyped"}`).Status, contract.ConnectionPending)
	expect(r.get(created.ID).Status, contract.ConnectionPending)
	expect(r.get(created.ID).Status, contract.ConnectionInvalid)
	expect(r.patch(created.ID, `{"name":"x"}`).Status, contract.ConnectionInvalid)

	r.box.StayPending(-1)
	r.patch(created.ID, `{"api_token":"mistyped"}`)
	for range 5 {
		expect(r.get(created.ID).Status, contract.ConnectionPending)
	}
}

func TestDrift(t *testing.T) {
	t.Parallel()
	r := start(t)
	created := r.connect()
	id := created.ID

	r.box.Relabel(id, "By hand")
	r.box.MoveToCompany(id, 817)
	r.box.SetEnabled(id, false)
	got := r.get(id)
	if got.Name != "By hand" || got.CompanyID != "817" || got.Enabled || got.Status != contract.ConnectionInactive {
		t.Errorf("%+v", got)
	}
	r.box.MoveToCompany(id, 816)
	r.box.SetEnabled(id, true)
	if got := r.get(id).Status; got != contract.ConnectionActive {
		t.Errorf("enabled again: %s", got)
	}
	another := r.box.IssueToken(816, 1704)
	r.box.SwapToken(id, another)
	if got := r.get(id); *got.TokenFingerprint != sandbox.Fingerprint(another) || got.Status != contract.ConnectionActive {
		t.Errorf("%+v", got)
	}
	r.box.SetStatus(id, contract.ConnectionInvalid)
	if got := r.get(id).Status; got != contract.ConnectionInvalid {
		t.Errorf("status %s", got)
	}
	// The contract check would object, and so it should.
	r.box.SetStatus(id, "hibernating")
	answer := r.send(http.MethodGet, sandbox.WintroPath+"/ats-connections/"+id, "",
		"Authorization", "Bearer "+r.box.WintroToken())
	if got := decode[contract.Connection](answer).Status; got != "hibernating" {
		t.Errorf("status %s", got)
	}
	r.patch(id, `{"api_token":"`+another+`"}`)
	r.box.ReportFingerprints(false)
	if got := r.get(id).TokenFingerprint; got != nil {
		t.Errorf("fingerprint %s", *got)
	}
	r.box.Disconnect(id)
	r.wintro(http.MethodGet, "/ats-connections/"+id, "").problem(http.StatusNotFound)
	if _, found := r.box.Connection(id); found || r.box.HoldsToken(id, another) {
		t.Error("the connection is still there")
	}

	byHand := r.box.Connect(816, "By hand", another)
	if got, found := r.box.Connection(byHand); !found || got.Status != contract.ConnectionActive || got.Name != "By hand" {
		t.Errorf("%+v", got)
	}
	expectPanic(t, "no connection", func() { r.box.Disconnect(id) })
	expectPanic(t, "no connection", func() { r.box.SetEnabled(id, true) })
	expectPanic(t, "cannot be empty", func() { r.box.SetWintroToken("") })
	expectPanic(t, `not "sometimes"`, func() { r.box.SetWintroAccess("sometimes") })
}

func TestWintroAccess(t *testing.T) {
	t.Parallel()
	r := start(t)
	list := func(authorization string) reply {
		t.Helper()
		answer := r.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", authorization)
		if challenge := answer.header.Get("WWW-Authenticate"); (challenge != "") != (answer.status == http.StatusUnauthorized) {
			t.Errorf("status %d with WWW-Authenticate %q", answer.status, challenge)
		}
		return answer
	}
	right := "Bearer " + r.box.WintroToken()
	for _, authorization := range []string{"", "Bearer", "Bearer wrong", "Basic " + r.box.WintroToken(), "Bearer " + r.token} {
		list(authorization).problem(http.StatusUnauthorized)
	}
	list(right).want(http.StatusOK)
	list("bearer " + r.box.WintroToken()).want(http.StatusOK)
	r.box.SetWintroAccess(sandbox.AccessUnauthorized)
	list(right).problem(http.StatusUnauthorized)
	r.box.SetWintroAccess(sandbox.AccessForbidden)
	list(right).problem(http.StatusForbidden)
	r.box.SetWintroAccess(sandbox.AccessGranted)
	list(right).want(http.StatusOK)
	r.box.SetWintroToken("another")
	list(right).problem(http.StatusUnauthorized)
	list("Bearer another").want(http.StatusOK)
}

func TestWintroPaths(t *testing.T) {
	t.Parallel()
	r := start(t)
	id := r.connect().ID
	for _, path := range []string{
		"", "/", "/elsewhere", "/ats-connections/", "/ats-connections/" + id + "/", "//ats-connections",
		"/ats-connections/" + id + "/syncs/", "/ats-connections/" + id + "/other", "/x/../ats-connections",
		"/ats-connections/%2e%2e%2fx", "/ats-connections/unknown",
	} {
		answer := r.send(http.MethodGet, sandbox.WintroPath+path, "", "Authorization", "Bearer "+r.box.WintroToken())
		answer.problem(http.StatusNotFound)
	}
	for path, allow := range map[string]string{
		"/ats-connections":                      "GET, HEAD, POST",
		"/ats-connections/" + id:                "DELETE, GET, HEAD, PATCH",
		"/ats-connections/" + id + "/syncs":     "POST",
		"/ats-connections/" + id + "/syncs/any": "GET, HEAD",
	} {
		answer := r.wintro(http.MethodPut, path, "{}")
		answer.problem(http.StatusMethodNotAllowed)
		if got := answer.header.Get("Allow"); got != allow {
			t.Errorf("Allow: %s at %s", got, path)
		}
	}
	for _, path := range []string{"/", "/recruiteex", "/wintro", "/wintro/api", "/wintro/api/v10", "/controls"} {
		if answer := r.send(http.MethodGet, path, "").want(http.StatusNotFound); answer.body != "404 page not found\n" {
			t.Errorf("%s answers %s", path, answer.body)
		}
	}
}

func TestWintroBodies(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.create(newConnection("816", r.token)+"}", "a key").problem(http.StatusBadRequest)
	r.create(`{"name":"`+strings.Repeat("x", 1<<20)+`"}`, "a key").problem(http.StatusRequestEntityTooLarge)
	// The contract has room for fields that are added later.
	created := r.create(strings.Replace(newConnection("816", r.token), "{", `{"colour":null,`, 1), "a key")
	created.want(http.StatusCreated)
	id := decode[contract.Connection](created).ID
	before := r.get(id)
	if after := r.patch(id, `{"colour":"red"}`); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v, after %+v", before, after)
	}
	r.wintro(http.MethodPatch, "/ats-connections/"+id, `{"name":"y","api_token":""}`).problem(http.StatusUnprocessableEntity)
	if after := r.get(id); !reflect.DeepEqual(before, after) {
		t.Errorf("a refused change has changed %+v to %+v", before, after)
	}
	if encoded, _ := json.Marshal(r.box.Connections()); strings.Contains(string(encoded), r.token) {
		t.Error("the token is in an answer")
	}
}
