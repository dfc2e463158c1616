package recruitee_test

import (
	"errors"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

func TestIsCompanyID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"38422": true, "8": true, "9223372036854775807": true, "92233720368547758070": false,
		"": false, "0": false, "0816": false, "+816": false, "816\n": false, "acme": false, "٨١٦": false,
	} {
		if got := recruitee.IsCompanyID(text); got != want {
			t.Errorf("%q: %t instead of %t", text, got, want)
		}
	}
}

func TestCompanyIDFromAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address, want string
		err           error
	}{
		"in the fragment's query, as in Recruitee":        {address: "https://app.recruitee.com/#/dashboard/overview?company=38422", want: "38422"},
		"in the query, as in Tellent":                     {address: "https://app.tellent.com/ats/dashboard?company=38422", want: "38422"},
		"after another parameter":                         {address: "https://app.tellent.com/ats/dashboard?tab=jobs&company=38422", want: "38422"},
		"before a fragment":                               {address: "https://app.tellent.com/ats/dashboard?company=38422#/jobs?page=2", want: "38422"},
		"at the fragment's beginning":                     {address: "https://app.recruitee.com/#company=38422", want: "38422"},
		"before a second fragment":                        {address: "https://app.recruitee.com/#/jobs?company=38422#top", want: "38422"},
		"the first value that is a number":                {address: "https://app.tellent.com/?company=acme&company=38422", want: "38422"},
		"after a value with an escaped parameter":         {address: "https://app.recruitee.com/#/search?q=a%26company%3D7&company=38422", want: "38422"},
		"not in mycompany":                                {address: "https://app.tellent.com/?mycompany=5", err: recruitee.ErrNoID},
		"not in Company":                                  {address: "https://app.tellent.com/?Company=5", err: recruitee.ErrNoID},
		"not in the path":                                 {address: "https://app.tellent.com/company=5", err: recruitee.ErrNoID},
		"not in an escaped value":                         {address: "https://app.recruitee.com/#/search?q=%26company%3D5", err: recruitee.ErrNoID},
		"not if the value isn't a number":                 {address: "https://app.tellent.com/?company=acme", err: recruitee.ErrNoID},
		"not if the value begins with a number":           {address: "https://app.tellent.com/?company=816acme", err: recruitee.ErrNoID},
		"not in a bare number":                            {address: "38422", err: recruitee.ErrNoAddress},
		"not in an address without the parameter":         {address: "https://app.recruitee.com/#/settings/api_tokens", err: recruitee.ErrNoID},
		"not in the address of the API":                   {address: "https://api.recruitee.com/c/816/admin", err: recruitee.ErrNoID},
		"not in an invalid address":                       {address: "https://%zz?company=5", err: recruitee.ErrNoAddress},
		"not in an address with a line break":             {address: "https://app.tellent.com/?company=5\n", err: recruitee.ErrNoAddress},
		"twice the same ID":                               {address: "https://app.tellent.com/?company=38422#/jobs?company=38422", want: "38422"},
		"on a company's own host":                         {address: "https://acme.recruitee.com/o/cook?company=38422", want: "38422"},
		"on the domain itself":                            {address: "https://tellent.com/?company=38422", want: "38422"},
		"on a host in upper case":                         {address: "https://APP.Recruitee.COM/?company=38422", want: "38422"},
		"on a host with a port":                           {address: "https://app.recruitee.com:443/?company=38422", want: "38422"},
		"without a scheme":                                {address: "//app.recruitee.com/?company=38422", want: "38422"},
		"not if query and fragment contain two IDs":       {address: "https://app.tellent.com/?company=38422#/jobs?company=5", err: recruitee.ErrSeveralIDs},
		"not if another host's address contains two IDs":  {address: "https://wintro.app/?company=38422&company=5", err: recruitee.ErrOtherHost},
		"not without a host":                              {address: "/#/dashboard/overview?company=38422", err: recruitee.ErrNoAddress},
		"not if the host is part of the path":             {address: "app.recruitee.com/?company=38422", err: recruitee.ErrNoAddress},
		"not on a host that only ends like Recruitee's":   {address: "https://myrecruitee.com/?company=38422", err: recruitee.ErrOtherHost},
		"not on a host that only begins like Recruitee's": {address: "https://recruitee.com.example/?company=38422", err: recruitee.ErrOtherHost},
		"not if Recruitee's host is the user name":        {address: "https://app.recruitee.com@evil.example/?company=38422", err: recruitee.ErrOtherHost},
		"not on another host, without an ID":              {address: "https://wintro.app/", err: recruitee.ErrOtherHost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := recruitee.CompanyIDFromAddress(test.address)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("ID %q, error %v instead of ID %q, error %v", got, err, test.want, test.err)
			}
		})
	}
}
