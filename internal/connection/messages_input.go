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

// MaxNameLength is the maximum length of a connection's name, in characters.
const MaxNameLength = wintro.MaxNameLength

// The errors in this file are sentences for users. A user may have pasted a token into the wrong argument, so these
// errors quote nothing from an argument except a company ID, an invisible character or the scheme of a URL.

const companyIDHelp = " It is a number such as 38422. You find it next to the token in Recruitee, under " +
	"Settings > Apps and plugins > API tokens, and after company= in the address of the Recruitee app."

// CheckCompanyID returns an error if text isn't a company ID.
func CheckCompanyID(text string) error {
	id, err := CompanyID(text)
	if err == nil && id != text {
		return fmt.Errorf("This is an address. The company ID in it is %q. Set company_id to this ID.", id)
	}
	return err
}

// CompanyID extracts the company ID from an address of the Recruitee or Tellent app. If text is already a company ID,
// CompanyID returns text unchanged.
func CompanyID(text string) (string, error) {
	if recruitee.IsCompanyID(text) {
		return text, nil
	}
	id, err := recruitee.CompanyIDFromAddress(text)
	isNumber := strings.Trim(text, "0123456789") == ""
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, recruitee.ErrNoID):
		return "", errors.New("This address has no company ID. Use the number next to the token in Recruitee, under Settings > Apps and plugins > API tokens.")
	case errors.Is(err, recruitee.ErrOtherHost):
		return "", errors.New("This isn't an address of the Recruitee or Tellent app: its host is neither recruitee.com nor tellent.com, nor a subdomain of these.")
	case errors.Is(err, recruitee.ErrSeveralIDs):
		return "", errors.New("The address contains two different company IDs. Use the number itself.")
	case text == "":
		return "", errors.New("The company ID is empty." + companyIDHelp)
	case strings.TrimSpace(text) != text:
		return "", errors.New("The company ID has white space around it." + companyIDHelp)
	case isNumber && text[0] == '0':
		return "", errors.New("The company ID begins with a zero." + companyIDHelp)
	case isNumber:
		return "", errors.New("The company ID has more than 19 digits." + companyIDHelp)
	}
	return "", errors.New("This isn't a numeric Recruitee company ID." + companyIDHelp)
}

// wintroTokenPrefix is the beginning of every Wintro API token.
const wintroTokenPrefix = "wintro_"

// CheckRecruiteeToken returns an error if the text can't be a Recruitee API token.
func CheckRecruiteeToken(token string) error {
	if strings.HasPrefix(token, wintroTokenPrefix) {
		return errors.New("This is a Wintro API token, which belongs in the provider block or in WINTRO_API_TOKEN. " +
			"Here you need a Recruitee personal API token, from Settings > Apps and plugins > API tokens.")
	}
	return CheckToken(token)
}

// CheckToken returns an error if the text can't be an API token of either system.
func CheckToken(token string) error {
	const copyAgain = " Copy the token again, without anything around it."
	trimmed := strings.TrimSpace(token)
	isInvisible := func(r rune) bool { return !unicode.IsGraphic(r) || r == utf8.RuneError }
	switch {
	case token == "":
		return errors.New("The token is empty. Check that the variable that it comes from is set.")
	case strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "["):
		return errors.New("The token is JSON, as some vaults return it. Pass only the token inside the JSON, for example with jsondecode(...).")
	case strings.HasPrefix(trimmed, "$"), strings.Contains(trimmed, "${"), strings.Contains(trimmed, "$("), strings.Contains(trimmed, "{{"):
		return errors.New("The token contains a variable or a template that was not replaced. Check the program that should replace it, such as the shell or the pipeline.")
	case strings.ContainsAny(trimmed, "\"'`´‘’‚‛“”„‟«»‹›"):
		return errors.New("The token has quotation marks around it or in it." + copyAgain)
	case strings.ContainsAny(trimmed, "<>"):
		return errors.New("The token has angle brackets around it or in it, like a placeholder." + copyAgain)
	case len(trimmed) >= len("bearer ") && strings.EqualFold(trimmed[:len("bearer ")], "bearer "):
		return errors.New(`The token begins with "Bearer". Remove that word: the provider adds it.`)
	case trimmed != token:
		return errors.New("The token has white space or a line break around it. If it comes from a file, read it with trimspace(file(...))." + copyAgain)
	case strings.ContainsFunc(token, unicode.IsSpace):
		return errors.New("The token contains white space or a line break." + copyAgain)
	case strings.ContainsFunc(token, isInvisible):
		return errors.New("The token contains control or invisible characters." + copyAgain)
	}
	return nil
}

// CheckName returns an error if a connection can't have this name.
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
		return errors.New("The name contains a line break or another control character.")
	}
	if at := strings.IndexFunc(name, transport.IsInvisible); at >= 0 {
		r, _ := utf8.DecodeRuneInString(name[at:])
		return fmt.Errorf("The name contains the invisible character %U. Type the name instead of copying it, without joined emoji.", r)
	}
	return nil
}

// CheckEndpoint returns an error if text isn't a valid base URL for Wintro or Recruitee.
func CheckEndpoint(text string) error {
	if _, err := transport.ParseEndpoint(text); err != nil {
		return fmt.Errorf("The address %w.", err)
	}
	return nil
}

// CheckID returns an error if id can't be the ID of a connection.
func CheckID(id string) error {
	switch {
	case strings.HasPrefix(id, wintroTokenPrefix):
		return errors.New("This is a Wintro API token, not the ID of a connection.")
	case !wintro.IsID(id):
		return errors.New("This isn't the ID of a connection in Wintro. Such an ID consists of 1 to 128 letters, digits, hyphens and underscores.")
	}
	return nil
}
