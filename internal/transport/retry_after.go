package transport

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter is how long a server asks to wait before the next try: Retry-After as seconds or as a
// date, otherwise x-ratelimit-reset, which Recruitee gives in seconds (design.md, section 3). It is
// false where neither holds anything that can be read.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	asked := strings.TrimSpace(header.Get("Retry-After"))
	if wait, ok := seconds(asked); ok {
		return wait, true
	}
	if date, err := http.ParseTime(asked); err == nil {
		return max(0, date.Sub(now)), true
	}
	return seconds(strings.TrimSpace(header.Get("X-Ratelimit-Reset")))
}

func seconds(text string) (time.Duration, bool) {
	count, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, false
	}
	return time.Duration(min(count, math.MaxInt64/uint64(time.Second))) * time.Second, true
}
