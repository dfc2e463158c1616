package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestFaultsDelayResponses(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	for _, fault := range []sandbox.Fault{
		{Kind: sandbox.Latency, Latency: delay},
		{Kind: sandbox.LateAnswer, Latency: delay},
		{Kind: sandbox.Slow, Pace: delay / 10, Body: "10 bytes.."},
	} {
		c := start(t)
		c.Fail(fault)
		began := time.Now()
		c.admin("816", c.Token).want(http.StatusOK)
		if took := time.Since(began); took < delay {
			t.Errorf("the request with the fault %s took only %s", fault.Kind, took)
		}
	}
}

// A fault ends when the caller gives up. Of these faults, only LateAnswer lets the sandbox carry out the request.
func TestFaultEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	for kind, made := range map[sandbox.FaultKind]int{
		sandbox.Latency: 0, sandbox.ResetBefore: 0, sandbox.Truncated: 0, sandbox.LateAnswer: 1,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := start(t)
			ctx, leave := context.WithCancel(t.Context())
			c.Before(func(*http.Request) { leave() })
			c.Fail(sandbox.Fault{Kind: kind, Latency: time.Hour})
			if response, err := c.do(c.newConnectionRequest().WithContext(ctx)); !errors.Is(err, context.Canceled) {
				t.Errorf("the response is %+v, and the error is %v", response, err)
			}
			c.Close() // Close waits until the handler has returned
			if n := len(c.Connections()); n != made {
				t.Errorf("Wintro has %d connections instead of %d", n, made)
			}
			if got := c.Requests()[0]; got.Fault != kind || got.CarriedOut != (made == 1) || got.Status != 0 {
				t.Errorf("the log contains %+v", got)
			}
		})
	}
}

// The sandbox sends the header of an endless or slow response immediately, and stops sending the body when the caller
// gives up.
func TestBodyEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{sandbox.Endless, sandbox.Slow} {
		c := start(t)
		c.Fail(sandbox.Fault{Kind: kind})
		response, err := c.http.Do(c.newConnectionRequest())
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusCreated {
			t.Errorf("the status is %d instead of 201", response.StatusCode)
		}
		_ = response.Body.Close()
		c.Close() // Close waits until the handler has returned
	}
}

func TestRedirectWithoutPort(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	s.Fail(sandbox.Fault{Kind: sandbox.RedirectElsewhere})
	for from, to := range map[string]string{
		"127.0.0.1":  "http://localhost/recruitee/c/816/admin?a=b",
		"localhost":  "http://127.0.0.1/recruitee/c/816/admin?a=b",
		"[::1]:8080": "http://localhost:8080/recruitee/c/816/admin?a=b",
	} {
		response := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/recruitee/c/816/admin?a=b", nil)
		request.Host = from
		s.ServeHTTP(response, request)
		if got := response.Header().Get("Location"); got != to {
			t.Errorf("the sandbox redirects from %s to %s instead of %s", from, got, to)
		}
	}
}

// If there is no network connection to close, a fault panics with http.ErrAbortHandler, so that the server drops the
// response.
func TestFaultWithoutNetworkConnection(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	for _, kind := range []sandbox.FaultKind{sandbox.ResetBefore, sandbox.CloseBefore, sandbox.AnswerLost, sandbox.CloseAfter} {
		s.Fail(sandbox.Fault{Kind: kind, Times: 1})
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("the fault %s panics with %v instead of http.ErrAbortHandler", kind, err)
				}
			}()
			sendDirectly(t, s, 1)
		}()
	}
}
