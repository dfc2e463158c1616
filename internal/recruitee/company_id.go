package recruitee

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	companyID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	inAddress = regexp.MustCompile(`(?:^|[?&#])company=([1-9][0-9]{0,18})(?:[&#]|$)`)
)

// IsCompanyID reports whether text is a numeric company ID as Recruitee writes it.
func IsCompanyID(text string) bool {
	return companyID.MatchString(text)
}

// CompanyIDFromAddress finds the company ID in an address of the Recruitee or Tellent app, where it
// stands after company= in the query or in the fragment.
func CompanyIDFromAddress(address string) (string, bool) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	// parsed.Fragment is unescaped, and an escaped & inside a value begins no parameter.
	_, fragment, _ := strings.Cut(address, "#")
	for _, part := range []string{parsed.RawQuery, fragment} {
		if found := inAddress.FindStringSubmatch(part); found != nil {
			return found[1], true
		}
	}
	return "", false
}
