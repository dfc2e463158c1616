package sandbox_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestFaultLatency(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	for _, kind := range []sandbox.Kind{sandbox.Latency, sandbox.LateAnswer} {
		r := start(t)
		r.box.Fail(sandbox.Fault{Kind: kind, Latency: latency})
		r.admin("816", r.token).want(http.StatusOK)
		if got := r.box.Requests()[0].Duration; got < latency {
			t.Errorf("%s: it took %s", kind, got)
		}
	}
}

// Who does not wait for the answer keeps nobody waiting. With a latency nothing has happened by then,
// with a late answer all has.
func TestFaultsOutlivedByNobody(t *testing.T) {
	t.Parallel()
	for kind, made := range map[sandbox.Kind]int{
		sandbox.Latency: 0, sandbox.ResetBefore: 0, sandbox.Truncated: 0, sandbox.LateAnswer: 1,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			r := start(t)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			arrived := make(chan struct{})
			arriving := r.server.Config.Handler
			r.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
				close(arrived)
				arriving.ServeHTTP(w, request)
			})
			r.box.Fail(sandbox.Fault{Kind: kind, Latency: time.Hour})
			go func() {
				<-arrived
				leave()
			}()
			if answer, err := r.do(r.newConnectionRequest().WithContext(ctx)); !errors.Is(err, context.Canceled) {
				t.Errorf("answered %+v, %v", answer, err)
			}
			r.server.Close() // waits for the handler
			if n := len(r.box.Connections()); n != made {
				t.Errorf("%d connections", n)
			}
			if got := r.box.Requests()[0]; got.Fault != kind || got.CarriedOut != (made == 1) || got.Status != 0 {
				t.Errorf("the log says %+v", got)
			}
		})
	}
}

// A body that takes for ever ends with its caller, who has got the header at once.
func TestBodiesOutlivedByNobody(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.Kind{sandbox.Endless, sandbox.Slow} {
		r := start(t)
		r.box.Fail(sandbox.Fault{Kind: kind})
		response, err := r.client.Do(r.newConnectionRequest())
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusCreated {
			t.Errorf("status %d", response.StatusCode)
		}
		_ = response.Body.Close()
		r.server.Close() // waits for the handler
	}
}

// The pace is kept: the header comes before the first byte, and each byte takes its time.
func TestSlowPace(t *testing.T) {
	t.Parallel()
	const pace = 2 * time.Millisecond
	r := start(t)
	r.box.Fail(sandbox.Fault{Kind: sandbox.Slow, Pace: pace, Status: http.StatusOK, Body: "0123456789"})
	began := time.Now()
	answer := r.admin("816", r.token)
	if took := time.Since(began); answer.body != "0123456789" || took < 10*pace {
		t.Errorf("%q took %s", answer.body, took)
	}
}

// A redirect to the same host works when it is followed. One to another host shows in the log, and
// what was sent along.
func TestRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	r := start(t)
	// The names of this machine need not lead to the server.
	r.client.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", r.server.Listener.Addr().String())
	}}
	host := r.server.Listener.Addr().String()
	other := strings.Replace(host, "127.0.0.1", "localhost", 1)

	r.box.Fail(sandbox.Fault{Kind: sandbox.RedirectSameHost, Times: 1})
	r.postConnection().want(http.StatusCreated)
	r.box.Fail(sandbox.Fault{Kind: sandbox.RedirectElsewhere, Times: 1})
	r.admin("816?x=1", r.token).want(http.StatusNotFound)
	r.box.Fail(sandbox.Fault{Kind: sandbox.RedirectElsewhere, Times: 2})
	r.admin("816", r.token).want(http.StatusUnauthorized)

	token := sandbox.Fingerprint(r.token)
	logged := r.box.Requests().To(sandbox.Recruitee)
	for i, want := range []struct{ host, fingerprint string }{
		{host, token}, {other, ""}, {host, token}, {other, ""}, {host, ""},
	} {
		if len(logged) != 5 {
			t.Fatalf("%+v", logged)
		}
		if logged[i].Host != want.host || logged[i].BearerFingerprint != want.fingerprint || (i < 2) != (logged[i].Query == "x=1/admin") {
			t.Errorf("request %d: %+v", i, logged[i])
		}
	}
	r.box.Fail(sandbox.Fault{Kind: sandbox.RedirectSameHost})
	if answer, err := r.do(r.newConnectionRequest()); err == nil || !strings.Contains(err.Error(), "stopped after 10 redirects") {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestRedirectWithoutPort(t *testing.T) {
	t.Parallel()
	box := sandbox.New()
	box.Fail(sandbox.Fault{Kind: sandbox.RedirectElsewhere})
	for from, to := range map[string]string{
		"sandbox.example": "http://localhost/recruitee/c/816/admin?a=b",
		"localhost":       "http://127.0.0.1/recruitee/c/816/admin?a=b",
		"[::1]:8080":      "http://localhost:8080/recruitee/c/816/admin?a=b",
	} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/recruitee/c/816/admin?a=b", nil)
		request.Host = from
		box.ServeHTTP(answer, request)
		if got := answer.Header().Get("Location"); got != to {
			t.Errorf("from %s to %s instead of %s", from, got, to)
		}
	}
}

// Everything is the same over TLS, and a client that trusts nobody gets nowhere.
func TestKindsOverTLS(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.Kinds() {
		t.Run(string(kind.Kind), func(t *testing.T) {
			t.Parallel()
			r := startTLS(t)
			fault := outcomes[kind.Kind].fault
			fault.Kind = kind.Kind
			r.box.Fail(fault)
			request := r.newConnectionRequest()
			if o := r.outcome(request); !outcomes[kind.Kind].seen(o, request.URL.String()) {
				t.Errorf("%+v", o)
			}
		})
	}
	r := startTLS(t)
	r.client.Transport = &http.Transport{DisableKeepAlives: true}
	if o := r.outcome(r.newConnectionRequest()); o.notAnswered == nil || !strings.Contains(o.notAnswered.Error(), "unknown authority") {
		t.Errorf("%+v", o)
	}
	if logged := r.box.Requests(); len(logged) != 0 {
		t.Errorf("%+v", logged)
	}
}

func startTLS(t *testing.T) *remote {
	t.Helper()
	box := sandbox.New()
	server := httptest.NewUnstartedServer(box)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := server.Client()
	client.Transport.(*http.Transport).DisableKeepAlives = true
	return &remote{t: t, box: box, server: server, client: client, token: box.Seed()}
}

// Where there is no connection to take over, the server is asked to break it off.
func TestDropsWithoutConnection(t *testing.T) {
	t.Parallel()
	box := sandbox.New()
	for _, kind := range []sandbox.Kind{sandbox.ResetBefore, sandbox.CloseBefore, sandbox.AnswerLost, sandbox.CloseAfter} {
		box.Fail(sandbox.Fault{Kind: kind, Times: 1})
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("%s: %v", kind, err)
				}
			}()
			ask(t, box, 1)
		}()
	}
}
