package transport

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Response is an HTTP response whose body has been read.
type Response struct {
	// StatusCode and Header have the same meaning as in http.Response.
	StatusCode int
	Header     http.Header
	// Body is the whole body, of at most MaxBodyBytes.
	Body []byte
	// Request is the request for this response: the last one after redirects.
	Request *http.Request
	// Attempts is the number of attempts, including this one.
	Attempts int
	// MayHaveActed reports whether the system may have processed an earlier attempt.
	MayHaveActed bool
}

// anyMayHaveActed reports whether the system may have processed any attempt, including this one. A 429 shows that the
// system hasn't processed this attempt.
func (r *Response) anyMayHaveActed() bool {
	return r.MayHaveActed || r.StatusCode != http.StatusTooManyRequests
}

// MediaType returns the media type in Content-Type, in lower case, or "" if there is no valid one. It ignores
// parameters, even invalid ones. Some proxies join repeated headers into a list, so only the first media type counts.
func (r *Response) MediaType() string {
	media := r.Header.Get("Content-Type")
	if end := strings.IndexAny(media, ";,"); end >= 0 {
		media = media[:end]
	}
	media = strings.ToLower(strings.TrimSpace(media))
	if !strings.Contains(media, "/") {
		return ""
	}
	return media
}

// WaitAskedFor returns the time that the response asks the client to wait before its next request. It returns false if
// the response doesn't ask for a wait. Only a 429 or a 503 can ask for a wait.
func (r *Response) WaitAskedFor() (time.Duration, bool) {
	if r.StatusCode != http.StatusTooManyRequests && r.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	return retryAfter(r.Header, time.Now())
}

const aYear = 365 * 24 * time.Hour

// retryAfter returns the time that a server asks the client to wait before its next request. It reads
// Retry-After, in seconds or as a date, or else X-RateLimit-Reset. It returns false if neither is valid. The time
// is at most a year, so that adding to it can't overflow.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
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

// Printable makes a text from a server safe to print in a terminal or a log. It removes secrets, replaces each run of
// white space and unprintable characters with one space, trims the text, and cuts it after limit characters.
func Printable(text string, limit int) string {
	words := strings.FieldsFunc(Redact(text), func(r rune) bool {
		return !unicode.IsGraphic(r) || IsInvisible(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
	})
	runes := []rune(strings.Join(words, " "))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}

// IsInvisible reports whether a character controls a terminal, changes the direction of text, or can't be seen,
// such as a zero-width space or a filler.
func IsInvisible(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point, unicode.Other_Default_Ignorable_Code_Point)
}
