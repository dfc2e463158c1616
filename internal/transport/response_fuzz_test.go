package transport

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func FuzzPrintable(f *testing.F) {
	f.Add("Acme B.V.", uint8(20), "")
	f.Add("\x1b[31mred\x1b[0m\x00\u009b2J", uint8(20), "")
	f.Add("a\u202egnp.exe \u2066x\u2069", uint8(4), "")
	f.Add("one\r\ntwo\u2028three\xff\xc3", uint8(255), "")
	f.Add("token "+secretToken+" is "+strings.ToUpper(secretToken), uint8(30), secretToken)
	f.Add(secretToken[:12]+"\x00"+secretToken[12:], uint8(200), secretToken)
	f.Fuzz(func(t *testing.T, text string, limit uint8, secret string) {
		if couldBeToken(secret) {
			RememberSecret(secret)
		}
		got := Printable(text, int(limit))
		transporttest.CheckText(t, got)
		if length := utf8.RuneCountInString(got); length > int(limit)+1 {
			t.Errorf("the text has %d characters: %q", length, got)
		}
		if strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Errorf("%q has superfluous white space", got)
		}
		if again := Printable(got, int(limit)); again != got {
			t.Errorf("Printable changes its own result %q to %q", got, again)
		}
		if couldBeToken(secret) {
			transporttest.CheckSecrets(t, got, secret)
		}
	})
}

// couldBeToken reports whether Redact treats the text as a secret. It returns false for white space, control characters
// and invalid UTF-8, which connection.CheckToken rejects, and for characters that Printable may add.
func couldBeToken(text string) bool {
	return len(appendPlain(nil, nil, text)) >= shortestSecret && utf8.ValidString(text) && !strings.ContainsAny(text, "()…") &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError })
}

func FuzzUnexpectedResponse(f *testing.F) {
	const token = "s3cret0123456789token"
	RememberSecret(token)
	f.Add(404, "text/html; charset=utf-8", "", "", "", "")
	f.Add(301, "", "https://user:"+token+"@other.example/"+token, "", "", "")
	f.Add(302, "", "https://"+token+".example/", "", "", "")
	f.Add(303, "", token+"://x", "", "", "its list has no data")
	f.Add(307, "", "/again", "", "", "")
	f.Add(308, "", "https://%C2%9B2J%E2%80%AE.example", "", "", "")
	f.Add(401, "x/"+strings.ToUpper(token), "", "", "", "")
	f.Add(403, "\x1b[2J/\x1b[31m", "", "", "", "\u202e"+token)
	f.Add(429, "text/plain", "", "86400", "", "")
	f.Add(503, "text/plain", "", "Fri, 31 Dec 9999 23:59:59 GMT", "12", "")
	f.Add(-1, "", "", "", "18446744073709551616", "")
	f.Fuzz(func(t *testing.T, status int, contentType, location, retryAfter, reset, said string) {
		address := &url.URL{Scheme: "https", Host: "wintro.example", Path: "/api/v1"}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			err := UnexpectedResponse("Wintro", &Response{
				StatusCode: status,
				Header: http.Header{
					"Content-Type": {contentType}, "Location": {location}, "Retry-After": {retryAfter}, "X-Ratelimit-Reset": {reset},
				},
				Request: (&http.Request{Method: method, URL: address}).WithContext(context.Background()),
			}, Printable(said, 255))
			transporttest.CheckError(t, err, token)
			if err.Status != status || err.System != "Wintro" || err.Host != address.Host || err.Unwrap() != nil {
				t.Errorf("%+v", err)
			}
		}
	})
}

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
	f.Fuzz(func(t *testing.T, field, reset string, now int64) {
		header := http.Header{"Retry-After": {field}, "X-Ratelimit-Reset": {reset}}
		wait, asked := retryAfter(header, time.Unix(now, 0))
		if wait < 0 || wait > 365*24*time.Hour || wait > 0 && !asked {
			t.Errorf("the wait is %s, and asked is %t", wait, asked)
		}
		if field != "" && strings.Trim(field, "0123456789") == "" && !asked {
			t.Errorf("the seconds in %q were not read", field)
		}
	})
}
