package transport

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// rateLimiter paces the requests of one client. Servers limit rates by token, and say in each response how
// many requests are left until when: so what would be refused isn't sent.
type rateLimiter struct {
	system string

	mu     sync.Mutex
	tokens map[string]*rateLimit
}

// rateLimit is what is known of the limit of one token.
type rateLimit struct {
	// remaining is how many requests may still be sent before reset, the ones under way taken off.
	// Negative means that it isn't known: then any number is sent.
	remaining int
	// underWay is how many requests have been reserved and not been answered.
	underWay int
	// reset is when requests may be sent again once none remain.
	reset time.Time
	// probing reports whether the first request after a reset is under way. Clocks differ, and a reset is
	// given in whole seconds: so one request finds out whether there really are new ones.
	probing bool
	// changed is closed, and replaced, when any of this changes.
	changed chan struct{}
}

const unknownRemaining = -1

// wait reserves a request with the token of req: it waits until one may be sent, unless that would take
// longer than the operation may: then the server gets to say so itself.
func (l *rateLimiter) wait(ctx context.Context, req *http.Request) {
	logged := false
	for {
		pause, changed := l.reserve(req)
		if changed == nil || ctx.Err() != nil || pause > maxWait(ctx) {
			return
		}
		if pause > 0 && !logged {
			tflog.Info(ctx, "Waiting because the rate limit is used up", map[string]any{"system": l.system, "wait_ms": pause.Milliseconds()})
			logged = true
		}
		// If the pause is over, somebody else finds out.
		var over <-chan time.Time
		if pause > 0 {
			over = time.After(pause)
		}
		select {
		case <-over:
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// reserve takes one request off those that remain. If none do, changed isn't nil, and pause is how long
// that lasts, as far as it is known.
func (l *rateLimiter) reserve(req *http.Request) (pause time.Duration, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.limitOf(req)
	pause = time.Until(limit.reset)
	switch {
	case limit.remaining < 0:
	case limit.remaining > 0:
		limit.remaining--
	case pause <= 0 && !limit.probing:
		limit.probing = true
	default:
		return pause, limit.changed
	}
	limit.underWay++
	return 0, nil
}

// observe learns from a response. It is nil if there was none.
func (l *rateLimiter) observe(req *http.Request, resp *Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.limitOf(req)
	// A request that wasn't reserved, because nobody could wait for that, was sent all the same.
	limit.underWay = max(0, limit.underWay-1)
	probed := limit.probing
	limit.probing = false
	close(limit.changed)
	limit.changed = make(chan struct{})
	if resp == nil {
		return
	}
	now := time.Now()
	if wait, asked := resp.WaitAskedFor(); asked && wait > 0 {
		limit.remaining = 0
		if reset := now.Add(wait); reset.After(limit.reset) {
			limit.reset = reset
		}
		return
	}
	remaining, reset, known := quota(resp.Header, now)
	switch {
	case !known && probed:
		limit.remaining = unknownRemaining
	case !known:
	case probed, limit.remaining < 0, reset.Sub(limit.reset) > sameWindow:
		// The server may not have counted yet what is under way.
		limit.remaining, limit.reset = max(0, remaining-limit.underWay), reset
	case limit.reset.Sub(reset) <= sameWindow:
		// Responses overtake one another, and others may use the same token: the least is safe.
		limit.remaining = min(limit.remaining, remaining)
	}
}

// sameWindow is how much two resets may differ that are the same: they are given in whole seconds.
const sameWindow = 2 * time.Second

func (l *rateLimiter) limitOf(req *http.Request) *rateLimit {
	token := req.Header.Get("Authorization")
	limit, found := l.tokens[token]
	if !found {
		if l.tokens == nil {
			l.tokens = map[string]*rateLimit{}
		}
		limit = &rateLimit{remaining: unknownRemaining, changed: make(chan struct{})}
		l.tokens[token] = limit
	}
	return limit
}

// quota is how many requests a response says remain until when.
func quota(header http.Header, now time.Time) (remaining int, reset time.Time, known bool) {
	remaining, err := strconv.Atoi(strings.TrimSpace(header.Get("X-RateLimit-Remaining")))
	wait, ok := rateLimitReset(header, now)
	if err != nil || remaining < 0 || !ok {
		return 0, time.Time{}, false
	}
	return remaining, now.Add(wait), true
}

const (
	// firstUnixTime is where a reset begins to be a Unix time. Below, it is a number of seconds.
	firstUnixTime = 1_000_000_000
	// maxWindow is how far ahead a Unix time can be. A later one isn't believed: windows are minutes.
	maxWindow = time.Hour
)

// rateLimitReset is how long it is until the time in X-RateLimit-Reset: a Unix time (Wintro), which is
// read against the clock of the server, or a number of seconds (Recruitee). It is false if it isn't
// there or isn't readable, and if a Unix time is in the past or too far ahead.
func rateLimitReset(header http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(header.Get("X-RateLimit-Reset"))
	unix, err := strconv.ParseInt(text, 10, 64)
	if err != nil || unix < firstUnixTime {
		return seconds(text)
	}
	wait := unix - serverTime(header, now).Unix()
	if wait < 0 || wait > int64(maxWindow/time.Second) {
		return 0, false
	}
	return time.Duration(wait) * time.Second, true
}

// serverTime is what the clock of the server says, and ours if it doesn't say.
func serverTime(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return now
}
