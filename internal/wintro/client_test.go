package wintro_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestTheRequestOf(t *testing.T) {
	t.Parallel()
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
			answer: success(200, connectionJSON), method: http.MethodGet, uri: "/api/v1/ats-connections/con_1-A",
		},
		"Create": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Create(ctx, "one key", wintro.NewConnection{
					Ats: wintro.Recruitee, Name: "Acme's Recruitee", CompanyID: "816", APIToken: recruiteeToken, Enabled: true,
				})
				return err
			},
			answer: success(201, connectionJSON), method: http.MethodPost, uri: "/api/v1/ats-connections", idempotencyKey: "one key",
			body: `{"ats":"recruitee","name":"Acme's Recruitee","company_id":"816","api_token":"` + recruiteeToken + `","enabled":true}`,
		},
		"Create of what is not enabled": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Create(ctx, "another key", wintro.NewConnection{Ats: wintro.Recruitee, Name: "Recruitee", CompanyID: "816", APIToken: recruiteeToken})
				return err
			},
			answer: success(201, connectionJSON), method: http.MethodPost, uri: "/api/v1/ats-connections", idempotencyKey: "another key",
			body: `{"ats":"recruitee","name":"Recruitee","company_id":"816","api_token":"` + recruiteeToken + `","enabled":false}`,
		},
		"Update of the name": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Update(ctx, "con_1-A", wintro.ConnectionChange{Name: new("New")})
				return err
			},
			answer: success(200, connectionJSON), method: http.MethodPatch, uri: "/api/v1/ats-connections/con_1-A",
			body: `{"name":"New"}`,
		},
		"Update of enabled to false": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Update(ctx, "con_1-A", wintro.ConnectionChange{Enabled: new(false)})
				return err
			},
			answer: success(200, connectionJSON), method: http.MethodPatch, uri: "/api/v1/ats-connections/con_1-A",
			body: `{"enabled":false}`,
		},
		"Update of everything": {
			call: func(ctx context.Context, r *remote) error {
				_, err := r.Update(ctx, "con_1-A", wintro.ConnectionChange{Name: new("New"), Enabled: new(true), APIToken: new(recruiteeToken)})
				return err
			},
			answer: success(200, connectionJSON), method: http.MethodPatch, uri: "/api/v1/ats-connections/con_1-A",
			body: `{"name":"New","enabled":true,"api_token":"` + recruiteeToken + `"}`,
		},
		"Delete": {
			call:   func(ctx context.Context, r *remote) error { return r.Delete(ctx, "con_1-A") },
			answer: transporttest.Answer(204, "", ""), method: http.MethodDelete, uri: "/api/v1/ats-connections/con_1-A",
		},
		"List of one company": {
			call: func(ctx context.Context, r *remote) error {
				for _, err := range r.List(ctx, "816") {
					return err
				}
				return nil
			},
			answer: success(200, `{"data":[],"next_cursor":null}`), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&company_id=816&limit=100",
		},
		"List of all": {
			call: func(ctx context.Context, r *remote) error {
				for _, err := range r.List(ctx, "") {
					return err
				}
				return nil
			},
			answer: success(200, `{"data":[],"next_cursor":null}`), method: http.MethodGet,
			uri: "/api/v1/ats-connections?ats=recruitee&limit=100",
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
				"Accept":          "application/json, application/problem+json",
				"User-Agent":      "the user agent",
				"Content-Type":    contentType,
				"Idempotency-Key": test.idempotencyKey,
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
	r := answering(t, transporttest.LoseAnswer, transporttest.Answer(502, "", ""), success(201, connectionJSON))
	created, err := calls["Create"].call(t, r)
	if err != nil {
		t.Fatal(err)
	}
	same(t, created, connected())
	sent := r.Requests()
	if len(sent) != 3 {
		t.Fatalf("%d requests", len(sent))
	}
	for _, try := range sent {
		same(t, try.Header.Get("Idempotency-Key"), "one key")
		same(t, try.Body, sent[0].Body)
	}
}

func TestARequestThatCannotBeMade(t *testing.T) {
	t.Parallel()
	http := transport.New(transport.Options{System: wintro.System, RequestTimeout: time.Second})
	t.Cleanup(http.Close)
	client := wintro.New(&url.URL{Scheme: "https", Host: "wrong host"}, wintroToken, http)
	_, err := client.Get(t.Context(), "con_1-A")
	same(t, typed[*transport.NoAnswerError](t, err).Error(), "Wintro gave no usable answer: the request can't be made")
}
