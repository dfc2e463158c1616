package connection

import (
	"strings"
	"testing"
)

func TestCheckCompanyID(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"816":                  "",
		"9223372036854775807":  "",
		"":                     "is empty",
		" 816":                 "white space",
		"8 16":                 "isn't a numeric",
		"0":                    "begins with a zero",
		"007":                  "begins with a zero",
		"acme":                 "isn't a numeric",
		"-5":                   "isn't a numeric",
		"12345678901234567890": "more than 19 digits",
		"https://app.recruitee.com/#/dashboard/overview?company=38422": `"38422"`,
		"https://app.tellent.com/ats/jobs?company=38422&x=1":           `"38422"`,
		"https://acme.recruitee.com/":                                  "isn't a numeric",
		"816\x1b[31m":                                                  "isn't a numeric",
	} {
		err := CheckCompanyID(input)
		expectText(t, input, err, expected)
		if err != nil && strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: a terminal escape in %q", input, err)
		}
	}
}

func TestCheckToken(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"Zm9vYmFy+/==":  "",
		"":              "is empty",
		"secret token":  "white space",
		"secret\n":      "line break",
		"\tsecret":      "white space",
		"secret\x00":    "control characters",
		"secret\u2028":  "white space",
		"secret\xff":    "control characters",
		"secret\u00a0":  "white space",
		"secret\x1b[0m": "control characters",
	} {
		err := CheckToken(input)
		expectText(t, input, err, expected)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q is quoted in %q", input, err)
		}
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"Recruitee":              "",
		strings.Repeat("ü", 100): "",
		strings.Repeat("ü", 101): "101 characters",
		"":                       "is empty",
		"a\nb":                   "line break",
		"a\xff":                  "UTF-8",
		"👩‍💻 HR":                 "",
	} {
		expectText(t, input, CheckName(input), expected)
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"conn_5744-a":            "",
		"":                       "isn't the ID",
		"a/b":                    "isn't the ID",
		"company_id=816":         "isn't the ID",
		strings.Repeat("a", 129): "isn't the ID",
	} {
		expectText(t, input, CheckID(input), expected)
	}
}

func TestCheckEndpoint(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"https://www.wintro.app/api/v1":  "",
		"http://127.0.0.1:8080/x":        "",
		"www.wintro.app":                 "no scheme",
		"http://www.wintro.app":          "plain http",
		"https://u:hunter2@example.com/": "credentials",
	} {
		err := CheckEndpoint(input)
		expectText(t, input, err, expected)
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q quotes a password", err)
		}
	}
}

func expectText(t *testing.T, input string, err error, expected string) {
	t.Helper()
	switch {
	case expected == "" && err != nil:
		t.Errorf("%q: %v", input, err)
	case expected != "" && (err == nil || !strings.Contains(err.Error(), expected)):
		t.Errorf("%q: %v, without %q", input, err, expected)
	}
}
