package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A rateLimit limits the requests to a system with one token in each window. The zero rateLimit limits nothing.
type rateLimit struct {
	Requests int
	Window   time.Duration
}

// rateUsage counts the requests with each token, by system and fingerprint. A window begins with the
// first request in it.
type rateUsage map[string]*rateWindow

type rateWindow struct {
	remaining int
	resetAt   time.Time
}

// SetWintroRateLimit limits the requests to Wintro with one API token in each window. A window begins with the first
// request in it. The published limit is 100 requests in 60 seconds; 0 requests
// switch the limit off, which is the default. X-RateLimit-Reset is in whole seconds, rounded up.
func (s *Sandbox) SetWintroRateLimit(requests int, window time.Duration) {
	s.must(func(st *store) error { return s.setRateLimit(&st.Wintro.RateLimit, requests, window) })
}

// setRateLimit sets one of the limits and starts counting again.
func (s *Sandbox) setRateLimit(limit *rateLimit, requests int, window time.Duration) error {
	if requests < 0 || requests > 0 && window <= 0 {
		return fmt.Errorf("%d requests in %s is not a limit; 0 requests remove the limit", requests, window)
	}
	*limit = rateLimit{requests, window}
	s.usage = rateUsage{}
	return nil
}

// take counts a request and reports whether it is within the limit. It returns the window that the
// request is in, or nil without a limit.
func (u rateUsage) take(system, token string, limit rateLimit, now time.Time) (window *rateWindow, ok bool) {
	if limit.Requests == 0 {
		return nil, true
	}
	key := usageKey(system, token)
	window = u[key]
	if window == nil || !now.Before(window.resetAt) {
		window = &rateWindow{remaining: limit.Requests, resetAt: now.Add(limit.Window)}
		u[key] = window
	}
	if window.remaining == 0 {
		return window, false
	}
	window.remaining--
	return window, true
}

func usageKey(system, token string) string { return system + Fingerprint(token) }

// setRateLimitHeaders sets Wintro's headers, and the Date that clients compare X-RateLimit-Reset with.
func setRateLimitHeaders(header http.Header, limit rateLimit, window *rateWindow, now time.Time) {
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit.Requests))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(window.remaining))
	header.Set("X-RateLimit-Reset", unixSeconds(window.resetAt))
	header.Set("Date", now.UTC().Format(http.TimeFormat))
}

// unixSeconds returns a Unix time that is never earlier than t.
func unixSeconds(t time.Time) string {
	return strconv.FormatInt(seconds(time.Duration(t.UnixNano())), 10)
}

// seconds rounds up, so that no client returns too early.
func seconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
