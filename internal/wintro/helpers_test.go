package wintro_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
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

// said is what Wintro, or something in its place, answers.
type said struct {
	status      int
	contentType string
	body        string
}

func success(status int, body string) said {
	return said{status, "application/json", body}
}

func problemSaid(status int, body string) said {
	return said{status, "application/problem+json", body}
}

func html(status int) said {
	return said{status, "text/html", "<html><body>" + http.StatusText(status) + "</body></html>"}
}

type asked struct {
	method, uri, body string
	header            http.Header
}

// A remote answers each request with the next of its answers, the last one again and again, and
// remembers what it was asked.
type remote struct {
	*wintro.Client
	answers []said

	mu   sync.Mutex
	seen []asked
}

func answering(t *testing.T, answers ...said) *remote {
	t.Helper()
	r := &remote{answers: answers}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL + "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	http := transport.New(transport.Options{
		System: wintro.System, UserAgent: "the user agent", MaxRetries: 2, RequestTimeout: 20 * time.Second, Pause: time.Millisecond,
	})
	t.Cleanup(http.Close)
	r.Client = wintro.New(endpoint, wintroToken, http)
	return r
}

func (r *remote) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	answer := r.answers[min(len(r.seen), len(r.answers)-1)]
	r.seen = append(r.seen, asked{req.Method, req.RequestURI, string(body), req.Header})
	r.mu.Unlock()
	if answer.status == 0 {
		panic(http.ErrAbortHandler)
	}
	// Without a content type net/http would guess one.
	w.Header()["Content-Type"] = []string{answer.contentType}
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

func (r *remote) requests() []asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]asked(nil), r.seen...)
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
