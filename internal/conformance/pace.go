package conformance

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// A pacer keeps the requests with one token to the server's rate limit, by the headers of its answers.
type pacer struct {
	known     bool
	remaining int
	until     time.Time
}

// The Unix times between these are taken for what they are. What a server sends otherwise is a fault that
// the kit reports, and must not make it wait for years.
const (
	longestWindow = time.Hour
	usualWindow   = time.Minute
)

// note reads the headers of an answer that has just come.
func (p *pacer) note(answer *exchange) {
	now := time.Now()
	remaining, err := strconv.Atoi(answer.header.Get("X-RateLimit-Remaining"))
	if answer.status == http.StatusTooManyRequests {
		remaining, err = 0, nil
	}
	if err != nil {
		return
	}
	wait := usualWindow
	if seconds, err := strconv.ParseInt(answer.header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		serverNow, err := http.ParseTime(answer.header.Get("Date"))
		if err != nil {
			serverNow = now
		}
		// Both have whole seconds only, so that the window may end a second later.
		if d := time.Unix(seconds, 0).Sub(serverNow) + time.Second; d >= 0 && d <= longestWindow {
			wait = d
		}
	}
	p.known, p.remaining, p.until = true, remaining, now.Add(wait)
}

// wait waits until n requests can be sent, and reserves them.
func (p *pacer) wait(ctx context.Context, n int, onWait func(time.Duration, string)) error {
	if !p.known {
		return nil
	}
	if p.remaining < n {
		if d := time.Until(p.until); d > 0 {
			onWait(d, "the rate limit")
			if err := sleep(ctx, d); err != nil {
				return err
			}
		}
		// The next answer says where the new window stands.
		*p = pacer{}
		return nil
	}
	p.remaining -= n
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
