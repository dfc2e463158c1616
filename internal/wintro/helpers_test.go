package wintro_test

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const (
	wintroToken    = "wintro/0123456789abcdef"
	recruiteeToken = "uJ3+hc/0Zk1vS0f1mP2y7w4QxA5bE9dT"
)

const connectionJSON = `{"id":"con_1-A","ats":"recruitee","name":"Acme's Recruitee","company_id":"816","enabled":true,"status":"active",
	"token_fingerprint":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU","created_at":"2026-04-21T07:31:15.149395Z",
	"last_synced_at":"2026-04-21T11:31:15Z"}`

// connected is connectionJSON, decoded.
func connected() wintro.Connection {
	return wintro.Connection{
		ID: "con_1-A", Ats: wintro.Recruitee, Name: "Acme's Recruitee", CompanyID: "816", Enabled: true, Status: wintro.Active,
		TokenFingerprint: new("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
		CreatedAt:        time.Date(2026, 4, 21, 7, 31, 15, 149395000, time.UTC),
		LastSyncedAt:     new(time.Date(2026, 4, 21, 11, 31, 15, 0, time.UTC)),
	}
}

// connectionWith is connectionJSON with parts replaced, given in pairs.
func connectionWith(t *testing.T, replacements ...string) string {
	t.Helper()
	text := connectionJSON
	for i := 0; i < len(replacements); i += 2 {
		if strings.Count(text, replacements[i]) != 1 {
			t.Fatalf("%q isn't in the connection just once", replacements[i])
		}
		text = strings.Replace(text, replacements[i], replacements[i+1], 1)
	}
	return text
}

func success(status int, body string) http.HandlerFunc {
	return transporttest.Answer(status, "application/json", body)
}

func problem(status int, body string) http.HandlerFunc {
	return transporttest.Answer(status, "application/problem+json", body)
}

// remote is a client of a server that gives these answers.
type remote struct {
	*wintro.Client
	*transporttest.Server
}

func answering(t *testing.T, answers ...http.HandlerFunc) *remote {
	t.Helper()
	server := transporttest.Serve(t, answers...)
	endpoint, err := url.Parse(server.URL + "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	http := transport.New(transport.Options{
		System: wintro.System, UserAgent: "the user agent", MaxRetries: 2, RequestTimeout: 20 * time.Second, Pause: time.Millisecond,
	})
	t.Cleanup(http.Close)
	return &remote{Client: wintro.New(endpoint, wintroToken, http), Server: server}
}

// calls are the calls that answer with one connection, or with nothing.
var calls = map[string]struct {
	// status is the documented one.
	status int
	call   func(*testing.T, *remote) (wintro.Connection, error)
}{
	"Get": {http.StatusOK, func(t *testing.T, r *remote) (wintro.Connection, error) {
		return r.Get(t.Context(), "con_1-A")
	}},
	"Create": {http.StatusCreated, func(t *testing.T, r *remote) (wintro.Connection, error) {
		return r.Create(t.Context(), "one key", wintro.NewConnection{
			Ats: wintro.Recruitee, Name: "Acme's Recruitee", CompanyID: "816", APIToken: recruiteeToken, Enabled: true,
		})
	}},
	"Update": {http.StatusOK, func(t *testing.T, r *remote) (wintro.Connection, error) {
		return r.Update(t.Context(), "con_1-A", wintro.ConnectionChange{APIToken: new(recruiteeToken)})
	}},
	"Delete": {http.StatusNoContent, func(t *testing.T, r *remote) (wintro.Connection, error) {
		return wintro.Connection{}, r.Delete(t.Context(), "con_1-A")
	}},
	"List": {http.StatusOK, func(t *testing.T, r *remote) (wintro.Connection, error) {
		found, err := list(t, r, "")
		if len(found) == 0 {
			return wintro.Connection{}, err
		}
		return found[0], err
	}},
}

// list collects a list until its end or its error.
func list(t *testing.T, r *remote, company string) ([]wintro.Connection, error) {
	t.Helper()
	var all []wintro.Connection
	for found, err := range r.List(t.Context(), company) {
		if err != nil {
			if !reflect.DeepEqual(found, wintro.Connection{}) {
				t.Errorf("an error and %+v", found)
			}
			return all, err
		}
		all = append(all, found)
	}
	return all, nil
}

func typed[E error](t *testing.T, err error) E {
	t.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	holdsNoSecret(t, err.Error())
	return found
}

func holdsNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, never := range []string{wintroToken, recruiteeToken, wintroToken[:10], recruiteeToken[:10], recruiteeToken[20:], "Bearer"} {
		if strings.Contains(text, never) {
			t.Errorf("%q holds %q", text, never)
		}
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v instead of %+v", got, want)
	}
}
