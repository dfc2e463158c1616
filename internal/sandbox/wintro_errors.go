package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// An apiError is one of Wintro's errors on its way to the caller.
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

// invalidFields is the 400 for fields that are not valid.
func invalidFields(fields ...contract.FieldError) *apiError {
	e := badRequest("What was sent is not valid.")
	e.body.Fields = &fields
	return e
}

func writeError(w http.ResponseWriter, e *apiError) {
	writeJSON(w, "application/json", e.status, contract.ErrorResponse{Error: e.body})
}

// writeFailure writes the API's error, or a 500 for any other one.
func writeFailure(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*apiError](err)
	if !ok {
		e = newError(http.StatusInternalServerError, contract.CodeInternalError, "%s.", capitalized(err.Error()))
	}
	writeError(w, e)
}

func jsonType(err *json.UnmarshalTypeError) string {
	if err.Type.Kind() == reflect.Bool {
		return "boolean"
	}
	return err.Type.Kind().String()
}

func capitalized(sentence string) string {
	if sentence == "" || sentence[0] < 'a' || sentence[0] > 'z' {
		return sentence
	}
	return string(sentence[0]-'a'+'A') + sentence[1:]
}

var (
	companyIDForm      = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	idempotencyKeyForm = regexp.MustCompile(`^[ -~]{1,128}$`)
)

// fieldNames are the fields of NewConnection. ConnectionChange has some of them.
var fieldNames = []string{"ats", "name", "atsCompanyId", "apiToken", "enabled"}

// checkNew says what is wrong with a new connection. sent is the body as it came.
func checkNew(sent []byte, input contract.NewConnection) error {
	fields := sentFields(sent)
	var wrong fieldErrors
	for _, name := range fieldNames {
		if _, found := fields[name]; !found {
			wrong.add(name, "is required")
		}
	}
	wrong.checkNulls(fields)
	if len(wrong) > 0 {
		return wrong.err()
	}
	if input.Ats != contract.Recruitee {
		wrong.add("ats", `can only be "recruitee"`)
	}
	wrong.checkName(input.Name)
	if !companyIDForm.MatchString(input.AtsCompanyID) {
		wrong.add("atsCompanyId", "must be a number of up to 19 digits")
	}
	wrong.checkToken(input.APIToken)
	return wrong.err()
}

// checkChange says what is wrong with a change of a connection. sent is the body as it came.
func checkChange(sent []byte, change contract.ConnectionChange) error {
	var wrong fieldErrors
	wrong.checkNulls(sentFields(sent))
	if change.Name != nil {
		wrong.checkName(*change.Name)
	}
	if change.APIToken != nil {
		wrong.checkToken(*change.APIToken)
	}
	return wrong.err()
}

func sentFields(body []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields)
	return fields
}

// textField is the field's value if it is there and a text, or else "".
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

func (e *fieldErrors) err() error {
	if len(*e) == 0 {
		return nil
	}
	return invalidFields(*e...)
}

// checkNulls looks at the known fields only: those that nobody knows are ignored.
func (e *fieldErrors) checkNulls(fields map[string]json.RawMessage) {
	for _, name := range fieldNames {
		if string(fields[name]) == "null" {
			e.add(name, "must not be null")
		}
	}
}

func (e *fieldErrors) checkName(name string) {
	if n := utf8.RuneCountInString(name); n < 1 || n > 100 {
		e.add("name", "has to have 1 to 100 characters")
	} else if strings.TrimSpace(name) != name {
		e.add("name", "must not begin or end with white space")
	}
}

func (e *fieldErrors) checkToken(token string) {
	if token == "" {
		e.add("apiToken", "must not be empty")
	}
}
