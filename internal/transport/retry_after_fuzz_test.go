package transport

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func FuzzRetryAfter(f *testing.F) {
	for _, asked := range []string{
		"", "0", "7", " 7 ", "86400", "-5", "+5", "0.5", "1e9", "0x10", "1_000", "soon", "٣",
		"9223372036854775807", "9223372037", "18446744073709551615", "18446744073709551616",
		"Tue, 21 Apr 2026 07:32:00 GMT", "Tuesday, 21-Apr-26 07:32:00 GMT", "Tue Apr 21 07:32:00 2026",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "Tue, 21 Apr 2026 07:32:00 GMT\x00",
	} {
		f.Add(asked, "", int64(1776756675))
		f.Add("soon", asked, int64(1776756675))
	}
	f.Add("Tue, 21 Apr 2026 07:32:00 GMT", "", int64(-1<<62))
	f.Add("Tue, 21 Apr 2026 07:32:00 GMT", "", int64(1<<62))
	f.Fuzz(func(t *testing.T, retryAfter, reset string, now int64) {
		header := http.Header{"Retry-After": {retryAfter}, "X-Ratelimit-Reset": {reset}}
		wait, asked := RetryAfter(header, time.Unix(now, 0))
		if wait < 0 || wait > 365*24*time.Hour || wait > 0 && !asked {
			t.Errorf("%s, %t", wait, asked)
		}
		if retryAfter != "" && strings.Trim(retryAfter, "0123456789") == "" && !asked {
			t.Errorf("the seconds in %q aren't read", retryAfter)
		}
	})
}
