package conformance

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// A pacer keeps the requests that use one token within the server's rate limit. It reads the limit from the
// headers of responses.
type pacer struct {
	remaining int
	// until is the end of the window. It is zero while the limit is unknown.
	until time.Time
}

const (
	usualWindow = time.Minute
	// longestWindow is the longest wait for the end of a window. If a server sends a later end, the check
	// rate-limit/reset reports that mistake, and the pacer assumes usualWindow.
	longestWindow = time.Hour
)

// note updates the rate limit from the headers of a response. A 429 means that no requests remain. note ignores
// any other response without a valid X-RateLimit-Remaining.
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
		// The server rounds both times to seconds, so the window may end up to a second later.
		if d := time.Unix(seconds, 0).Sub(e.serverTime()) + time.Second; d >= 0 && d <= longestWindow {
			wait = d
		}
	}
	p.remaining, p.until = remaining, time.Now().Add(wait)
}

// wait reserves n requests in the current window. If too few remain, it waits until the window or ctx ends. While
// the limit is unknown, it returns immediately.
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
		if !transport.Sleep(ctx, d) {
			return ctx.Err()
		}
	}
	// The limit is unknown until the next response describes the new window.
	*p = pacer{}
	return nil
}
