package recruitee_test

import (
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

func TestIsCompanyID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"a number is one":                     {"38422", true},
		"one digit is one":                    {"8", true},
		"19 digits are one":                   {"9223372036854775807", true},
		"20 digits are none":                  {"92233720368547758070", false},
		"nothing is none":                     {"", false},
		"zero is none":                        {"0", false},
		"a leading zero makes none":           {"0816", false},
		"a sign makes none":                   {"+816", false},
		"a minus makes none":                  {"-816", false},
		"a space around makes none":           {" 816", false},
		"a line break at the end makes none":  {"816\n", false},
		"a subdomain is none":                 {"acme", false},
		"a path is none":                      {"816/admin", false},
		"a number with a point is none":       {"8.16", false},
		"a number in scientific form is none": {"8e16", false},
		"digits of another script are none":   {"٨١٦", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := recruitee.IsCompanyID(test.text); got != test.want {
				t.Errorf("%t for %q", got, test.text)
			}
		})
	}
}

func TestCompanyIDFromAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ address, want string }{
		"in the fragment's query, as in Recruitee": {"https://app.recruitee.com/#/dashboard/overview?company=38422", "38422"},
		"in the query, as in Tellent":              {"https://app.tellent.com/ats/dashboard?company=38422", "38422"},
		"after another parameter":                  {"https://app.tellent.com/ats/dashboard?tab=jobs&company=38422", "38422"},
		"before another parameter":                 {"https://app.tellent.com/ats/dashboard?company=38422&tab=jobs", "38422"},
		"between others in the fragment":           {"https://app.recruitee.com/#/jobs?tab=1&company=38422&page=2", "38422"},
		"before a fragment":                        {"https://app.tellent.com/ats/dashboard?company=38422#/jobs?page=2", "38422"},
		"in the query rather than the fragment":    {"https://app.tellent.com/?company=38422#/jobs?company=5", "38422"},
		"at the fragment's beginning":              {"https://app.recruitee.com/#company=38422", "38422"},
		"before a second fragment":                 {"https://app.recruitee.com/#/jobs?company=38422#top", "38422"},
		"the first of two":                         {"https://app.tellent.com/?company=38422&company=5", "38422"},
		"the first that is a number":               {"https://app.tellent.com/?company=acme&company=38422", "38422"},
		"after a value with an escaped parameter":  {"https://app.recruitee.com/#/search?q=a%26company%3D7&company=38422", "38422"},
		"without scheme and host":                  {"/#/dashboard/overview?company=38422", "38422"},
		"not in companyfoo":                        {"https://app.tellent.com/?companyfoo=5", ""},
		"not in mycompany":                         {"https://app.tellent.com/?mycompany=5", ""},
		"not in mycompany in the fragment":         {"https://app.recruitee.com/#/jobs?mycompany=5", ""},
		"not in Company":                           {"https://app.tellent.com/?Company=5", ""},
		"not in the path":                          {"https://app.tellent.com/company=5", ""},
		"not in the path of the fragment":          {"https://app.recruitee.com/#/company=5", ""},
		"not in an escaped value":                  {"https://app.recruitee.com/#/search?q=%26company%3D5", ""},
		"not where the value is no number":         {"https://app.tellent.com/?company=acme", ""},
		"not where the value begins with a number": {"https://app.tellent.com/?company=816acme", ""},
		"not where the value is empty":             {"https://app.tellent.com/?company=", ""},
		"not where the value is zero":              {"https://app.tellent.com/?company=0", ""},
		"not where the value is too long":          {"https://app.tellent.com/?company=12345678901234567890", ""},
		"not in a bare number":                     {"38422", ""},
		"not in an address without the parameter":  {"https://app.recruitee.com/#/settings/api_tokens", ""},
		"not in the address of the API":            {"https://api.recruitee.com/c/816/admin", ""},
		"not in what is no address":                {"https://%zz?company=5", ""},
		"not in what has a line break":             {"https://app.tellent.com/?company=5\n", ""},
		"not in nothing":                           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, found := recruitee.CompanyIDFromAddress(test.address)
			if got != test.want || found != (test.want != "") {
				t.Errorf("%q, %t instead of %q", got, found, test.want)
			}
		})
	}
}
