package wintro_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestTheRequestOf(t *testing.T) {
	t.Parallel()
	const one = "/api/v1/ats-connections/con_1-A"
	update := func(change wintro.ConnectionChange) func(context.Context, *remote) error {
		return func(ctx context.Context, r *remote) error {
			_, err := r.Update(ctx, "con_1-A", change)
			return err
		}
	}
	create := func(key string, connection wintro.NewConnection) func(context.Context, *remote) error {
		return func(ctx context.Context, r *remote) error {
			_, err := r.Create(ctx, key, connection)
			return err
		}
	}
	listPage := func(company string, page int) func(context.Context, *remote) error {
		return func(ctx context.Context, r *remote) error {
			_, err := r.ListPage(ctx, company, page)
			return err
		}
	}
	list := func(company string) func(context.Context, *remote) error {
		return func(ctx context.Context, r *remote) error {
			_, err := r.List(ctx, company, 0)
			return err
		}
	}
	for name, test := range map[string]struct {
		call              func(context.Context, *remote) error
		answer            http.HandlerFunc
		method, uri, body string
		idempotencyKey    string
	}{
		"Get": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Get(ctx, "con_1-A")
				return err
			},
			answer: success(200, envelope(connectionJSON)), method: http.MethodGet, uri: one,
		},
		"Create": {
			call: create("one key", wintro.NewConnection{
				Ats: wintro.Recruitee, Name: "Acme's Recruitee", AtsCompanyID: "816", APIToken: recruiteeToken, Enabled: true,
			}),
			answer: success(201, envelope(connectionJSON)), method: http.MethodPost, uri: "/api/v1/ats-connections", idempotencyKey: "one key",
			body: `{"ats":"recruitee","name":"Acme's Recruitee","atsCompanyId":"816","apiToken":"` + recruiteeToken + `","enabled":true}`,
		},
		"Create of what is not enabled": {
			call:   create("another key", wintro.NewConnection{Ats: wintro.Recruitee, Name: "Recruitee", AtsCompanyID: "816", APIToken: recruiteeToken}),
			answer: success(201, envelope(connectionJSON)), method: http.MethodPost, uri: "/api/v1/ats-connections", idempotencyKey: "another key",
			body: `{"ats":"recruitee","name":"Recruitee","atsCompanyId":"816","apiToken":"` + recruiteeToken + `","enabled":false}`,
		},
		"Update of nothing": {
			call:   update(wintro.ConnectionChange{}),
			answer: success(200, envelope(connectionJSON)), method: http.MethodPatch, uri: one, body: `{}`,
		},
		"Update of the name": {
			call:   update(wintro.ConnectionChange{Name: new("New")}),
			answer: success(200, envelope(connectionJSON)), method: http.MethodPatch, uri: one, body: `{"name":"New"}`,
		},
		"Update of enabled to false": {
			call:   update(wintro.ConnectionChange{Enabled: new(false)}),
			answer: success(200, envelope(connectionJSON)), method: http.MethodPatch, uri: one, body: `{"enabled":false}`,
		},
		"Update of everything": {
			call:   update(wintro.ConnectionChange{Name: new("New"), Enabled: new(true), APIToken: new(recruiteeToken)}),
			answer: success(200, envelope(connectionJSON)), method: http.MethodPatch, uri: one,
			body: `{"name":"New","enabled":true,"apiToken":"` + recruiteeToken + `"}`,
		},
		"Delete": {
			call:   func(ctx context.Context, r *remote) error { return r.Delete(ctx, "con_1-A") },
			answer: transporttest.Answer(204, "", ""), method: http.MethodDelete, uri: one,
		},
		"ListPage of one company": {
			call:   listPage("816", 1),
			answer: success(200, wholeList()), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&atsCompanyId=816&page=1&pageSize=100",
		},
		"ListPage of all": {
			call:   listPage("", 3),
			answer: success(200, pageBody(3, 3, 200)), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&page=3&pageSize=100",
		},
		"List of one company": {
			call:   list("816"),
			answer: success(200, wholeList()), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&atsCompanyId=816&page=1&pageSize=100",
		},
		"List of all": {
			call:   list(""),
			answer: success(200, wholeList()), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&page=1&pageSize=100",
		},
		"StartSync": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.StartSync(ctx, "con_1-A")
				return err
			},
			answer: success(202, envelope(syncJSON)), method: http.MethodPost, uri: one + "/syncs",
		},
		"GetSync": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.GetSync(ctx, "con_1-A", "syn_1-A")
				return err
			},
			answer: success(200, envelope(syncJSON)), method: http.MethodGet, uri: one + "/syncs/syn_1-A",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, test.answer)
			if err := test.call(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			sent := r.Requests()
			if len(sent) != 1 {
				t.Fatalf("%d requests", len(sent))
			}
			same(t, sent[0].Method+" "+sent[0].URI, test.method+" "+test.uri)
			sameJSON(t, sent[0].Body, test.body)
			contentType := ""
			if test.body != "" {
				contentType = "application/json"
			}
			for name, want := range map[string]string{
				"Authorization":   "Bearer " + wintroToken,
				"Accept":          "application/json",
				"User-Agent":      "the user agent",
				"Content-Type":    contentType,
				"Idempotency-Key": test.idempotencyKey,
				"Cookie":          "",
			} {
				if got := sent[0].Header.Get(name); got != want {
					t.Errorf("%s is %q instead of %q", name, got, want)
				}
			}
		})
	}
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	if want == "" {
		same(t, got, "")
		return
	}
	var decoded, wanted any
	if err := json.Unmarshal([]byte(got), &decoded); err != nil {
		t.Fatalf("%v in %q", err, got)
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	same(t, decoded, wanted)
}

func TestALostAnswerToCreateMakesNoSecondConnection(t *testing.T) {
	t.Parallel()
	r := answering(t, transporttest.LoseAnswer, transporttest.Answer(502, "", ""), success(201, envelope(connectionJSON)))
	created, err := calls["Create"].do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	same(t, created, connected())
	checkOneKey(t, r, 3)
}

func TestCreateIsTriedAgainWhileItsKeyIsInUse(t *testing.T) {
	t.Parallel()
	inUse := refusal(409, "IDEMPOTENCY_KEY_IN_USE", "The first request is under way.")
	t.Run("until the first request is done", func(t *testing.T) {
		t.Parallel()
		r := answering(t, transporttest.LoseAnswer, inUse, success(201, envelope(connectionJSON)))
		created, err := calls["Create"].do(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		same(t, created, connected())
		checkOneKey(t, r, 3)
	})
	t.Run("but not forever", func(t *testing.T) {
		t.Parallel()
		r := answering(t, inUse)
		created, err := calls["Create"].do(t.Context(), r)
		same(t, typed[*wintro.APIError](t, err).Error(), "Wintro returned 409, IDEMPOTENCY_KEY_IN_USE: The first request is under way")
		isNothing(t, created)
		checkOneKey(t, r, 3)
	})
	t.Run("and not when it was used for something else", func(t *testing.T) {
		t.Parallel()
		r := answering(t, refusal(409, "IDEMPOTENCY_KEY_REUSED", "The body differs."))
		_, err := calls["Create"].do(t.Context(), r)
		same(t, typed[*wintro.APIError](t, err).Code, "IDEMPOTENCY_KEY_REUSED")
		checkOneKey(t, r, 1)
	})
	t.Run("and StartSync, which has no key, is not", func(t *testing.T) {
		t.Parallel()
		r := answering(t, inUse)
		_, err := calls["StartSync"].do(t.Context(), r)
		_ = typed[*wintro.APIError](t, err)
		same(t, len(r.Requests()), 1)
	})
}

// checkOneKey checks that there were as many requests as this, all of them the same.
func checkOneKey(t *testing.T, r *remote, requests int) {
	t.Helper()
	sent := r.Requests()
	same(t, len(sent), requests)
	for _, attempt := range sent {
		same(t, attempt.Header.Get("Idempotency-Key"), "one key")
		same(t, attempt.Body, sent[0].Body)
	}
}

func TestARequestThatCannotBeMade(t *testing.T) {
	t.Parallel()
	http := transport.New(transport.Options{System: wintro.System, RequestTimeout: time.Second})
	t.Cleanup(http.Close)
	r := &remote{Client: wintro.New(&url.URL{Scheme: "https", Host: "wrong host"}, wintroToken, http)}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := call.do(t.Context(), r)
			same(t, typed[*transport.UnavailableError](t, err).Error(), "Wintro gave no usable response: the request can't be made")
			isNothing(t, got)
		})
	}
}

// withOrganisation is the body of a success whose meta says this of the organisation.
func withOrganisation(body, organisation string) string {
	return body[:len(body)-len("}}")] + `,"organisationId":` + organisation + `}}`
}

func TestOrganisation(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		if name == "Delete" {
			continue
		}
		t.Run("remembered from "+name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, success(call.status, withOrganisation(call.body, `"org_1-A"`)))
			same(t, r.Organisation(), "")
			if _, err := call.do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			same(t, r.Organisation(), "org_1-A")
		})
	}
	for name, organisation := range map[string]string{
		"empty":                `""`,
		"null":                 `null`,
		"a path":               `"../org"`,
		"too long":             `"` + long('o') + `"`,
		"an escape sequence":   `"\u001b[2J"`,
		"a number":             `5`,
		"an object":            `{"id":"org_2"}`,
		"a list":               `["org_2"]`,
		"a flag":               `true`,
		"a huge number":        `1e400`,
		"the token of Wintro":  `"` + wintroToken + `"`,
		"in it the token":      `"org_` + wintroToken + `"`,
		"there under its name": `null,"organizationId":"org_2"`,
	} {
		t.Run("ignored if it is "+name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, success(200, withOrganisation(envelope(connectionJSON), organisation)), success(200, withOrganisation(envelope(connectionJSON), `"org_1"`)),
				success(200, withOrganisation(envelope(connectionJSON), organisation)))
			for _, want := range []string{"", "org_1", "org_1"} {
				got, err := calls["Get"].do(t.Context(), r)
				same(t, err, nil)
				same(t, got, connected())
				same(t, r.Organisation(), want)
			}
		})
	}
	t.Run("the last one counts", func(t *testing.T) {
		t.Parallel()
		r := answering(t, success(200, withOrganisation(envelope(connectionJSON), `"org_1"`)), success(200, withOrganisation(envelope(connectionJSON), `"org_2"`)),
			success(200, envelope(connectionJSON)))
		for _, want := range []string{"org_1", "org_2", "org_2"} {
			if _, err := calls["Get"].do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			same(t, r.Organisation(), want)
		}
	})
	t.Run("an error has none", func(t *testing.T) {
		t.Parallel()
		r := answering(t, success(404, `{"data":`+connectionJSON+`,"error":{"code":"NOT_FOUND","message":"No."},"meta":{"organisationId":"org_1"}}`))
		_, err := calls["Get"].do(t.Context(), r)
		_ = typed[*wintro.APIError](t, err)
		same(t, r.Organisation(), "")
	})
	t.Run("a deletion has none", func(t *testing.T) {
		t.Parallel()
		r := answering(t, transporttest.Answer(204, "", ""))
		_, err := calls["Delete"].do(t.Context(), r)
		same(t, err, nil)
		same(t, r.Organisation(), "")
	})
}

func TestTheClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := answering(t, success(200, withOrganisation(envelope(connectionJSON), `"org_1"`)))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := calls["Get"].do(t.Context(), r)
			same(t, err, nil)
			same(t, got, connected())
			same(t, r.Organisation(), "org_1")
		})
	}
	all.Wait()
}
