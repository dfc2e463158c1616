package transport

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateLimiter(t *testing.T) {
	t.Parallel()
	asking := func(token string) *http.Request {
		return &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
	}
	limited := func(token string, seconds string) *Response {
		return &Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {seconds}}, Request: asking(token)}
	}
	for name, test := range map[string]struct {
		answers []*Response
		token   string
		timeout time.Duration
		waits   time.Duration
	}{
		"open at first":                               {nil, "a", time.Hour, 0},
		"closed for the token that was limited":       {[]*Response{limited("a", "30")}, "a", time.Hour, 30 * time.Second},
		"open for another token":                      {[]*Response{limited("a", "30")}, "b", time.Hour, 0},
		"the longest wait counts":                     {[]*Response{limited("a", "30"), limited("a", "10")}, "a", time.Hour, 30 * time.Second},
		"no wait that is longer than the operation":   {[]*Response{limited("a", "86400")}, "a", time.Minute, 0},
		"an answer that asks for nothing":             {[]*Response{limited("a", "soon")}, "a", time.Hour, 0},
		"an answer that is no refusal for its rate":   {[]*Response{{StatusCode: 200, Header: http.Header{"Retry-After": {"30"}}, Request: asking("a")}}, "a", time.Hour, 0},
		"an interrupted operation doesn't wait on it": {[]*Response{limited("a", "30")}, "a", 0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var limiter rateLimiter
				for _, answer := range test.answers {
					limiter.observe(answer)
				}
				ctx, cancel := context.WithTimeout(context.Background(), test.timeout)
				if test.timeout == 0 {
					ctx, cancel = context.WithCancel(context.Background())
					time.AfterFunc(10*time.Second, cancel)
				}
				defer cancel()
				began := time.Now()
				limiter.wait(ctx, asking(test.token))
				if waited := time.Since(began); waited != test.waits {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}
