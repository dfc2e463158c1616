package connection

import (
	"strconv"
	"strings"
	"testing"
)

func TestCompanyIDAndCheckCompanyID(t *testing.T) {
	t.Parallel()
	for input, test := range map[string]struct{ want, err string }{
		"38422":                {want: "38422"},
		"9223372036854775807":  {want: "9223372036854775807"},
		"12345678901234567890": {err: "more than 19 digits"},
		"8 16":                 {err: "isn't a numeric"},
		"acme":                 {err: "isn't a numeric"},
		"816\x1b[31m":          {err: "isn't a numeric"},
		"-5":                   {err: "isn't a numeric"},
		"0":                    {err: "begins with a zero"},
		"https://app.recruitee.com/#/dashboard/overview?company=38422":   {want: "38422"},
		"https://app.tellent.com/ats/jobs?company=38422&x=1":             {want: "38422"},
		"https://acme.recruitee.com/?company=38422":                      {want: "38422"},
		"https://app.tellent.com/?company=38422#/jobs?company=38422":     {want: "38422"},
		"https://app.tellent.com/?company=38422#/jobs?company=5":         {err: "two different company IDs"},
		"https://wintro.app/?company=38422":                              {err: "neither recruitee.com nor tellent.com"},
		"https://recruitee.com.example/?company=38422":                   {err: "neither recruitee.com nor tellent.com"},
		"https://app.recruitee.com@evil.example/?company=38422":          {err: "neither recruitee.com nor tellent.com"},
		"https://acme.recruitee.com/":                                    {err: "This address has no company ID"},
		"https://app.tellent.com/ats/dashboard":                          {err: "This address has no company ID"},
		"app.recruitee.com/#/dashboard/overview?company=38422":           {err: "isn't a numeric"},
		"https://app.recruitee.com/#/dashboard/overview?company=\x1b[2J": {err: "has no company ID"},
		"https://wintro.app/":                                            {err: "neither recruitee.com nor tellent.com"},
		"":                                                               {err: "is empty"},
		" 816":                                                           {err: "white space"},
		"0816":                                                           {err: "begins with a zero"},
	} {
		got, err := CompanyID(input)
		expectText(t, input, err, test.err)
		if err == nil && got != test.want {
			t.Errorf("%q: %q instead of %q", input, got, test.want)
		}
		if test.want != "" && test.want != input {
			// CheckCompanyID rejects an address, but the error must contain the ID.
			test.err = strconv.Quote(test.want)
		}
		expectText(t, input, CheckCompanyID(input), test.err)
	}
}

func TestCheckToken(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"Zm9vYmFy+/==":  "",
		"":              "is empty",
		"secret token":  "contains white space",
		"secret\ntoken": "contains white space",
		"secret\n":      "trimspace(file(...))",
		"\tsecret":      "trimspace(file(...))",
		"secret\r\n":    "trimspace(file(...))",
		"secret\u00a0":  "trimspace(file(...))",
		"secret\u2028":  "trimspace(file(...))",
		" ":             "white space",
		"secret\x00":    "control or invisible characters",
		"secret\xff":    "control or invisible characters",
		"secret\x1b[0m": "control or invisible characters",
		"sec\u200bret":  "control or invisible characters",
		"secret\u200d":  "control or invisible characters",
		"\ufeffsecret":  "control or invisible characters",
		"\u202esecret":  "control or invisible characters",
		"sec\u00adret":  "control or invisible characters",
		"wintro_secret": "",

		`"secret"`:                    "quotation marks",
		`'secret'`:                    "quotation marks",
		"`secret`":                    "quotation marks",
		"“secret”":                    "quotation marks",
		"‘secret’":                    "quotation marks",
		"„secret“":                    "quotation marks",
		"«secret»":                    "quotation marks",
		"\"secret\"\n":                "quotation marks",
		`"secret`:                     "quotation marks",
		"<secret>":                    "angle brackets",
		`{"token":"secret"}`:          "is JSON",
		"{\n  \"secret\": \"x\"\n}\n": "is JSON",
		`["secret"]`:                  "is JSON",
		"${secret}":                   "was not replaced",
		"${{ secrets.secret }}":       "was not replaced",
		"{{secret}}":                  "is JSON",
		"prefix-{{secret}}":           "was not replaced",
		"$secret":                     "was not replaced",
		"$(secret)":                   "was not replaced",
		"Bearer secret":               `begins with "Bearer"`,
		"bearer secret":               `begins with "Bearer"`,
		"Bearersecret":                "",
		"\n wintro_secret":            "white space",
	} {
		forRecruitee := expected
		if strings.HasPrefix(input, "wintro_") {
			forRecruitee = "a Wintro API token"
		}
		err, errForRecruitee := CheckToken(input), CheckRecruiteeToken(input)
		expectText(t, input, err, expected)
		expectText(t, input, errForRecruitee, forRecruitee)
		for _, err := range []error{err, errForRecruitee} {
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%q quotes a part of %q", err, input)
			}
		}
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for input, expected := range map[string]string{
		"Recruitee":              "",
		"Recruitee of Acme":      "",
		composed:                 "",
		decomposed:               "",
		strings.Repeat("ü", 100): "",
		strings.Repeat("ü", 101): "101 characters",
		"":                       "is empty",
		"a\nb":                   "line break",
		"a\n":                    "white space around",
		" a":                     "white space around",
		"a ":                     "white space around",
		"a\t":                    "white space around",
		"\u00a0a":                "white space around",
		"\u3000":                 "white space around",
		"a\xff":                  "UTF-8",
		"Škoda 株式会社 ❤️":          "",
		"👩\u200d💻 HR":            "U+200D",
		"Acme\u200b":             "U+200B",
		"Acme\u202egpj.exe":      "U+202E",
		"\u2066Acme\u2069":       "U+2066",
		"\ufeffAcme":             "U+FEFF",
		"Ac\u00adme":             "U+00AD",
		"Acme\u2028Inc":          "U+2028",
		"Acme \u3164 Inc":        "U+3164",
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
		"wintro_secret":          "is a Wintro API token",
	} {
		expectText(t, input, CheckID(input), expected)
	}
}

func TestChecksDoNotQuoteTokens(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"uJ3+hc/0Zk1vS0f1mP2y7w4QxA5bE9dT", "wintro_0123456789abcdef", " wintro_0123456789abcdef", "<uJ3hc0Zk1vS0f1mP2y7w4QxA5bE9dT>"} {
		_, err := CompanyID(token)
		for name, err := range map[string]error{"CheckCompanyID": CheckCompanyID(token), "CompanyID": err, "CheckID": CheckID(token)} {
			if err != nil && (strings.Contains(err.Error(), token[3:9]) || strings.Contains(err.Error(), "0123")) {
				t.Errorf("%s(%q): %v", name, token, err)
			}
		}
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
		" https://www.wintro.app":        "white space",
		"https://www.wintro.app/\n":      "white space",
		"https://www.wintro.app/a b":     "white space",
		"https://www.wintro.app\u00a0":   "white space",
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
		t.Errorf("%q: error %v", input, err)
	case expected != "" && (err == nil || !strings.Contains(err.Error(), expected)):
		t.Errorf("%q: error %v doesn't contain %q", input, err, expected)
	}
}
