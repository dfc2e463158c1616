package transport

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// clauses matches every possible error of ParseEndpoint. The scheme is the only part of the input that an error
// may quote.
var clauses = regexp.MustCompile(`^(is empty|has white space around it or in it|has no scheme; it must begin with https://|isn't a URL|has no host|has an invalid host name|` +
	`has credentials in it; a token is set with its own attribute|has a query or a fragment; it must be a scheme, a host and a path|` +
	`is plain http, which would show the token to the network; only an address of this machine \(such as http://127\.0\.0\.1:8080\) may be http|` +
	`has the scheme ([a-z][a-z0-9+.-]{0,19}…?); it must be https)$`)

func FuzzParseEndpoint(f *testing.F) {
	for _, text := range []string{
		"", "api.recruitee.com", "https://api.recruitee.com/", "https://www.wintro.app/api/v1//", "https://wintro.example/a%2Fb/", "https://[::1%25eth0]:8443/x",
		"http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "http://0.0.0.0", "http://127.0.0.1.example", "ftp://wintro.example", "HTTPS://WINTRO.EXAMPLE",
		"https://ada:s3cret@wintro.example", "https://s3cret%zz", "https://ada:s3cret@wintro.example:port", "https://wintro.example?token=s3cret", "https://wintro.example/#s3cret",
		"https://wintro.example\x1b[2J", "https://%C2%9B2J.example", "https://wintro\u202e.example", "https://%80.example", "https:///s3cret", "https://:8443", "https:s3cret://x",
	} {
		f.Add(text, "s3cret")
	}
	f.Add("wintro.example", "p@ss/word?x#y")
	f.Add("wintro.example", "\x1b]0;\x07")
	f.Fuzz(func(t *testing.T, text, password string) {
		if endpoint, err := ParseEndpoint(text); err != nil {
			said := clauses.FindStringSubmatch(err.Error())
			if said == nil {
				t.Fatalf("the error %q isn't a known clause", err)
			}
			scheme, _, _ := strings.Cut(strings.ToLower(text), ":")
			if !strings.HasPrefix(scheme, strings.TrimSuffix(said[2], "…")) {
				t.Errorf("the error %q for %q names another scheme", err, text)
			}
		} else {
			transporttest.CheckText(t, endpoint.Host)
			if endpoint.Scheme != "https" && (endpoint.Scheme != "http" || !isLoopback(endpoint.Hostname())) {
				t.Errorf("%q was accepted with the scheme %q", text, endpoint.Scheme)
			}
			if endpoint.User != nil || endpoint.RawQuery != "" || endpoint.Fragment != "" || endpoint.Hostname() == "" || len(endpoint.Host) > longestHost {
				t.Errorf("%q was parsed as %#v", text, endpoint)
			}
			again, err := ParseEndpoint(endpoint.String())
			if err != nil || again.String() != endpoint.String() {
				t.Errorf("%q became %q, which became %v: %v", text, endpoint, again, err)
			}
		}

		_, err := ParseEndpoint("https://ada:" + password + "@" + text)
		if err == nil {
			// ParseEndpoint can't recognise a password with a slash: the slash ends the host, so the rest of the
			// password becomes the path.
			if !strings.ContainsAny(password, "/") {
				t.Errorf("an endpoint with the password %q was accepted", password)
			}
			return
		}
		if said := clauses.FindStringSubmatch(err.Error()); said == nil || said[2] != "" {
			t.Errorf("the error %q isn't a known clause, or quotes the scheme", err)
		}
	})
}
