package transport

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// today is the start time of these tests. synctest's clock begins in 2000, when Unix times were still smaller than
// firstUnixTime, so the limiter would take them for seconds.
var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func requestWith(token string) *http.Request {
	return &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

func TestRateLimiterAfterResponses(t *testing.T) {
	t.Parallel()
	type response struct {
		token  string
		status int
		header []string
	}
	rejected := func(token, seconds string) response {
		return response{token, http.StatusTooManyRequests, []string{"Retry-After", seconds}}
	}
	counted := func(remaining, reset string) response {
		return response{"a", http.StatusOK, []string{"X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset}}
	}
	unix := func(seconds int64) string { return strconv.FormatInt(today.Unix()+seconds, 10) }
	for name, test := range map[string]struct {
		responses []response
		token     string
		// timeout is the time limit of the operation. If it is zero, the test interrupts the operation after ten
		// seconds.
		timeout time.Duration
		waits   time.Duration
	}{
		"no response yet":         {token: "a", timeout: time.Hour},
		"a 429":                   {[]response{rejected("a", "30")}, "a", time.Hour, 30 * time.Second},
		"a 429 for another token": {[]response{rejected("b", "30")}, "a", time.Hour, 0},
		"two waits":               {[]response{rejected("a", "30"), rejected("a", "10")}, "a", time.Hour, 30 * time.Second},
		"a wait that is longer than the operation": {[]response{rejected("a", "86400")}, "a", time.Minute, 0},
		"a 429 with an invalid wait":               {[]response{rejected("a", "soon")}, "a", time.Hour, 0},
		"a success with Retry-After":               {[]response{{"a", 200, []string{"Retry-After", "30"}}}, "a", time.Hour, 0},
		"an interrupted operation":                 {[]response{rejected("a", "30")}, "a", 0, 10 * time.Second},

		"one request remains":                      {[]response{counted("1", "30")}, "a", time.Hour, 0},
		"none remain, the reset in seconds":        {[]response{counted("0", "30")}, "a", time.Hour, 30 * time.Second},
		"none remain, the reset as a Unix time":    {[]response{counted("0", unix(30))}, "a", time.Hour, 30 * time.Second},
		"none remain, the reset has passed":        {[]response{counted("0", unix(-30))}, "a", time.Hour, 0},
		"none remain, the reset is too far ahead":  {[]response{counted("0", unix(86400))}, "a", time.Hour * 48, 0},
		"none remain, the reset is invalid":        {[]response{counted("0", "soon")}, "a", time.Hour, 0},
		"none remain, no reset":                    {[]response{{"a", 200, []string{"X-RateLimit-Remaining", "0"}}}, "a", time.Hour, 0},
		"two counts for one window":                {[]response{counted("0", "30"), counted("5", "30")}, "a", time.Hour, 30 * time.Second},
		"a late response from the previous window": {[]response{counted("5", "30"), counted("0", "2")}, "a", time.Hour, 0},
		"a new window":                             {[]response{counted("0", "30"), counted("5", "90")}, "a", time.Hour, 0},
		"the server's clock is an hour ahead":      {[]response{{"a", 200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(3630), "Date", "Tue, 24 Nov 2026 01:00:00 GMT"}}}, "a", time.Hour, 30 * time.Second},
		"the server's clock is a day behind":       {[]response{{"a", 200, []string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(-86370), "Date", "Mon, 23 Nov 2026 00:00:00 GMT"}}}, "a", time.Hour, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(today))
				var limiter rateLimiter
				for _, r := range test.responses {
					req := requestWith(r.token)
					limiter.observe(req, received(req, r.status, r.header...), nil)
				}
				ctx, cancel := context.WithTimeout(context.Background(), test.timeout)
				if test.timeout == 0 {
					ctx, cancel = context.WithCancel(context.Background())
					time.AfterFunc(10*time.Second, cancel)
				}
				defer cancel()
				began := time.Now()
				limiter.wait(ctx, requestWith(test.token))
				if waited := time.Since(began); waited != test.waits {
					t.Errorf("waited %s instead of %s", waited, test.waits)
				}
			})
		})
	}
}

// The test sends a thousand requests, 20 at a time, to a server that allows a hundred a minute.
func TestRateLimiterPacesRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// behind is the time by which the client's clock lags behind the server's.
		behind time.Duration
		// hidden is the number of requests that other programs send with the same token in each window.
		hidden int
		// isSilent reports whether the server mentions its limit only in a 429.
		isSilent bool
	}{
		"no difference":                        {},
		"the server's clock is ahead":          {behind: 37*time.Minute + 400*time.Millisecond},
		"other programs use the token":         {hidden: 20},
		"windows that don't begin on a second": {behind: 700 * time.Millisecond},
		"only a 429 mentions the limit":        {isSilent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(today))
				const limit, window, requests, parallelism = 100, time.Minute, 1000, 20
				var mu sync.Mutex
				var ends time.Time
				used := 0
				rejected := atomic.Int32{}
				client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
					time.Sleep(50 * time.Millisecond)
					mu.Lock()
					defer mu.Unlock()
					now := time.Now().Add(test.behind)
					if now.After(ends) {
						ends, used = now.Add(window), test.hidden
					}
					used++
					status := http.StatusOK
					if used > limit {
						status = http.StatusTooManyRequests
						rejected.Add(1)
					}
					if test.isSilent {
						if used <= limit {
							return responseTo(req, status), nil
						}
						return responseTo(req, status, "Retry-After", strconv.Itoa(int(ends.Sub(now)/time.Second)+1)), nil
					}
					return responseTo(req, status, "X-RateLimit-Limit", strconv.Itoa(limit), "X-RateLimit-Remaining", strconv.Itoa(max(0, limit-used)),
						"X-RateLimit-Reset", strconv.FormatInt(ends.Unix(), 10), "Date", now.UTC().Format(http.TimeFormat)), nil
				}, func(o *Options) { o.MaxRetries = 4 })
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				parallel(requests, parallelism, func() {
					if _, err := do(client, request(t, http.MethodGet, "https://app.wintro.ai").WithContext(ctx)); err != nil {
						t.Error(err)
					}
				})
				ideal, most := time.Duration(requests/(limit-test.hidden))*window, requests/limit
				if test.isSilent {
					// The server may reject every request in flight before the client learns about the limit.
					most *= parallelism
				}
				if took := time.Since(began); int(rejected.Load()) > most || took > ideal*5/4 {
					t.Errorf("the server rejected %d requests, and all took %s although the limit allows %s", rejected.Load(), took, ideal)
				}
			})
		})
	}
}

func TestWaitIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var limiter rateLimiter
		var output bytes.Buffer
		req := requestWith("a")
		limiter.observe(req, received(req, http.StatusTooManyRequests, "Retry-After", "30"), nil)
		// This failure makes the waiting request check the limit again.
		time.AfterFunc(10*time.Second, func() { limiter.observe(req, nil, nil) })
		limiter.wait(tflogtest.RootLogger(t.Context(), &output), req)
		if logged := output.String(); strings.Count(logged, "\n") != 1 || !strings.Contains(logged, `"wait_ms":30000`) {
			t.Errorf("the log is %q", logged)
		}
	})
}

// If the probe gets no response, another request must become the probe. Otherwise, all others would wait forever.
func TestFailedProbeOfRateLimitIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var limiter rateLimiter
		req := requestWith("a")
		limiter.observe(req, received(req, http.StatusTooManyRequests, "Retry-After", "30"), nil)
		probe := limiter.wait(t.Context(), req)
		second := make(chan time.Time)
		go func() {
			limiter.wait(t.Context(), req)
			second <- time.Now()
		}()
		time.Sleep(7 * time.Second)
		failed := time.Now()
		limiter.observe(req, nil, probe)
		if sent := <-second; sent != failed {
			t.Errorf("the next request was sent %s after the failure", sent.Sub(failed))
		}
	})
}

func TestRateLimiterForgetsIdleTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var limiter rateLimiter
		limiter.wait(t.Context(), requestWith("in flight"))
		for i := range 1000 {
			req := requestWith(strconv.Itoa(i))
			reserved := limiter.wait(t.Context(), req)
			limiter.observe(req, received(req, http.StatusOK, "X-RateLimit-Remaining", "5", "X-RateLimit-Reset", "30"), reserved)
		}
		if got := len(limiter.tokens); got != 1001 {
			t.Errorf("the limiter remembers %d tokens before the reset instead of 1001", got)
		}
		time.Sleep(2 * maxWindow)
		limiter.wait(t.Context(), requestWith("new"))
		if got := len(limiter.tokens); got != 2 {
			t.Errorf("the limiter remembers %d tokens instead of the new token and the token in flight", got)
		}
	})
}

func TestRequestWithoutReservationKeepsOthersInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var limiter rateLimiter
		req := requestWith("a")
		counted := func(remaining, reset string) *Response {
			return received(req, http.StatusOK, "X-RateLimit-Remaining", remaining, "X-RateLimit-Reset", reset)
		}
		limiter.observe(req, counted("2", "30"), nil)
		_ = limiter.wait(t.Context(), req)
		limiter.observe(req, nil, nil)
		// The server hasn't counted the request in flight yet. That request uses up the only request that remains in
		// the new window.
		limiter.observe(req, counted("1", "90"), nil)
		began := time.Now()
		_ = limiter.wait(t.Context(), req)
		if waited := time.Since(began); waited != 90*time.Second {
			t.Errorf("the next request was sent after %s", waited)
		}
	})
}
