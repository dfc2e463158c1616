package transport

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const aYear = 365 * 24 * time.Hour

// RetryAfter is how long a server asks to wait before the next attempt: Retry-After as seconds or as a
// date, otherwise X-RateLimit-Reset. It is false if neither holds anything that can be believed. What is
// longer than a year is a year, so that something can be added to every wait.
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
	// Out of range, the count is the largest that there is.
	return time.Duration(min(count, uint64(aYear/time.Second))) * time.Second, true
}
