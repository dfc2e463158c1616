package transport

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 21, 7, 31, 15, 0, time.UTC)
	year := 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		retryAfter, reset string
		want              time.Duration
		asked             bool
	}{
		"seconds":                            {retryAfter: "7", want: 7 * time.Second, asked: true},
		"seconds with spaces around":         {retryAfter: " 7 ", want: 7 * time.Second, asked: true},
		"no second":                          {retryAfter: "0", want: 0, asked: true},
		"a day":                              {retryAfter: "86400", want: 24 * time.Hour, asked: true},
		"more seconds than a duration holds": {retryAfter: "18446744073709551615", want: year, asked: true},
		"more seconds than an integer holds": {retryAfter: "99999999999999999999999999999999", want: year, asked: true},
		"a date far away":                    {retryAfter: "Fri, 31 Dec 9999 23:59:59 GMT", want: year, asked: true},
		"a date":                             {retryAfter: "Tue, 21 Apr 2026 07:32:00 GMT", want: 45 * time.Second, asked: true},
		"a date that has passed":             {retryAfter: "Tue, 21 Apr 2026 07:30:00 GMT", want: 0, asked: true},
		"a date in an old form":              {retryAfter: "Tuesday, 21-Apr-26 07:32:00 GMT", want: 45 * time.Second, asked: true},
		"nonsense":                           {retryAfter: "soon"},
		"negative seconds":                   {retryAfter: "-5"},
		"half a second":                      {retryAfter: "0.5"},
		"neither":                            {},
		"only x-ratelimit-reset":             {reset: "12", want: 12 * time.Second, asked: true},
		"nonsense and x-ratelimit-reset":     {retryAfter: "soon", reset: "12", want: 12 * time.Second, asked: true},
		"Retry-After goes before x-ratelimit-reset": {retryAfter: "7", reset: "12", want: 7 * time.Second, asked: true},
		"nonsense in x-ratelimit-reset":             {reset: "tomorrow"},
		"a reset as a Unix time":                    {reset: "1776756690", want: 15 * time.Second, asked: true},
		"a reset as a Unix time that has passed":    {reset: "1776756600"},
		"a reset as a Unix time far ahead":          {reset: "1808292675"},
		"a reset in seconds far ahead":              {reset: "86400", want: 24 * time.Hour, asked: true},
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
			if got, asked := RetryAfter(header, now); got != test.want || asked != test.asked {
				t.Errorf("%s, %t instead of %s, %t", got, asked, test.want, test.asked)
			}
		})
	}
}
