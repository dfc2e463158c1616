package transport

import (
	"net/http"
	"testing"
	"time"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		limit   int
		secrets []string
		want    string
	}{
		"plain text":          {text: "Acme B.V.", limit: 20, want: "Acme B.V."},
		"other scripts":       {text: "Škoda 株式会社 ö", limit: 20, want: "Škoda 株式会社 ö"},
		"control characters":  {text: "a\x00b\x07c\x7fd\u0085e", limit: 20, want: "a b c d e"},
		"runs of white space": {text: "  a \t  b\u00a0c  ", limit: 20, want: "a b c"},
		"a character that changes the direction of text": {text: "a\u202egnp.exe", limit: 20, want: "a gnp.exe"},
		"invisible characters":                           {text: "a\u200bb\u3164c", limit: 20, want: "a b c"},
		"invalid UTF-8":                                  {text: "a\xff\xfeb\xc3", limit: 20, want: "a b"},
		"only unprintable characters":                    {text: "\x00\x1b\n", limit: 20, want: ""},
		"a text as long as the limit":                    {text: "abcde", limit: 5, want: "abcde"},
		"a text longer than the limit":                   {text: "abcdef", limit: 5, want: "abcde…"},
		"more bytes than characters":                     {text: "öööööö", limit: 5, want: "ööööö…"},
		"unprintable characters don't count":             {text: "\x00\x00\x00abcde\n", limit: 5, want: "abcde"},
		"a secret":                                       {text: "token s3cret-token is wrong", limit: 50, secrets: []string{"s3cret-token"}, want: "token (secret) is wrong"},
		"a secret at the limit":                          {text: "token s3cret-token is wrong", limit: 10, secrets: []string{"s3cret-token"}, want: "token (sec…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, secret := range test.secrets {
				RememberSecret(secret)
			}
			if got := Printable(test.text, test.limit); got != test.want {
				t.Errorf("got %q instead of %q", got, test.want)
			}
		})
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ header, want string }{
		"a parameter":          {"application/problem+json; charset=utf-8", "application/problem+json"},
		"upper case":           {"Application/JSON", "application/json"},
		"a repeated parameter": {"application/json; charset=utf-8; charset=utf-8", "application/json"},
		"an invalid parameter": {"application/json; =;\"", "application/json"},
		"a list":               {"application/json, text/html", "application/json"},
		"only a parameter":     {"; charset=a/b", ""},
		"no media type":        {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &Response{Header: http.Header{"Content-Type": {test.header}}}
			if got := resp.MediaType(); got != test.want {
				t.Errorf("got %q instead of %q", got, test.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 21, 7, 31, 15, 0, time.UTC)
	year := 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		retryAfter, reset string
		want              time.Duration
		asked             bool
	}{
		"seconds":                                      {retryAfter: "7", want: 7 * time.Second, asked: true},
		"zero seconds":                                 {retryAfter: "0", want: 0, asked: true},
		"more seconds than fit into a duration":        {retryAfter: "18446744073709551615", want: year, asked: true},
		"more seconds than fit into an integer":        {retryAfter: "99999999999999999999999999999999", want: year, asked: true},
		"a date in the distant future":                 {retryAfter: "Fri, 31 Dec 9999 23:59:59 GMT", want: year, asked: true},
		"a date":                                       {retryAfter: "Tue, 21 Apr 2026 07:32:00 GMT", want: 45 * time.Second, asked: true},
		"a date that has passed":                       {retryAfter: "Tue, 21 Apr 2026 07:30:00 GMT", want: 0, asked: true},
		"a date in an old format":                      {retryAfter: "Tuesday, 21-Apr-26 07:32:00 GMT", want: 45 * time.Second, asked: true},
		"invalid":                                      {retryAfter: "soon"},
		"negative seconds":                             {retryAfter: "-5"},
		"no field":                                     {},
		"invalid, with x-ratelimit-reset":              {retryAfter: "soon", reset: "12", want: 12 * time.Second, asked: true},
		"both fields":                                  {retryAfter: "7", reset: "12", want: 7 * time.Second, asked: true},
		"an invalid x-ratelimit-reset":                 {reset: "tomorrow"},
		"a reset as a Unix time":                       {reset: "1776756690", want: 15 * time.Second, asked: true},
		"a reset as a Unix time that has passed":       {reset: "1776756600"},
		"a reset as a Unix time that is too far ahead": {reset: "1808292675"},
		"a reset in a day":                             {reset: "86400", want: 24 * time.Hour, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if test.retryAfter != "" {
				header.Set("Retry-After", test.retryAfter)
			}
			if test.reset != "" {
				header.Set("x-ratelimit-reset", test.reset)
			}
			if got, asked := retryAfter(header, now); got != test.want || asked != test.asked {
				t.Errorf("got %s, %t instead of %s, %t", got, asked, test.want, test.asked)
			}
		})
	}
}
