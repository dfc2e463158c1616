package transport

import (
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Response is an HTTP response whose body has been read.
type Response struct {
	// StatusCode and Header are as in http.Response.
	StatusCode int
	Header     http.Header
	// Body is the whole body, of at most MaxBodyBytes.
	Body []byte
	// Request is the request that led to the response, the last one if redirects were followed.
	Request *http.Request
	// Attempts is how many attempts there have been, this one included.
	Attempts int
}

// MediaType is the response's Content-Type without parameters, in lower case; "" if it has none.
func (r *Response) MediaType() string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// WaitAskedFor is how long the response asks its client to wait before the next request; false if it doesn't.
func (r *Response) WaitAskedFor() (time.Duration, bool) {
	switch r.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return RetryAfter(r.Header, time.Now())
	}
	return 0, false
}

// Printable makes a text from a server fit for a terminal and a log: white space and what can't be
// printed become single spaces, and what is longer than limit characters is cut. The secrets are what
// the server was sent and may repeat: they are taken out first, so that not even a part of one stays.
func Printable(text string, limit int, secrets ...string) string {
	words := strings.FieldsFunc(Redact(text, secrets...), func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
	})
	runes := []rune(strings.Join(words, " "))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}

// shortestSecret is how long a text must be for its every appearance to be that secret: tokens
// are much longer, and a shorter one would take words apart.
const shortestSecret = 8

// Redact is a text in which "(secret)" stands for each of the secrets, in whatever case.
func Redact(text string, secrets ...string) string {
	for _, secret := range secrets {
		// What is usual must be fast: a list in an answer may be long.
		if len(secret) < shortestSecret || !strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
			continue
		}
		// Only what isn't UTF-8 makes no expression, and no text that can be printed holds that.
		if anyCase, err := regexp.Compile("(?i)" + regexp.QuoteMeta(secret)); err == nil {
			text = anyCase.ReplaceAllLiteralString(text, "(secret)")
		}
	}
	return text
}
