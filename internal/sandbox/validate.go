package sandbox

import (
	"encoding/json"
	"regexp"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

var companyIDForm = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// checkNew says what is wrong with a new connection. sent is the body as it came.
func checkNew(sent []byte, wanted contract.NewConnection) []contract.FieldError {
	fields := sentFields(sent)
	var wrong fieldErrors
	for _, name := range []string{"ats", "name", "company_id", "api_token", "enabled"} {
		if _, found := fields[name]; !found {
			wrong.add(name, "is required")
		}
	}
	wrong.addNulls(fields)
	if len(wrong) > 0 {
		return wrong
	}
	if !wanted.Ats.Valid() {
		wrong.add("ats", `can only be "recruitee"`)
	}
	wrong.checkName(wanted.Name)
	if !companyIDForm.MatchString(wanted.CompanyID) {
		wrong.add("company_id", "has to be a number of up to 19 digits")
	}
	wrong.checkToken(wanted.APIToken)
	return wrong
}

// checkChange says what is wrong with a change of a connection. sent is the body as it came.
func checkChange(sent []byte, change contract.ConnectionChange) []contract.FieldError {
	fields := sentFields(sent)
	var wrong fieldErrors
	if len(fields) == 0 {
		wrong.add("body", "has to hold at least one of name, enabled and api_token")
	}
	wrong.addNulls(fields)
	if change.Name != nil {
		wrong.checkName(*change.Name)
	}
	if change.APIToken != nil {
		wrong.checkToken(*change.APIToken)
	}
	return wrong
}

func sentFields(body []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields)
	return fields
}

// textField is the field's value where it is there and a text, or else "".
func textField(fields map[string]json.RawMessage, name string) (text string) {
	if json.Unmarshal(fields[name], &text) != nil {
		return ""
	}
	return text
}

type fieldErrors []contract.FieldError

func (e *fieldErrors) add(field, message string) {
	*e = append(*e, contract.FieldError{Field: field, Message: message})
}

// addNulls looks at the known fields only: those that nobody knows are nobody's business.
func (e *fieldErrors) addNulls(fields map[string]json.RawMessage) {
	for _, name := range []string{"ats", "name", "company_id", "api_token", "enabled"} {
		if string(fields[name]) == "null" {
			e.add(name, "must not be null")
		}
	}
}

func (e *fieldErrors) checkName(name string) {
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 {
		e.add("name", "has to have 1 to 100 characters")
	}
}

func (e *fieldErrors) checkToken(token string) {
	if token == "" {
		e.add("api_token", "must not be empty")
	}
}
