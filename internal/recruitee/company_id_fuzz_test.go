package recruitee

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func FuzzCompanyIDFromAddress(f *testing.F) {
	for _, address := range []string{
		"https://app.recruitee.com/#/dashboard/overview?company=38422", "https://app.tellent.com/ats/jobs?company=38422&x=1", "https://app.recruitee.com/?x=1&company=816#/jobs",
		"company=816", "?company=816", "#company=816", "https://acme.recruitee.com/", "https://app.recruitee.com/?company=acme", "https://app.recruitee.com/?company=0816",
		"https://app.recruitee.com/?xcompany=816", "https://app.recruitee.com/#/?x=1%26company=816", "https://app.recruitee.com/?company=12345678901234567890",
		"https://app.recruitee.com/?company=816\n", "https://app.recruitee.com/?company=816\x1b[2J", "https://app.recruitee.com/?company=5&company=816", "::?company=816", "",
		"https://app.recruitee.com/?company=5&company=5", "https://wintro.app/?company=816", "https://recruitee.com.example/?company=816", "https://app.recruitee.com@evil.example/?company=816",
		"//app.recruitee.com/?company=816", "https://app.recruitee.com\\@evil.example/?company=816",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		id, err := CompanyIDFromAddress(address)
		if err != nil {
			if id != "" || !errors.Is(err, ErrNoAddress) && !errors.Is(err, ErrNoID) && !errors.Is(err, ErrOtherHost) && !errors.Is(err, ErrSeveralIDs) {
				t.Errorf("%q contains %q, error %v", address, id, err)
			}
			return
		}
		parsed, err := url.Parse(address)
		if err != nil {
			t.Fatalf("%q isn't an address: %v", address, err)
		}
		if host := "." + strings.ToLower(parsed.Hostname()); !strings.HasSuffix(host, ".recruitee.com") && !strings.HasSuffix(host, ".tellent.com") {
			t.Errorf("%q is an address of %s", address, host)
		}
		if !IsCompanyID(id) || !strings.Contains(address, "company="+id) {
			t.Errorf("%q contains the ID %q", address, id)
		}
		// Check that the value contains nothing after the ID.
		_, rest, _ := strings.Cut(address, "company="+id)
		if rest != "" && !strings.Contains(address, "company="+id+"&") && !strings.Contains(address, "company="+id+"#") && !strings.HasSuffix(address, "company="+id) {
			t.Errorf("%q continues with %q after the ID %q", address, rest, id)
		}
	})
}
