package wintro_test

import (
	"context"
	"errors"
	"fmt"
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
	// wintroToken has the form of an ID, so that a test's response can contain it in place of an ID.
	wintroToken    = "wintro_0123456789abcdef"
	recruiteeToken = "uJ3+hc/0Zk1vS0f1mP2y7w4QxA5bE9dT"
)

const connectionJSON = `{"id":"con_1-A","ats":"recruitee","name":"Acme's Recruitee","atsCompanyId":"816","atsCompanyName":"Acme",
	"enabled":true,"status":"active","tokenFingerprint":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
	"createdAt":"2026-04-21T07:31:15.149395Z","lastSyncedAt":"2026-04-21T11:31:15Z"}`

// connected returns the Connection that connectionJSON must decode to.
func connected() wintro.Connection {
	return wintro.Connection{
		ID: "con_1-A", Ats: wintro.Recruitee, Name: "Acme's Recruitee", AtsCompanyID: "816", AtsCompanyName: new("Acme"),
		Enabled: true, Status: wintro.Active,
		TokenFingerprint: new("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
		CreatedAt:        time.Date(2026, 4, 21, 7, 31, 15, 149395000, time.UTC),
		LastSyncedAt:     new(time.Date(2026, 4, 21, 11, 31, 15, 0, time.UTC)),
	}
}

// connectionWith returns connectionJSON with some parts replaced. replacements alternates old and new parts.
func connectionWith(t *testing.T, replacements ...string) string {
	t.Helper()
	text := connectionJSON
	for i := 0; i < len(replacements); i += 2 {
		if strings.Count(text, replacements[i]) != 1 {
			t.Fatalf("%q isn't in the connection exactly once", replacements[i])
		}
		text = strings.Replace(text, replacements[i], replacements[i+1], 1)
	}
	return text
}

// envelope returns the body of a success with this data.
func envelope(data string) string {
	return `{"data":` + data + `,"meta":{"generatedAt":"2026-04-21T12:00:00.000Z"}}`
}

// pageBody returns the body of a page with these items. The page reports totalPages and totalItems for the whole
// list.
func pageBody(number, totalPages, totalItems int, items ...string) string {
	return fmt.Sprintf(`{"data":[%s],"meta":{"generatedAt":"2026-04-21T12:00:00.000Z","pagination":{"page":%d,"pageSize":100,"totalItems":%d,"totalPages":%d}}}`,
		strings.Join(items, ","), number, totalItems, totalPages)
}

// wholeList returns the body of a page that contains the whole list.
func wholeList(items ...string) string { return pageBody(1, 1, len(items), items...) }

func success(status int, body string) http.HandlerFunc {
	return transporttest.Answer(status, "application/json", body)
}

// refusal returns a handler that sends an error in the published form.
func refusal(status int, code, message string) http.HandlerFunc {
	return transporttest.Answer(status, "application/json", `{"error":{"code":"`+code+`","message":"`+message+`"}}`)
}

// remote is a client together with the server that it calls.
type remote struct {
	*wintro.Client
	*transporttest.Server
}

func newRemote(t *testing.T, responses ...http.HandlerFunc) *remote {
	t.Helper()
	server := transporttest.Serve(t, responses...)
	endpoint, err := url.Parse(server.URL + "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	httpClient := transport.New(transport.Options{
		System: wintro.System, UserAgent: "the user agent", MaxRetries: 2, RequestTimeout: 20 * time.Second, Pause: time.Millisecond,
	})
	return &remote{Client: wintro.New(endpoint, wintroToken, httpClient), Server: server}
}

// apiCall describes a method call of the client, with the response and the result that the tests expect.
type apiCall struct {
	// status and body are the documented response.
	status int
	body   string
	// decoded is the result of the call.
	decoded any
	// scope is the scope that the Wintro token needs.
	scope string
	// attempts is the number of requests that the client sends if every response is lost.
	attempts int
	do       func(context.Context, *remote) (any, error)
}

var calls = map[string]apiCall{
	"Get": {200, envelope(connectionJSON), connected(), "ats-connections:read", 3, func(ctx context.Context, r *remote) (any, error) {
		return r.Get(ctx, "con_1-A")
	}},
	"Create": {201, envelope(connectionJSON), connected(), "ats-connections:write", 3, func(ctx context.Context, r *remote) (any, error) {
		return r.Create(ctx, "one key", wintro.NewConnection{Ats: wintro.Recruitee, Name: "Acme's Recruitee", AtsCompanyID: "816", APIToken: recruiteeToken, Enabled: true})
	}},
	"Update": {200, envelope(connectionJSON), connected(), "ats-connections:write", 3, func(ctx context.Context, r *remote) (any, error) {
		return r.Update(ctx, "con_1-A", wintro.ConnectionChange{APIToken: new(recruiteeToken)})
	}},
	"Delete": {204, "", nil, "ats-connections:write", 3, func(ctx context.Context, r *remote) (any, error) {
		return nil, r.Delete(ctx, "con_1-A")
	}},
	"ListPage": {200, wholeList(connectionJSON), []wintro.Item{{Connection: connected()}}, "ats-connections:read", 3, func(ctx context.Context, r *remote) (any, error) {
		page, err := r.ListPage(ctx, "", 1)
		return page.Items, err
	}},
	"List": {200, wholeList(connectionJSON), []wintro.Connection{connected()}, "ats-connections:read", 3, func(ctx context.Context, r *remote) (any, error) {
		list, err := r.List(ctx, "", 0)
		if err != nil {
			return nil, err
		}
		return list.Connections(), nil
	}},
	"StartSync": {202, envelope(syncJSON), synced(), "ats-connections:write", 1, func(ctx context.Context, r *remote) (any, error) {
		return r.StartSync(ctx, "con_1-A")
	}},
	"GetSync": {200, envelope(syncJSON), synced(), "ats-connections:read", 3, func(ctx context.Context, r *remote) (any, error) {
		return r.GetSync(ctx, "con_1-A", "syn_1-A")
	}},
}

// forConnections returns a body with this connection for each call whose response is a single connection.
func forConnections(connection string) map[string]string {
	return map[string]string{"Get": envelope(connection), "Create": envelope(connection), "Update": envelope(connection)}
}

// callWith makes a call to a server that sends this response.
func callWith(t *testing.T, call string, response http.HandlerFunc) (any, error) {
	t.Helper()
	return calls[call].do(t.Context(), newRemote(t, response))
}

func typed[E error](t *testing.T, err error) E {
	t.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	expectNoSecret(t, err.Error())
	return found
}

func expectNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, never := range []string{wintroToken, recruiteeToken, wintroToken[:10], recruiteeToken[:10], recruiteeToken[20:], "Bearer"} {
		if strings.Contains(text, never) {
			t.Errorf("%q contains %q", text, never)
		}
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v instead of %+v", got, want)
	}
}

// isNothing checks that a failed call returned no other result.
func isNothing(t *testing.T, got any) {
	t.Helper()
	if got != nil && !reflect.ValueOf(got).IsZero() {
		t.Errorf("an error, and the result %+v", got)
	}
}
