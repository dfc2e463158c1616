package recruitee

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

var companyID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// IsCompanyID reports whether text has the form of a numeric company ID.
func IsCompanyID(text string) bool {
	return companyID.MatchString(text)
}

// These errors say why CompanyIDFromAddress found no company ID.
var (
	ErrNoAddress  = errors.New("this isn't an address")
	ErrOtherHost  = errors.New("the address is neither Recruitee's nor Tellent's")
	ErrNoID       = errors.New("the address has no company ID")
	ErrSeveralIDs = errors.New("the address has several company IDs")
)

// CompanyIDFromAddress returns the company ID in an address of the Recruitee or Tellent app, where it follows
// company= in the query or in the fragment. The error is ErrNoAddress, ErrOtherHost, ErrNoID or ErrSeveralIDs.
func CompanyIDFromAddress(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" {
		return "", ErrNoAddress
	}
	host := "." + strings.ToLower(parsed.Hostname())
	if !strings.HasSuffix(host, ".recruitee.com") && !strings.HasSuffix(host, ".tellent.com") {
		return "", ErrOtherHost
	}
	// Don't use parsed.Fragment, which is unescaped: an escaped & inside a value doesn't begin a parameter.
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
	if id == "" {
		return "", ErrNoID
	}
	return id, nil
}
