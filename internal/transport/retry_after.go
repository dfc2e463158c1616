package transport

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const aYear = 365 * 24 * time.Hour

// RetryAfter returns the time that a server asks the client to wait before its next request. It reads
// Retry-After, in seconds or as a date, or else X-RateLimit-Reset. It returns false if neither is valid. The time
// is at most a year, so that adding to it can't overflow.
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
	// If the number is out of range, ParseUint returns the maximum.
	return time.Duration(min(count, uint64(aYear/time.Second))) * time.Second, true
}
