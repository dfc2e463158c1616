package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// requestKinds contains a request of each kind that has its own rules for retries.
var requestKinds = map[string]struct {
	method       string
	header       []string
	isIdempotent bool
}{
	"GET":                             {method: http.MethodGet, isIdempotent: true},
	"PATCH":                           {method: http.MethodPatch, isIdempotent: true},
	"DELETE":                          {method: http.MethodDelete, isIdempotent: true},
	"POST with an Idempotency-Key":    {method: http.MethodPost, header: []string{"Idempotency-Key", "one key"}, isIdempotent: true},
	"POST without an Idempotency-Key": {method: http.MethodPost},
}

// Each attempt sends the same request.
func TestFailureIsRetriedAtMostMaxRetriesTimes(t *testing.T) {
	t.Parallel()
	for failure, test := range map[string]struct {
		handler http.HandlerFunc
		// unprocessed reports whether the failure proves that the server has not processed the request.
		unprocessed bool
	}{
		"429":                 {handler: responding(http.StatusTooManyRequests), unprocessed: true},
		"408":                 {handler: responding(http.StatusRequestTimeout)},
		"425":                 {handler: responding(http.StatusTooEarly)},
		"500":                 {handler: responding(http.StatusInternalServerError)},
		"502":                 {handler: responding(http.StatusBadGateway)},
		"503":                 {handler: responding(http.StatusServiceUnavailable)},
		"504":                 {handler: responding(http.StatusGatewayTimeout)},
		"a reset connection":  {handler: resetting},
		"a lost response":     {handler: transporttest.LoseAnswer},
		"an undocumented 200": {handler: responding(http.StatusOK)},
		"a truncated body":    {handler: truncating},
	} {
		for kind, sent := range requestKinds {
			want, name := 3, failure+" after a "+kind+" is retried"
			if !sent.isIdempotent && !test.unprocessed {
				want, name = 1, failure+" after a "+kind+" isn't retried"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				server := transporttest.Serve(t, test.handler)
				_, err := doUndocumented(newClient(t), request(t, sent.method, server.URL, sent.header...))
				failure, ok := errors.AsType[*UnavailableError](err)
				attempts := server.Requests()
				if got := len(attempts); !ok || got != want || failure.Attempts != want {
					t.Fatalf("%d requests instead of %d, and the error %v", got, want, err)
				}
				if failure.MayHaveActed == test.unprocessed {
					t.Errorf("MayHaveActed is %t", failure.MayHaveActed)
				}
				for i, attempt := range attempts {
					if !reflect.DeepEqual(attempt, attempts[0]) {
						t.Errorf("attempt %d is %+v instead of %+v", i+1, attempt, attempts[0])
					}
				}
				if key := attempts[0].Header.Get("Idempotency-Key"); (key == "one key") != (sent.header != nil) {
					t.Errorf("the idempotency key is %q", key)
				}
			})
		}
	}
}

func TestAttemptThatTimesOutIsRetriedIfIdempotent(t *testing.T) {
	t.Parallel()
	for kind, sent := range requestKinds {
		want := 1
		if sent.isIdempotent {
			want = 3
		}
		for failure, send := range map[string]sender{"no response": hangs, "a body without an end": stuck} {
			t.Run(failure+" after a "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := newClientOver(t, send)
					began := time.Now()
					failure := fail(t, client, request(t, sent.method, "https://www.wintro.app", sent.header...))
					if failure.Attempts != want || failure.Reason != "there was no complete response within 20s" {
						t.Error(failure)
					}
					took, limit := time.Since(began), time.Duration(want)*20*time.Second
					if took < limit || took > limit+time.Second {
						t.Errorf("%d attempts took %s", want, took)
					}
				})
			})
		}
	}
}

func TestResponseThatIsNotAFailureIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 422, 501} {
		sent := 0
		client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
			sent++
			return responseTo(req, status), nil
		})
		if resp, _ := get(t, client, request(t, http.MethodGet, system)); sent != 1 || resp.StatusCode != status {
			t.Errorf("status %d instead of %d, after %d requests", resp.StatusCode, status, sent)
		}
	}
}

func TestLastResponseIsReturned(t *testing.T) {
	t.Parallel()
	for retries, want := range []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusOK, http.StatusOK} {
		server := transporttest.Serve(t, responding(http.StatusBadGateway), responding(http.StatusServiceUnavailable, "X-Last", "yes"), responding(http.StatusOK))
		client := newClient(t, func(o *Options) { o.MaxRetries = retries })
		resp, body := get(t, client, request(t, http.MethodGet, server.URL))
		isSecond := resp.Header.Get("X-Last") == "yes"
		if got := len(server.Requests()); got != 1+min(retries, 2) || resp.StatusCode != want || body != http.StatusText(want) || isSecond != (retries == 1) {
			t.Errorf("%d retries: status %d with %q after %d requests", retries, resp.StatusCode, body, got)
		}
	}
}

// The server can't have processed a request over a refused connection, so even a POST without an idempotency key is
// safe to repeat.
func TestRefusedConnectionIsRetriedEvenForPOST(t *testing.T) {
	t.Parallel()
	server := transporttest.Serve(t, responding(http.StatusOK))
	nobody := refusing(t)
	client := newClient(t)
	var dials atomic.Int32
	client.pool().DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			address = nobody
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	resp, _ := get(t, client, request(t, http.MethodPost, server.URL))
	if got := len(server.Requests()); resp.StatusCode != http.StatusOK || got != 1 || resp.Attempts != 2 || resp.MayHaveActed {
		t.Errorf("status %d after %d requests and %d attempts, and MayHaveActed is %t", resp.StatusCode, got, resp.Attempts, resp.MayHaveActed)
	}
}

func TestWaitFollowsRetryAfter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header []string
		// deadline is the time limit of the operation. If it is zero, there is no limit.
		deadline time.Duration
		attempts int
		wait     time.Duration
	}{
		"429 in seconds":                           {429, []string{"Retry-After", "30"}, time.Hour, 2, 30 * time.Second},
		"429 as a date":                            {429, []string{"Retry-After", "Sat, 01 Jan 2000 00:01:30 GMT"}, time.Hour, 2, 90 * time.Second},
		"503":                                      {503, []string{"Retry-After", "30"}, time.Hour, 2, 30 * time.Second},
		"429 without a wait":                       {429, nil, time.Hour, 2, 0},
		"a status without a wait":                  {502, []string{"Retry-After", "30"}, time.Hour, 2, 0},
		"a long wait before the deadline":          {429, []string{"Retry-After", "600"}, time.Hour, 2, 10 * time.Minute},
		"a wait until the deadline":                {429, []string{"Retry-After", "30"}, 30*time.Second + time.Nanosecond, 2, 30 * time.Second},
		"429 until after the deadline":             {429, []string{"Retry-After", "30"}, 29 * time.Second, 1, 0},
		"503 until after the deadline":             {503, []string{"Retry-After", "86400"}, time.Hour, 1, 0},
		"two minutes without a deadline":           {429, []string{"Retry-After", "120"}, 0, 2, 2 * time.Minute},
		"more than two minutes without a deadline": {429, []string{"Retry-After", "121"}, 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
					if attempts++; attempts > 1 {
						return responseTo(req, http.StatusOK), nil
					}
					return responseTo(req, test.status, test.header...), nil
				}, func(o *Options) { o.Pause = 100 * time.Millisecond })
				req := request(t, http.MethodGet, system)
				if test.deadline > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
					defer cancel()
					req = req.WithContext(ctx)
				}
				began := time.Now()
				resp, _ := get(t, client, req)
				// Between two attempts, the client waits at least Pause.
				took, atLeast := time.Since(began), test.wait
				if test.attempts > 1 {
					atLeast = max(atLeast, client.options.Pause)
				}
				if attempts != test.attempts || took < atLeast || took > atLeast+time.Duration(test.attempts-1)*time.Second {
					t.Errorf("%d attempts in %s instead of %d in %s", attempts, took, test.attempts, atLeast)
				}
				if want := []int{test.status, http.StatusOK}[test.attempts-1]; resp.StatusCode != want {
					t.Errorf("status %d instead of %d", resp.StatusCode, want)
				}
			})
		})
	}
}

func TestPausesVaryAndGrowUpToLimit(t *testing.T) {
	t.Parallel()
	different := map[time.Duration]bool{}
	for range 50 {
		pauses := New(Options{Pause: time.Second}).newBackOff()
		first := pauses.NextBackOff()
		different[first] = true
		last := first
		for range 20 {
			last = pauses.NextBackOff()
		}
		if first < time.Second || first > 3*time.Second || last < 5*time.Second || last > 15*time.Second {
			t.Errorf("the first pause is %s, and the last %s", first, last)
		}
	}
	if len(different) < 2 {
		t.Errorf("all 50 first pauses are the same: %v", different)
	}
}

func TestResponseIsReturnedAfterInterrupt(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
		interrupt()
		return responseTo(req, http.StatusCreated), nil
	})
	resp, _ := get(t, client, request(t, http.MethodPost, "https://www.wintro.app").WithContext(ctx))
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("status %d instead of the 201 that arrived", resp.StatusCode)
	}
}

func TestEachWaitEndsWithOperation(t *testing.T) {
	t.Parallel()
	for wait, send := range map[string]sender{
		"pause":                           respondsWith(http.StatusBadGateway),
		"wait for a response":             hangs,
		"wait for the rest of a body":     stuck,
		"read of a body byte by byte":     writing("HTTP/1.1 200 OK\r\n\r\n", "{"),
		"read of a header without an end": writing("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
	} {
		for cause, reason := range map[error]string{
			context.Canceled:         "the operation was interrupted",
			context.DeadlineExceeded: "the operation timed out after 1s of waiting for this response",
		} {
			t.Run(wait+": "+cause.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := newClientOver(t, send, func(o *Options) { o.Pause = time.Hour })
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					if errors.Is(cause, context.Canceled) {
						ctx, cancel = context.WithCancel(t.Context())
						time.AfterFunc(time.Second, cancel)
					}
					defer cancel()
					began := time.Now()
					failure := fail(t, client, request(t, http.MethodGet, system).WithContext(ctx))
					if took := time.Since(began); took != time.Second || !errors.Is(failure, cause) || failure.Reason != reason || failure.Attempts != 1 {
						t.Errorf("%v after %s", failure, took)
					}
					time.Sleep(time.Millisecond) // until the server of writing notices that the connection is closed
				})
			})
		}
	}
}
