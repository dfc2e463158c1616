package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// asks are the requests that retries tell apart.
var asks = map[string]struct {
	method     string
	header     []string
	repeatable bool
}{
	"GET":                             {method: http.MethodGet, repeatable: true},
	"PATCH":                           {method: http.MethodPatch, repeatable: true},
	"DELETE":                          {method: http.MethodDelete, repeatable: true},
	"POST with an Idempotency-Key":    {method: http.MethodPost, header: []string{"Idempotency-Key", "one key"}, repeatable: true},
	"POST without an Idempotency-Key": {method: http.MethodPost},
}

func TestFailureIsRetriedAtMostMaxRetriesTimes(t *testing.T) {
	t.Parallel()
	for failure, test := range map[string]struct {
		answer http.HandlerFunc
		// unprocessed reports whether the server has certainly not done what it was asked.
		unprocessed bool
	}{
		"429":                    {answer: answering(http.StatusTooManyRequests), unprocessed: true},
		"408":                    {answer: answering(http.StatusRequestTimeout)},
		"425":                    {answer: answering(http.StatusTooEarly)},
		"500":                    {answer: answering(http.StatusInternalServerError)},
		"502":                    {answer: answering(http.StatusBadGateway)},
		"503":                    {answer: answering(http.StatusServiceUnavailable)},
		"504":                    {answer: answering(http.StatusGatewayTimeout)},
		"a reset connection":     {answer: resetting},
		"a lost answer":          {answer: transporttest.LoseAnswer},
		"a body that breaks off": {answer: truncating},
	} {
		for ask, sent := range asks {
			want, name := 3, failure+" to a "+ask+" is repeated"
			if !sent.repeatable && !test.unprocessed {
				want, name = 1, failure+" to a "+ask+" is not repeated"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				server := serve(t, test.answer)
				resp, err := do(newClient(t), request(t, sent.method, server.URL, sent.header...))
				attempts := 0
				if failure, ok := errors.AsType[*UnavailableError](err); ok {
					attempts = failure.Attempts
				} else {
					attempts = resp.Attempts
				}
				if got := len(server.Requests()); got != want || attempts != want {
					t.Errorf("%d requests and %d attempts instead of %d", got, attempts, want)
				}
			})
		}
	}
}

func TestRateLimitOfOneCallDelaysOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, sent := time.Now(), atomic.Int32{}
		client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
			if sent.Add(1); time.Since(began) < time.Minute {
				resp := responseTo(req, http.StatusTooManyRequests)
				resp.Header.Set("Retry-After", "60")
				return resp, nil
			}
			return responseTo(req, http.StatusOK), nil
		})
		var all sync.WaitGroup
		for i := range 20 {
			time.Sleep(time.Millisecond)
			all.Go(func() {
				if _, err := do(client, request(t, http.MethodGet, "https://www.wintro.app", "Authorization", "Bearer wintro-token")); err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if vain := sent.Load() - 20; vain != 1 {
			t.Errorf("%d requests in vain", vain)
		}
	})
}

func TestAttemptThatTimesOutIsRetriedIfIdempotent(t *testing.T) {
	t.Parallel()
	for ask, sent := range asks {
		want := 1
		if sent.repeatable {
			want = 3
		}
		for failure, send := range map[string]sender{
			"no answer": func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			},
			"a body without an end": func(req *http.Request) (*http.Response, error) {
				resp := responseTo(req, http.StatusCreated)
				resp.Body = stuckBody{make(chan struct{})}
				return resp, nil
			},
		} {
			t.Run(failure+" to a "+ask, func(t *testing.T) {
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
						t.Errorf("%d tries took %s", want, took)
					}
				})
			})
		}
	}
}

func TestEachAttemptSendsSameRequest(t *testing.T) {
	t.Parallel()
	for ask, sent := range asks {
		if !sent.repeatable {
			continue
		}
		t.Run(ask, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(http.StatusBadGateway), resetting, answering(http.StatusOK))
			resp, body := get(t, newClient(t), request(t, sent.method, server.URL, sent.header...))
			if resp.StatusCode != http.StatusOK || body != "OK" {
				t.Errorf("%d %q", resp.StatusCode, body)
			}
			tries := server.Requests()
			if len(tries) != 3 {
				t.Fatalf("%d tries", len(tries))
			}
			for i, attempt := range tries {
				if attempt.Method != sent.method || attempt.Path != tries[0].Path || attempt.Body != tries[0].Body {
					t.Errorf("try %d is %s %s %q", i+1, attempt.Method, attempt.Path, attempt.Body)
				}
				for _, name := range []string{"Idempotency-Key", "Authorization", "User-Agent"} {
					if got, want := attempt.Header.Get(name), tries[0].Header.Get(name); got != want {
						t.Errorf("try %d has the %s %q instead of %q", i+1, name, got, want)
					}
				}
			}
			if sent.method == http.MethodPost && tries[0].Header.Get("Idempotency-Key") != "one key" {
				t.Error("the idempotency key was not sent")
			}
		})
	}
}

func TestResponseThatIsNoFailureIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 422, 501} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(status))
			resp, _ := get(t, newClient(t), request(t, http.MethodGet, server.URL))
			if got := len(server.Requests()); got != 1 || resp.StatusCode != status {
				t.Errorf("%d after %d requests", resp.StatusCode, got)
			}
		})
	}
}

func TestZeroMaxRetriesSendsOnce(t *testing.T) {
	t.Parallel()
	server := serve(t, answering(http.StatusBadGateway))
	client := newClient(t, func(o *Options) { o.MaxRetries = 0 })
	resp, body := get(t, client, request(t, http.MethodGet, server.URL))
	if got := len(server.Requests()); got != 1 || resp.StatusCode != http.StatusBadGateway || body != "Bad Gateway" {
		t.Errorf("%d %q after %d requests", resp.StatusCode, body, got)
	}
}

func TestLastResponseIsReturned(t *testing.T) {
	t.Parallel()
	server := serve(t, resetting, answering(http.StatusBadGateway), answering(http.StatusServiceUnavailable, "X-Last", "yes"))
	resp, body := get(t, newClient(t), request(t, http.MethodGet, server.URL))
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("X-Last") != "yes" || body != "Service Unavailable" {
		t.Errorf("%d %v %q", resp.StatusCode, resp.Header, body)
	}
}

func TestRefusedConnectionIsRetriedForEachMethod(t *testing.T) {
	t.Parallel()
	for ask, sent := range asks {
		t.Run(ask, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(http.StatusOK))
			nobody := refusing(t)
			client := newClient(t)
			var dials atomic.Int32
			client.pool().DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				if dials.Add(1) == 1 {
					address = nobody
				}
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
			resp, _ := get(t, client, request(t, sent.method, server.URL, sent.header...))
			if got := len(server.Requests()); resp.StatusCode != http.StatusOK || got != 1 || resp.Attempts != 2 {
				t.Errorf("%d after %d requests", resp.StatusCode, got)
			}
		})
	}
}

func TestWaitFollowsRetryAfter(t *testing.T) {
	t.Parallel()
	date := "Sat, 01 Jan 2000 00:01:30 GMT"
	for name, test := range map[string]struct {
		status   int
		header   []string
		deadline time.Duration
		tries    int
		// atLeast and less bound the time that it took.
		atLeast, less time.Duration
	}{
		"Retry-After in seconds is waited for": {
			status: 429, header: []string{"Retry-After", "30"}, deadline: time.Hour,
			tries: 2, atLeast: 30 * time.Second, less: 31 * time.Second},
		"Retry-After as a date is waited for": {
			status: 429, header: []string{"Retry-After", date}, deadline: time.Hour,
			tries: 2, atLeast: 90 * time.Second, less: 91 * time.Second},
		"Retry-After with 503 is waited for": {
			status: 503, header: []string{"Retry-After", "30"}, deadline: time.Hour,
			tries: 2, atLeast: 30 * time.Second, less: 31 * time.Second},
		"x-ratelimit-reset alone is waited for": {
			status: 429, header: []string{"x-ratelimit-reset", "30"}, deadline: time.Hour,
			tries: 2, atLeast: 30 * time.Second, less: 31 * time.Second},
		"nonsense is as good as nothing": {
			status: 429, header: []string{"Retry-After", "soon"}, deadline: time.Hour,
			tries: 2, atLeast: 100 * time.Millisecond, less: time.Second},
		"without either the pause is short": {
			status: 429, deadline: time.Hour,
			tries: 2, atLeast: 100 * time.Millisecond, less: time.Second},
		"Retry-After with another status is ignored": {
			status: 502, header: []string{"Retry-After", "30"}, deadline: time.Hour,
			tries: 2, atLeast: 100 * time.Millisecond, less: time.Second},
		"a wait until after the deadline is given up at once": {
			status: 429, header: []string{"Retry-After", "86400"}, deadline: time.Hour,
			tries: 1, less: time.Millisecond},
		"503 with a wait until after the deadline is given up at once": {
			status: 503, header: []string{"Retry-After", "86400"}, deadline: time.Hour,
			tries: 1, less: time.Millisecond},
		"a wait until shortly after the deadline is given up at once": {
			status: 429, header: []string{"Retry-After", "30"}, deadline: 29 * time.Second,
			tries: 1, less: time.Millisecond},
		"a long wait before the deadline is waited for": {
			status: 429, header: []string{"Retry-After", "600"}, deadline: time.Hour,
			tries: 2, atLeast: 10 * time.Minute, less: 10*time.Minute + time.Second},
		"without a deadline a minute is waited for": {
			status: 429, header: []string{"Retry-After", "60"},
			tries: 2, atLeast: time.Minute, less: 61 * time.Second},
		"without a deadline an hour is given up at once": {
			status: 429, header: []string{"Retry-After", "3600"},
			tries: 1, less: time.Millisecond},
		"without a deadline an endless wait is given up at once": {
			status: 429, header: []string{"Retry-After", "18446744073709551615"},
			tries: 1, less: time.Millisecond},
		"a reset that is a Unix time far ahead isn't believed": {
			status: 429, header: []string{"x-ratelimit-reset", "1776756675"},
			tries: 2, atLeast: 100 * time.Millisecond, less: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
					if tries++; tries > 1 {
						return responseTo(req, http.StatusOK), nil
					}
					return responseTo(req, test.status, test.header...), nil
				}, func(o *Options) { o.Pause = 100 * time.Millisecond })
				req := request(t, http.MethodGet, "https://api.recruitee.com")
				if test.deadline > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
					defer cancel()
					req = req.WithContext(ctx)
				}
				began := time.Now()
				resp, _ := get(t, client, req)
				took := time.Since(began)
				if tries != test.tries || took < test.atLeast || took >= test.less {
					t.Errorf("%d tries in %s", tries, took)
				}
				if want := http.StatusOK; tries > 1 && resp.StatusCode != want || tries == 1 && resp.StatusCode != test.status {
					t.Errorf("status %d", resp.StatusCode)
				}
			})
		})
	}
}

func TestPausesGrowUpToALimit(t *testing.T) {
	t.Parallel()
	for range 20 {
		pauses := New(Options{Pause: time.Second}).newBackOff()
		pauses.Reset()
		first := pauses.NextBackOff()
		if first < time.Second || first > 3*time.Second {
			t.Errorf("the first pause is %s", first)
		}
		last := first
		for range 20 {
			last = pauses.NextBackOff()
		}
		if last < 5*time.Second || last > 15*time.Second {
			t.Errorf("the last pause is %s", last)
		}
	}
}

func TestPausesDiffer(t *testing.T) {
	t.Parallel()
	different := map[time.Duration]bool{}
	for range 50 {
		pauses := New(Options{Pause: time.Second}).newBackOff()
		pauses.Reset()
		different[pauses.NextBackOff()] = true
	}
	if len(different) < 2 {
		t.Errorf("each of 50 pauses is the same: %v", different)
	}
}

// However the attempts fail, there are at most 1 + MaxRetries of them.
func TestMixedFailuresNeverExceedMaxRetries(t *testing.T) {
	t.Parallel()
	failures := []sender{
		func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		func(req *http.Request) (*http.Response, error) { return responseTo(req, 200), nil },
		func(req *http.Request) (*http.Response, error) { return responseTo(req, 429, "Retry-After", "1"), nil },
		func(req *http.Request) (*http.Response, error) { return responseTo(req, 502), nil },
	}
	const maxRetries = 4
	// Each of the 4^5 sequences of failures.
	for sequence := range 1 << (2 * (maxRetries + 1)) {
		synctest.Test(t, func(t *testing.T) {
			sent := 0
			client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
				failure := failures[sequence>>(2*(sent%(maxRetries+1)))&3]
				sent++
				return failure(req)
			}, func(o *Options) { o.MaxRetries = maxRetries })
			_, err := Do(client, request(t, http.MethodGet, "https://www.wintro.app"), func(resp *Response) (int, error) {
				return 0, UnexpectedResponse("Wintro", resp, "")
			})
			failure, ok := errors.AsType[*UnavailableError](err)
			if !ok || sent != 1+maxRetries || failure.Attempts != sent {
				t.Fatalf("sequence %d: %d requests, %v", sequence, sent, err)
			}
		})
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
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestPauseEndsWithOperation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end   func(context.Context) (context.Context, context.CancelFunc)
		cause error
	}{
		"when it is interrupted": {
			end: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			},
			cause: context.Canceled,
		},
		"when its time is up": {
			end: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			cause: context.DeadlineExceeded,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
					return responseTo(req, http.StatusBadGateway), nil
				}, func(o *Options) { o.Pause = time.Hour })
				ctx, cancel := test.end(t.Context())
				defer cancel()
				began := time.Now()
				failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com").WithContext(ctx))
				if took := time.Since(began); took != time.Second {
					t.Errorf("it ended after %s", took)
				}
				if !errors.Is(failure, test.cause) {
					t.Errorf("%v doesn't come from %v", failure, test.cause)
				}
			})
		})
	}
}

func TestUndocumentedSuccessIsRetriedIfIdempotent(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{http.MethodGet: 3, http.MethodPost: 1} {
		sent := 0
		client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
			sent++
			return responseTo(req, http.StatusOK), nil
		})
		_, err := Do(client, request(t, method, "https://app.wintro.ai"), func(resp *Response) (int, error) {
			return 0, UnexpectedResponse("Wintro", resp, "")
		})
		if err == nil || sent != want {
			t.Errorf("%d requests instead of %d for %s: %v", sent, want, method, err)
		}
	}
}
