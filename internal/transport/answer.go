package transport

import (
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode"
)

// MediaType is the answer's Content-Type without parameters, in lower case; "" where it has none.
func MediaType(resp *http.Response) string {
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// Body is the body of an answer of Client.Do, which is in memory.
func Body(resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

// Printable makes a text from a server fit for a terminal and a log: white space and what can't be
// printed become single spaces, and what is longer than limit characters is cut. The secrets are what
// the server was sent and may repeat: they are taken out first, so that not even a part of one stays.
func Printable(text string, limit int, secrets ...string) string {
	words := strings.FieldsFunc(Without(text, secrets...), func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar
	})
	runes := []rune(strings.Join(words, " "))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}

// shortestSecret is how long a text has to be for its every appearance to be that secret: tokens
// are much longer, and a shorter one would take words apart.
const shortestSecret = 8

// Without is a text in which "(secret)" stands for each of the secrets, in whatever case.
func Without(text string, secrets ...string) string {
	for _, secret := range secrets {
		// What is usual has to be fast: a list in an answer may be long.
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
