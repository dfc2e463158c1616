package transport

import (
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"https is taken as it is":                  {"https://api.recruitee.com", "https://api.recruitee.com"},
		"a path is kept":                           {"https://www.wintro.app/api/v1", "https://www.wintro.app/api/v1"},
		"several trailing slashes go":              {"https://www.wintro.app//", "https://www.wintro.app"},
		"an escaped path stays escaped":            {"https://wintro.example/a%2Fb/", "https://wintro.example/a%2Fb"},
		"another script is kept":                   {"https://škoda.example", "https://%C5%A1koda.example"},
		"a port is kept":                           {"https://wintro.example:8443", "https://wintro.example:8443"},
		"a scheme in capitals is understood":       {"HTTPS://wintro.example", "https://wintro.example"},
		"http to any loopback address is fine":     {"http://127.1.2.3:8080", "http://127.1.2.3:8080"},
		"http to ::1 is fine":                      {"http://[::1]:8080", "http://[::1]:8080"},
		"http to localhost in capitals is as fine": {"http://LocalHost:8080", "http://LocalHost:8080"},

		"nothing":                              {"", "is empty"},
		"a host without a scheme":              {"api.recruitee.com", "has no scheme"},
		"a path with a scheme in it":           {"//s3cret.example/https://", "has no scheme"},
		"what is no URL":                       {"https://s3cret%zz", "isn't a URL"},
		"a line break":                         {"https://api.recruitee.com\n", "has white space"},
		"a space in front":                     {" https://api.recruitee.com", "has white space"},
		"a no-break space at the end":          {"https://api.recruitee.com\u00a0", "has white space"},
		"no host":                              {"https:///s3cret", "has no host"},
		"a control character in the host":      {"https://s3cret%C2%9B.example", "has an invalid host name"},
		"a host that isn't UTF-8":              {"https://s3cret%80.example", "has an invalid host name"},
		"a host that turns its direction":      {"https://s3cret\u202e.example", "has an invalid host name"},
		"a host without end":                   {"https://s3cret" + strings.Repeat("a", 300), "has an invalid host name"},
		"ftp":                                  {"ftp://s3cret.example", "has the scheme ftp; it must be https"},
		"a user and password":                  {"https://ada:s3cret@api.recruitee.com", "has credentials in it"},
		"a query":                              {"https://api.recruitee.com?token=s3cret", "has a query or a fragment"},
		"an empty query":                       {"https://api.recruitee.com?", "has a query or a fragment"},
		"a fragment":                           {"https://app.recruitee.com/#/s3cret", "has a query or a fragment"},
		"http to another machine":              {"http://s3cret.example", "is plain http"},
		"http to every address":                {"http://0.0.0.0:8080", "is plain http"},
		"http to a host that begins like ours": {"http://127.0.0.1.example", "is plain http"},
		"http to a host that ends like ours":   {"http://localhost.example", "is plain http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, err := ParseEndpoint(test.text)
			if err == nil {
				if endpoint.String() != test.want {
					t.Errorf("%q instead of %q", endpoint, test.want)
				}
			} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q instead of %q", err, test.want)
			}
		})
	}
}
