package transport

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// rateLimiter paces the requests of one client. Servers limit the rate of each token, and tell in response headers how
// many requests remain. The limiter holds back requests that the server would probably reject, unless the operation
// can't wait that long.
type rateLimiter struct {
	system string

	mu     sync.Mutex
	tokens map[string]*rateLimit
}

// rateLimit is the state of one token's limit.
type rateLimit struct {
	// remaining is the number of requests that may still be sent before reset, not counting those in flight. If
	// it is negative, the number is unknown, and the limiter lets every request through.
	remaining int
	// inFlight is the number of reserved requests that have no response yet.
	inFlight int
	// reset is the time at which requests are allowed again if none remain.
	reset time.Time
	// probing reports whether the first request after a reset is in flight. Clocks differ, and servers round the reset
	// to whole seconds. The limiter therefore sends a single request first, to check that the server has really reset
	// the limit.
	probing bool
	// changed is closed and replaced whenever the state may have changed, so that waiting requests check it
	// again.
	changed chan struct{}
}

const unknownRemaining = -1

// reservation is the permission to send one request. An operation that can't wait for a reservation sends its
// request anyway.
type reservation struct {
	// isProbe reports whether the request checks that the limit has been reset.
	isProbe bool
}

// wait reserves one request for the token of req. It blocks until the limit allows the request. It returns nil if ctx
// ends, or as soon as the operation can't wait until the expected reset. In the second case, the server decides whether
// to accept the request.
func (l *rateLimiter) wait(ctx context.Context, req *http.Request) *reservation {
	logged := false
	for {
		reserved, pause, changed := l.reserve(req)
		if reserved != nil || ctx.Err() != nil || pause > maxWait(ctx) {
			return reserved
		}
		if pause > 0 && !logged {
			tflog.Info(ctx, "Waiting because the rate limit is used up", map[string]any{"system": l.system, "wait_ms": pause.Milliseconds()})
			logged = true
		}
		// If there is no pause, another request is probing the limit. When that request ends, observe closes changed.
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

// reserve takes one of the remaining requests or, after the reset, the probe. If neither is available, it returns nil,
// the time until the expected reset, and a channel that is closed when the limit may have changed.
func (l *rateLimiter) reserve(req *http.Request) (reserved *reservation, pause time.Duration, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.limitOf(req)
	pause = time.Until(limit.reset)
	reserved = &reservation{}
	switch {
	case limit.remaining < 0:
	case limit.remaining > 0:
		limit.remaining--
	case pause <= 0 && !limit.probing:
		limit.probing, reserved.isProbe = true, true
	default:
		return nil, pause, limit.changed
	}
	limit.inFlight++
	return reserved, 0, nil
}

// observe ends a reservation, updates the limit from the response, and wakes the requests that wait for this limit.
// reserved is nil if the request had no reservation. resp is nil if there was no response.
func (l *rateLimiter) observe(req *http.Request, resp *Response, reserved *reservation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.limitOf(req)
	isProbe := reserved != nil && reserved.isProbe
	if reserved != nil {
		limit.inFlight--
	}
	if isProbe {
		limit.probing = false
	}
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
	case !known && isProbe:
		limit.remaining = unknownRemaining
	case !known:
	case isProbe, limit.remaining < 0, reset.Sub(limit.reset) > sameWindow:
		// Subtract the requests in flight, because the server might not have counted them yet.
		limit.remaining, limit.reset = max(0, remaining-limit.inFlight), reset
	case limit.reset.Sub(reset) <= sameWindow:
		// Responses overtake one another, and other programs may use the same token, so only the minimum is safe.
		limit.remaining = min(limit.remaining, remaining)
	}
}

// sameWindow is the maximum difference between two reset times of the same window, which servers round to whole
// seconds.
const sameWindow = 2 * time.Second

func (l *rateLimiter) limitOf(req *http.Request) *rateLimit {
	token := req.Header.Get("Authorization")
	limit, found := l.tokens[token]
	if found {
		return limit
	}
	if l.tokens == nil {
		l.tokens = map[string]*rateLimit{}
	}
	// Forget idle tokens, because a process that lives for days may see a new token in each run.
	maps.DeleteFunc(l.tokens, func(_ string, idle *rateLimit) bool {
		return idle.inFlight == 0 && time.Since(idle.reset) > maxWindow
	})
	limit = &rateLimit{remaining: unknownRemaining, changed: make(chan struct{})}
	l.tokens[token] = limit
	return limit
}

// quota returns the time of the reset and the number of requests that remain until then, according to a
// response's header. It returns false if either is missing or invalid.
func quota(header http.Header, now time.Time) (remaining int, reset time.Time, known bool) {
	remaining, err := strconv.Atoi(strings.TrimSpace(header.Get("X-RateLimit-Remaining")))
	wait, ok := rateLimitReset(header, now)
	if err != nil || remaining < 0 || !ok {
		return 0, time.Time{}, false
	}
	return remaining, now.Add(wait), true
}

const (
	// firstUnixTime is the smallest value that counts as a Unix time. A smaller reset is a number of seconds.
	firstUnixTime = 1_000_000_000
	// maxWindow is the maximum time until a reset that is given as a Unix time. Windows last minutes, so a Unix time
	// further ahead is a mistake.
	maxWindow = time.Hour
)

// rateLimitReset returns the time until X-RateLimit-Reset. Wintro sends a Unix time on the server's clock, and
// Recruitee sends a number of seconds. rateLimitReset returns false if the value is missing or invalid. A Unix time in
// the past or more than maxWindow ahead is invalid.
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

// serverTime returns the time of the server's clock, or now if the response has no valid date.
func serverTime(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return now
}
