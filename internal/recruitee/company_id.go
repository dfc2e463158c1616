package recruitee

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

var companyID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// IsCompanyID reports whether text is a numeric company ID as Recruitee writes it.
func IsCompanyID(text string) bool {
	return companyID.MatchString(text)
}

// Why an address has no company ID.
var (
	ErrNoID       = errors.New("the address has no company ID")
	ErrOtherHost  = errors.New("the address is neither Recruitee's nor Tellent's")
	ErrSeveralIDs = errors.New("the address has several company IDs")
)

// CompanyIDFromAddress finds the company ID in an address of the Recruitee or Tellent app, if it
// stands after company= in the query or in the fragment. The error is one of those above.
func CompanyIDFromAddress(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" {
		return "", ErrNoID
	}
	host := strings.ToLower(parsed.Hostname())
	isApps := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	// parsed.Fragment is unescaped, and an escaped & inside a value begins no parameter.
	_, fragment, _ := strings.Cut(address, "#")
	id := ""
	for _, part := range []string{parsed.RawQuery, fragment} {
		for _, parameter := range strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune("?&#", r) }) {
			value, isCompany := strings.CutPrefix(parameter, "company=")
			switch {
			case !isCompany || !IsCompanyID(value):
			case id != "" && id != value:
				return "", ErrSeveralIDs
			default:
				id = value
			}
		}
	}
	switch {
	case id == "":
		return "", ErrNoID
	case !isApps("recruitee.com") && !isApps("tellent.com"):
		return "", ErrOtherHost
	}
	return id, nil
}
