package transport

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const aYear = 365 * 24 * time.Hour

// RetryAfter returns the wait before the next attempt that a server asks for: Retry-After in seconds or as a
// date, otherwise X-RateLimit-Reset. It returns false if neither is valid. It returns at most a year, so that
// adding to a wait can't overflow.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	asked := strings.TrimSpace(header.Get("Retry-After"))
	if wait, ok := seconds(asked); ok {
		return wait, true
	}
	if date, err := http.ParseTime(asked); err == nil {
		return min(max(0, date.Sub(serverTime(header, now))), aYear), true
	}
	return rateLimitReset(header, now)
}

func seconds(text string) (time.Duration, bool) {
	count, err := strconv.ParseUint(text, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	// If the number is out of range, count is the maximum.
	return time.Duration(min(count, uint64(aYear/time.Second))) * time.Second, true
}
