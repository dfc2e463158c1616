package wintro_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestClientSendsRequests(t *testing.T) {
	t.Parallel()
	const all, one = "/api/v1/ats-connections", "/api/v1/ats-connections/con_1-A"
	call := func(name string) func(context.Context, *remote) (any, error) { return calls[name].do }
	create := func(connection wintro.NewConnection) func(context.Context, *remote) (any, error) {
		return func(ctx context.Context, r *remote) (any, error) { return r.Create(ctx, "one key", connection) }
	}
	update := func(change wintro.ConnectionChange) func(context.Context, *remote) (any, error) {
		return func(ctx context.Context, r *remote) (any, error) { return r.Update(ctx, "con_1-A", change) }
	}
	listPage := func(company string, page int) func(context.Context, *remote) (any, error) {
		return func(ctx context.Context, r *remote) (any, error) { return r.ListPage(ctx, company, page) }
	}
	connection := envelope(connectionJSON)
	for name, test := range map[string]struct {
		call       func(context.Context, *remote) (any, error)
		response   http.HandlerFunc
		want, body string
	}{
		"Get": {call("Get"), success(200, connection), "GET " + one, ``},
		"Create": {call("Create"), success(201, connection), "POST " + all,
			`{"ats":"recruitee","name":"Acme's Recruitee","atsCompanyId":"816","apiToken":"` + recruiteeToken + `","enabled":true}`},
		"Create, disabled": {create(wintro.NewConnection{Ats: wintro.Recruitee, Name: "Acme", AtsCompanyID: "816", APIToken: recruiteeToken}), success(201, connection), "POST " + all,
			`{"ats":"recruitee","name":"Acme","atsCompanyId":"816","apiToken":"` + recruiteeToken + `","enabled":false}`},
		"Update nothing": {update(wintro.ConnectionChange{}), success(200, connection), "PATCH " + one, `{}`},
		"Update name":    {update(wintro.ConnectionChange{Name: new("New")}), success(200, connection), "PATCH " + one, `{"name":"New"}`},
		"Update enabled": {update(wintro.ConnectionChange{Enabled: new(false)}), success(200, connection), "PATCH " + one, `{"enabled":false}`},
		"Update all": {update(wintro.ConnectionChange{Name: new("New"), Enabled: new(true), APIToken: new(recruiteeToken)}), success(200, connection), "PATCH " + one,
			`{"name":"New","enabled":true,"apiToken":"` + recruiteeToken + `"}`},
		"Delete":                  {call("Delete"), transporttest.Answer(204, "", ""), "DELETE " + one, ``},
		"ListPage of one company": {listPage("816", 1), success(200, wholeList()), "GET " + all + "?ats=recruitee&atsCompanyId=816&page=1&pageSize=100", ``},
		"ListPage of all":         {listPage("", 3), success(200, pageBody(3, 3, 200)), "GET " + all + "?ats=recruitee&page=3&pageSize=100", ``},
		"StartSync":               {call("StartSync"), success(202, envelope(syncJSON)), "POST " + one + "/syncs", ``},
		"GetSync":                 {call("GetSync"), success(200, envelope(syncJSON)), "GET " + one + "/syncs/syn_1-A", ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, test.response)
			if _, err := test.call(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			sent := r.Requests()
			if len(sent) != 1 {
				t.Fatalf("%d requests", len(sent))
			}
			same(t, sent[0].Method+" "+sent[0].URI, test.want)
			same(t, decodeJSON(t, sent[0].Body), decodeJSON(t, test.body))
			want := map[string]string{"Authorization": "Bearer " + wintroToken, "Accept": "application/json", "User-Agent": "the user agent", "Cookie": "", "Content-Type": "", "Idempotency-Key": ""}
			if test.body != "" {
				want["Content-Type"] = "application/json"
			}
			if strings.HasPrefix(name, "Create") {
				want["Idempotency-Key"] = "one key"
			}
			for name, value := range want {
				same(t, name+": "+sent[0].Header.Get(name), name+": "+value)
			}
		})
	}
}

// decodeJSON returns the decoded text, or nil if the text is empty.
func decodeJSON(t *testing.T, text string) (decoded any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &decoded); err != nil && text != "" {
		t.Fatalf("%v in %q", err, text)
	}
	return decoded
}

func TestCreateRepeatsRequestOnlyWithSameKey(t *testing.T) {
	t.Parallel()
	inUse, created := refusal(409, "IDEMPOTENCY_KEY_IN_USE", "The first request is in flight."), success(201, envelope(connectionJSON))
	for name, test := range map[string]struct {
		responses []http.HandlerFunc
		requests  int
		code      string
	}{
		"lost responses":              {[]http.HandlerFunc{transporttest.LoseAnswer, transporttest.Answer(502, "", ""), created}, 3, ""},
		"key in use, then a response": {[]http.HandlerFunc{transporttest.LoseAnswer, inUse, created}, 3, ""},
		"key in use":                  {[]http.HandlerFunc{inUse}, 3, "IDEMPOTENCY_KEY_IN_USE"},
		"key of another request":      {[]http.HandlerFunc{refusal(409, "IDEMPOTENCY_KEY_REUSED", "The body differs.")}, 1, "IDEMPOTENCY_KEY_REUSED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, test.responses...)
			got, err := calls["Create"].do(t.Context(), r)
			checkOneKey(t, r, test.requests)
			if test.code == "" {
				same(t, err, nil)
				same(t, got, connected())
				return
			}
			same(t, typed[*wintro.APIError](t, err).Code, test.code)
			isNothing(t, got)
		})
	}
	t.Run("StartSync, which has no key", func(t *testing.T) {
		t.Parallel()
		r := newRemote(t, inUse)
		_, err := calls["StartSync"].do(t.Context(), r)
		_ = typed[*wintro.APIError](t, err)
		same(t, len(r.Requests()), 1)
	})
}

// checkOneKey checks the number of requests, and that all requests have the same key and body.
func checkOneKey(t *testing.T, r *remote, requests int) {
	t.Helper()
	sent := r.Requests()
	same(t, len(sent), requests)
	for _, attempt := range sent {
		same(t, attempt.Header.Get("Idempotency-Key"), "one key")
		same(t, attempt.Body, sent[0].Body)
	}
}

func TestInvalidRequestIsAnError(t *testing.T) {
	t.Parallel()
	httpClient := transport.New(transport.Options{System: wintro.System, RequestTimeout: time.Second})
	r := &remote{Client: wintro.New(&url.URL{Scheme: "https", Host: "wrong host"}, wintroToken, httpClient)}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := call.do(t.Context(), r)
			same(t, typed[*transport.UnavailableError](t, err).Error(), "Wintro gave no usable response: the request can't be made")
			isNothing(t, got)
		})
	}
}

func TestClientSendsNoRequestForAnInvalidID(t *testing.T) {
	t.Parallel()
	r := newRemote(t, success(202, envelope(syncJSON)))
	for _, id := range []string{"", "..", "../ats-connections/con_1", recruiteeToken[:8] + "/" + recruiteeToken[8:]} {
		_, err := r.StartSync(t.Context(), id)
		same(t, typed[*transport.UnavailableError](t, err).Error(), "Wintro gave no usable response: the request can't be made")
	}
	same(t, len(r.Requests()), 0)
}

// withOrganisation returns the body of a success with this meta.organisationId.
func withOrganisation(body, organisation string) string {
	return body[:len(body)-len("}}")] + `,"organisationId":` + organisation + `}}`
}

func TestOrganisation(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		t.Run("from "+name, func(t *testing.T) {
			t.Parallel()
			if name == "Delete" {
				return
			}
			r := newRemote(t, success(call.status, withOrganisation(call.body, `"org_1-A"`)))
			same(t, r.Organisation(), "")
			_, err := call.do(t.Context(), r)
			same(t, err, nil)
			same(t, r.Organisation(), "org_1-A")
		})
	}
	get := func(organisation string) http.HandlerFunc {
		return success(200, withOrganisation(envelope(connectionJSON), organisation))
	}
	expect := func(t *testing.T, r *remote, organisations ...string) {
		t.Helper()
		for _, want := range organisations {
			got, err := calls["Get"].do(t.Context(), r)
			same(t, err, nil)
			same(t, got, connected())
			same(t, r.Organisation(), want)
		}
	}
	for name, organisation := range map[string]string{
		"empty":            `""`,
		"a path":           `"../org"`,
		"a number":         `5`,
		"a huge number":    `1e400`,
		"an object":        `{"id":"org_2"}`,
		"the Wintro token": `"` + wintroToken + `"`,
	} {
		t.Run("ignores "+name, func(t *testing.T) {
			t.Parallel()
			expect(t, newRemote(t, get(organisation), get(`"org_1"`), get(organisation)), "", "org_1", "org_1")
		})
	}
	t.Run("the last ID counts", func(t *testing.T) {
		t.Parallel()
		expect(t, newRemote(t, get(`"org_1"`), get(`"org_2"`), success(200, envelope(connectionJSON))), "org_1", "org_2", "org_2")
	})
	t.Run("ignores an ID in an error", func(t *testing.T) {
		t.Parallel()
		r := newRemote(t, success(404, `{"data":`+connectionJSON+`,"error":{"code":"NOT_FOUND","message":"No."},"meta":{"organisationId":"org_1"}}`))
		_, err := calls["Get"].do(t.Context(), r)
		_ = typed[*wintro.APIError](t, err)
		same(t, r.Organisation(), "")
	})
}
