package transport

import (
	"runtime"
	"strings"
	"testing"
)

func TestUserAgent(t *testing.T) {
	t.Parallel()
	usual := "Terraform/1.14.2 terraform-provider-wintro/0.1.0-dev (" + runtime.GOOS + "; " + runtime.GOARCH + ")"
	for name, test := range map[string]struct{ added, want string }{
		"nothing is added":                {"", usual},
		"only white space is added":       {" \t\n", usual},
		"a pipeline's name is added":      {"ci/42 (nightly)", usual + " ci/42 (nightly)"},
		"no other header can be added":    {"ci\r\nX: y", usual + " ci X: y"},
		"no control character is added":   {"ci\x00\x1b[31m\x7f", usual + " ci [31m"},
		"no more than 200 characters are": {strings.Repeat("a", 300), usual + " " + strings.Repeat("a", 200) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := UserAgent("1.14.2", "0.1.0-dev", test.added)
			if got != test.want {
				t.Errorf("%q instead of %q", got, test.want)
			}
			if name := invalidHeader(map[string][]string{"User-Agent": {got}}); name != "" {
				t.Errorf("HTTP doesn't allow %q", got)
			}
		})
	}
}
