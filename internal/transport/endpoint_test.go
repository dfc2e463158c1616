package transport

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"https":                            {"https://api.recruitee.com", "https://api.recruitee.com"},
		"a path":                           {"https://www.wintro.app/api/v1", "https://www.wintro.app/api/v1"},
		"trailing slashes":                 {"https://www.wintro.app//", "https://www.wintro.app"},
		"an escaped path":                  {"https://wintro.example/a%2Fb/", "https://wintro.example/a%2Fb"},
		"a host in another script":         {"https://škoda.example", "https://%C5%A1koda.example"},
		"a port":                           {"https://wintro.example:8443", "https://wintro.example:8443"},
		"a scheme in upper case":           {"HTTPS://wintro.example", "https://wintro.example"},
		"http to an IPv4 loopback address": {"http://127.1.2.3:8080", "http://127.1.2.3:8080"},
		"http to ::1":                      {"http://[::1]:8080", "http://[::1]:8080"},
		"http to localhost, ignoring case": {"http://LocalHost:8080", "http://LocalHost:8080"},

		"an empty text":                             {"", "is empty"},
		"a host without a scheme":                   {"api.recruitee.com", "has no scheme"},
		"a path that contains a scheme":             {"//s3cret.example/https://", "has no scheme"},
		"an invalid URL":                            {"https://s3cret%zz", "isn't a URL"},
		"a line break":                              {"https://api.recruitee.com\n", "has white space"},
		"a leading space":                           {" https://api.recruitee.com", "has white space"},
		"a trailing no-break space":                 {"https://api.recruitee.com\u00a0", "has white space"},
		"no host":                                   {"https:///s3cret", "has no host"},
		"a control character in the host":           {"https://s3cret%C2%9B.example", "has an invalid host name"},
		"a host that isn't UTF-8":                   {"https://s3cret%80.example", "has an invalid host name"},
		"a host that changes the direction of text": {"https://s3cret\u202e.example", "has an invalid host name"},
		"a host that is too long":                   {"https://s3cret" + strings.Repeat("a", 300), "has an invalid host name"},
		"ftp":                                       {"ftp://s3cret.example", "has the scheme ftp; it must be https"},
		"a user and password":                       {"https://ada:s3cret@api.recruitee.com", "has credentials in it"},
		"a query":                                   {"https://api.recruitee.com?token=s3cret", "has a query or a fragment"},
		"an empty query":                            {"https://api.recruitee.com?", "has a query or a fragment"},
		"a fragment":                                {"https://app.recruitee.com/#/s3cret", "has a query or a fragment"},
		"http to another machine":                   {"http://s3cret.example", "is plain http"},
		"http to the unspecified address":           {"http://0.0.0.0:8080", "is plain http"},
		"http to a host that begins like a loopback address": {"http://127.0.0.1.example", "is plain http"},
		"http to a host that begins with localhost":          {"http://localhost.example", "is plain http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, err := ParseEndpoint(test.text)
			if err == nil {
				if endpoint.String() != test.want {
					t.Errorf("%q became %q instead of %q", test.text, endpoint, test.want)
				}
			} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: the error is %q instead of %q", test.text, err, test.want)
			}
		})
	}
}
