package sandbox_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The conformance checks cover the other rules for the rate limit.
func TestWintroRateLimitReset(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		const window = 20 * time.Millisecond
		c.SetWintroRateLimit(1, window)
		end := time.Now().Add(window)
		got := c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK).header.Get("X-RateLimit-Reset")
		if reset, err := strconv.ParseInt(got, 10, 64); err != nil || time.Unix(reset, 0).Before(end) {
			t.Errorf("the reset at %s is earlier than the end of the window, %s", got, end)
		}
	})
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
