package conformance

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// A pacer keeps the requests with one token within the server's rate limit. It reads the limit from response
// headers.
type pacer struct {
	remaining int
	// until is the end of the window. It is zero if the limit isn't known.
	until time.Time
}

const (
	usualWindow = time.Minute
	// longestWindow is the longest wait for the end of a window. If a server sends a later end, a check reports
	// it, but the run doesn't wait for years.
	longestWindow = time.Hour
)

// note reads the rate limit from the headers of a response.
func (p *pacer) note(e *exchange) {
	remaining, err := strconv.Atoi(e.responseHeader.Get("X-RateLimit-Remaining"))
	if e.status == http.StatusTooManyRequests {
		remaining, err = 0, nil
	}
	if err != nil {
		return
	}
	wait := usualWindow
	if seconds, err := strconv.ParseInt(e.responseHeader.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		// Both times are rounded to seconds, so the window may end up to a second later.
		if d := time.Unix(seconds, 0).Sub(e.serverTime()) + time.Second; d >= 0 && d <= longestWindow {
			wait = d
		}
	}
	p.remaining, p.until = remaining, time.Now().Add(wait)
}

// wait waits until the limit allows n requests, and reserves them.
func (p *pacer) wait(ctx context.Context, n int, onWait func(time.Duration, string)) error {
	if p.until.IsZero() {
		return nil
	}
	if p.remaining >= n {
		p.remaining -= n
		return nil
	}
	if d := time.Until(p.until); d > 0 {
		onWait(d, "the rate limit")
		if err := sleep(ctx, d); err != nil {
			return err
		}
	}
	// The next response describes the new window.
	*p = pacer{}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
