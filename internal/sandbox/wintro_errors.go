package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// An apiError is an error response of Wintro's API.
type apiError struct {
	status int
	body   contract.Error
}

func (e *apiError) Error() string { return e.body.Message }

func newError(status int, code, format string, args ...any) *apiError {
	return &apiError{status, contract.Error{Code: code, Message: fmt.Sprintf(format, args...)}}
}

func badRequest(format string, args ...any) *apiError {
	return newError(http.StatusBadRequest, contract.CodeBadRequest, format, args...)
}

// invalidFields returns a 400 error that lists the invalid fields.
func invalidFields(fields ...contract.FieldError) *apiError {
	e := badRequest("The request is invalid.")
	e.body.Fields = &fields
	return e
}

func writeError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, "application/json", e.status, contract.ErrorResponse{Error: e.body})
}

// writeFailure writes err if it is an apiError, and a 500 otherwise.
func writeFailure(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = newError(http.StatusInternalServerError, contract.CodeInternalError, "%v", err)
	}
	writeError(w, e)
}

var idempotencyKeyForm = regexp.MustCompile(`^[ -~]{1,128}$`)

// fieldNames contains the JSON names of the fields in NewConnection. ConnectionChange has some of these fields.
var fieldNames = []string{"ats", "name", "atsCompanyId", "apiToken", "enabled"}

// checkNew returns an error that lists the missing and invalid fields of a new connection. sent is the request's body.
func checkNew(sent []byte, input contract.NewConnection) error {
	wrong := nullFields(sent)
	for _, name := range fieldNames {
		if _, found := sentFields(sent)[name]; !found {
			wrong.add(name, "is required")
		}
	}
	if len(wrong) > 0 {
		return wrong.err()
	}
	if input.Ats != contract.Recruitee {
		wrong.addWrongATS()
	}
	if !contract.CompanyIDPattern.MatchString(input.AtsCompanyID) {
		wrong.add("atsCompanyId", "must be a number of up to 19 digits")
	}
	wrong.checkName(input.Name)
	wrong.checkToken(input.APIToken)
	return wrong.err()
}

// checkChange returns an error that lists the invalid fields of a change. sent is the request's body.
func checkChange(sent []byte, change contract.ConnectionChange) error {
	wrong := nullFields(sent)
	if change.Name != nil {
		wrong.checkName(*change.Name)
	}
	if change.APIToken != nil {
		wrong.checkToken(*change.APIToken)
	}
	return wrong.err()
}

func nullFields(sent []byte) (wrong fieldErrors) {
	for _, name := range fieldNames {
		if string(sentFields(sent)[name]) == "null" {
			wrong.add(name, "must not be null")
		}
	}
	return wrong
}

func sentFields(body []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields)
	return fields
}

// textField returns the text in a field, or "" if the field is missing or isn't a string.
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

func (e *fieldErrors) addWrongATS() {
	e.add("ats", fmt.Sprintf("can only be %q", contract.Recruitee))
}

func (e *fieldErrors) err() error {
	if len(*e) == 0 {
		return nil
	}
	return invalidFields(*e...)
}

func (e *fieldErrors) checkName(name string) {
	if n := utf8.RuneCountInString(name); n < 1 || n > contract.MaxNameLength {
		e.add("name", fmt.Sprintf("must have 1 to %d characters", contract.MaxNameLength))
	} else if strings.TrimSpace(name) != name {
		e.add("name", "must not begin or end with white space")
	}
}

func (e *fieldErrors) checkToken(token string) {
	if token == "" {
		e.add("apiToken", "must not be empty")
	}
}
