package sandbox_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestWintroRateLimit(t *testing.T) {
	t.Parallel()
	for _, window := range []time.Duration{60 * time.Second, 6 * time.Second, 20 * time.Millisecond} {
		t.Run(window.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *client) {
				other := c.AddOrganisation("Other")
				c.SetWintroRateLimit(3, window)
				list := func(header ...string) reply {
					t.Helper()
					return c.wintro(http.MethodGet, "/ats-connections", "", header...)
				}
				expectResponse := func(a reply, status, remaining int) {
					t.Helper()
					a.want(status)
					if got := a.header.Get("X-RateLimit-Limit") + " " + a.header.Get("X-RateLimit-Remaining"); got != fmt.Sprint("3 ", remaining) {
						t.Errorf("the limit and the remaining requests are %q", got)
					}
					reset, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64)
					date, dateErr := http.ParseTime(a.header.Get("Date"))
					if err != nil || dateErr != nil || !date.Equal(time.Now().Truncate(time.Second)) {
						t.Fatalf("invalid reset (%v), or invalid date %s (%v)", err, date, dateErr)
					}
					if left := time.Unix(reset, 0).Sub(date); left < time.Second || left > window+2*time.Second {
						t.Errorf("the window resets after %s", left)
					}
				}
				expectResponse(list(), http.StatusOK, 2)
				time.Sleep(window / 2)
				expectResponse(list(), http.StatusOK, 1)
				expectResponse(c.wintro(http.MethodGet, "/other", ""), http.StatusNotFound, 0)
				response := list()
				expectResponse(response, http.StatusTooManyRequests, 0)
				response.wantError(http.StatusTooManyRequests, contract.CodeRateLimited)
				reset := response.header.Get("X-RateLimit-Reset")
				expectResponse(list("Authorization", "Bearer "+other.Token), http.StatusOK, 2)

				refused := list("Authorization", "Bearer wrong").want(http.StatusUnauthorized)
				if got := refused.header.Get("X-RateLimit-Limit"); got != "" {
					t.Errorf("the response to a wrong token reports the limit %s", got)
				}
				time.Sleep(window/2 - 1)
				expectResponse(list(), http.StatusTooManyRequests, 0)
				time.Sleep(time.Nanosecond)
				if at, _ := strconv.ParseInt(reset, 10, 64); time.Unix(at, 0).Before(time.Now()) {
					t.Errorf("the reset at %s is earlier than the end of the window", reset)
				}
				expectResponse(list(), http.StatusOK, 2)

				c.SetWintroRateLimit(0, 0)
				for range 4 {
					if a := list().want(http.StatusOK); a.header.Get("X-RateLimit-Limit") != "" {
						t.Error("the response has rate-limit headers without a limit")
					}
				}
			})
		})
	}
}

// If a fault keeps Wintro from carrying out a request, the request doesn't count towards the rate limit.
func TestWintroRateLimitWithFaults(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.SetWintroRateLimit(2, time.Hour)
	for _, fault := range []sandbox.Fault{{Status: http.StatusBadGateway, Times: 5}, {Kind: sandbox.WrongShape, Times: 1}} {
		c.Fail(fault)
	}
	get := func() reply {
		t.Helper()
		return c.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", "", "Authorization", "Bearer "+c.WintroToken())
	}
	for range 5 {
		get().want(http.StatusBadGateway)
	}
	get().want(http.StatusOK)
	get().want(http.StatusOK)
	get().want(http.StatusTooManyRequests)
}
