package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// A rateLimit is the number of requests that a system accepts with one token in each window. The zero rateLimit means
// that there is no limit.
type rateLimit struct {
	Requests int
	Window   time.Duration
}

// rateUsage maps the usageKey of a system and a token to their latest window. A window begins with its first request.
type rateUsage map[string]*rateWindow

type rateWindow struct {
	remaining int
	resetAt   time.Time
}

// SetWintroRateLimit sets the number of requests that Wintro accepts with one API token in each window. A window begins
// with its first request. Wintro's published limit is 100 requests in 60 seconds. By default, the sandbox has no limit.
// Pass 0 requests to remove a limit. The header X-RateLimit-Reset contains the end of the window as a Unix time,
// rounded up to whole seconds.
func (s *Sandbox) SetWintroRateLimit(requests int, window time.Duration) {
	s.locked(func(st *store) { s.setRateLimit(&st.Wintro.RateLimit, requests, window) })
}

// setRateLimit sets a system's limit, and restarts the counts of all tokens.
func (s *Sandbox) setRateLimit(limit *rateLimit, requests int, window time.Duration) {
	if requests < 0 || requests > 0 && window <= 0 {
		refuse("%d requests in %s is not a limit; use 0 requests to remove the limit", requests, window)
	}
	*limit = rateLimit{requests, window}
	s.usage = rateUsage{}
}

// take counts a request and reports whether it is within the limit. It returns the request's window, or nil if there
// is no limit.
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

// setRateLimitHeaders sets Wintro's rate-limit headers, and the Date header, which clients compare with
// X-RateLimit-Reset.
func setRateLimitHeaders(header http.Header, limit rateLimit, window *rateWindow, now time.Time) {
	header.Set("X-RateLimit-Limit", strconv.Itoa(limit.Requests))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(window.remaining))
	header.Set("X-RateLimit-Reset", unixSeconds(window.resetAt))
	header.Set("Date", now.UTC().Format(http.TimeFormat))
}

// unixSeconds returns t as a Unix time in whole seconds, rounded up.
func unixSeconds(t time.Time) string {
	return strconv.FormatInt(seconds(time.Duration(t.UnixNano())), 10)
}

// seconds returns d in whole seconds, rounded up so that no client retries too early.
func seconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
