package connection

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// MaxNameLength is how many characters a connection's name has at most.
const MaxNameLength = 100

// CheckCompanyID finds what is wrong with a company ID. The error is a sentence that says what to do. It quotes only
// digits: the text may be a token in the wrong argument.
func CheckCompanyID(text string) error {
	if recruitee.IsCompanyID(text) {
		return nil
	}
	if id, err := recruitee.CompanyIDFromAddress(text); err == nil {
		return fmt.Errorf("This is an address. The company ID in it is %q: set company_id to that.", id)
	}
	wrong := "This isn't a numeric Recruitee company ID."
	switch digits := strings.Trim(text, "0123456789") == ""; {
	case text == "":
		wrong = "The company ID is empty."
	case strings.TrimSpace(text) != text:
		wrong = "The company ID has white space around it."
	case digits && len(text) > 19:
		wrong = "The company ID has more than 19 digits."
	case digits && text[0] == '0':
		wrong = fmt.Sprintf("%q begins with a zero, which no company ID does.", text)
	}
	return errors.New(wrong + " It is a number such as 38422. You find it beside the token in Recruitee, under " +
		"Settings > Apps and plugins > Personal API tokens, and after company= in the address of the Recruitee app.")
}

// CompanyID is the company ID in an address of the Recruitee or Tellent app, or the number itself. The
// error is a sentence that says what to do.
func CompanyID(text string) (string, error) {
	id, err := recruitee.CompanyIDFromAddress(text)
	switch {
	case errors.Is(err, recruitee.ErrOtherHost):
		return "", errors.New("This isn't an address of the Recruitee or Tellent app: its host is neither recruitee.com nor tellent.com, nor a subdomain of either.")
	case errors.Is(err, recruitee.ErrSeveralIDs):
		return "", errors.New("The address has two different company IDs in it. Use the number itself.")
	case err == nil:
		return id, nil
	}
	return text, CheckCompanyID(text)
}

// wintroTokenPrefix is what each of Wintro's own API tokens begins with.
const wintroTokenPrefix = "wintro_"

// CheckRecruiteeToken finds what no Recruitee token has. The error is a sentence that doesn't quote the token.
func CheckRecruiteeToken(token string) error {
	if strings.HasPrefix(token, wintroTokenPrefix) {
		return errors.New("This is a Wintro API token, which belongs in the provider block or in WINTRO_API_TOKEN. " +
			"Here you need a Recruitee personal API token, from Settings > Apps and plugins > Personal API tokens.")
	}
	return CheckToken(token)
}

// CheckToken finds what no token has. The error is a sentence that doesn't quote the token.
func CheckToken(token string) error {
	isInvisible := func(r rune) bool { return !unicode.IsGraphic(r) || r == utf8.RuneError }
	switch {
	case token == "":
		return errors.New("The token is empty.")
	case strings.TrimSpace(token) != token:
		return errors.New("The token has white space or a line break around it. If it comes from a file, read it with trimspace(file(...)); otherwise copy it again, without anything around it.")
	case strings.ContainsFunc(token, unicode.IsSpace):
		return errors.New("The token has white space or a line break in it. Copy it again, without anything around it.")
	case strings.ContainsFunc(token, isInvisible):
		return errors.New("The token has control or invisible characters in it. Copy it again, without anything around it.")
	}
	return nil
}

// CheckName finds what is wrong with a connection's name. The error is a sentence.
func CheckName(name string) error {
	switch length := utf8.RuneCountInString(name); {
	case length == 0:
		return errors.New("The name is empty.")
	case length > MaxNameLength:
		return fmt.Errorf("The name has %d characters. The limit is %d.", length, MaxNameLength)
	case !utf8.ValidString(name):
		return errors.New("The name isn't valid UTF-8.")
	case strings.TrimSpace(name) != name:
		return errors.New("The name has white space around it.")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("The name has a line break or another control character in it.")
	}
	return nil
}

// CheckEndpoint finds what is wrong with the base URL of one of the two systems. The error is a
// sentence that doesn't quote the URL.
func CheckEndpoint(text string) error {
	if _, err := transport.ParseEndpoint(text); err != nil {
		return fmt.Errorf("The address %w.", err)
	}
	return nil
}

// CheckID finds what is wrong with the ID of a connection. The error is a sentence that doesn't quote the ID.
func CheckID(id string) error {
	if !wintro.IsID(id) {
		return errors.New("This isn't the ID of a connection in Wintro. Such an ID has 1 to 128 letters, digits, - and _.")
	}
	return nil
}
