package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// A problem is an RFC 9457 problem document on its way to the caller.
type problem struct{ contract.Problem }

func (p *problem) Error() string { return *p.Detail }

func newProblem(status int, format string, args ...any) *problem {
	detail, kind, requestID := fmt.Sprintf(format, args...), "about:blank", "req_"+randomHex(8)
	return &problem{contract.Problem{
		Type:      &kind,
		Title:     http.StatusText(status),
		Status:    status,
		Detail:    &detail,
		RequestID: &requestID,
	}}
}

func notFound(err error) *problem {
	return newProblem(http.StatusNotFound, "%s.", capitalized(err.Error()))
}

// invalid is the 422 for fields that are not what they have to be.
func invalid(fields ...contract.FieldError) *problem {
	p := newProblem(http.StatusUnprocessableEntity, "What was sent is not valid.")
	p.Errors = &fields
	return p
}

func writeProblem(w http.ResponseWriter, p *problem) {
	writeJSON(w, "application/problem+json", p.Status, p.Problem)
}

// writeFailure answers with the problem that err is, or else with a 500.
func writeFailure(w http.ResponseWriter, _ *http.Request, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = newProblem(http.StatusInternalServerError, "%s.", capitalized(err.Error()))
	}
	writeProblem(w, p)
}

// writeBadRequest answers for what the generated server could not make sense of.
func writeBadRequest(w http.ResponseWriter, _ *http.Request, err error) {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		writeProblem(w, invalid(contract.FieldError{
			Field:   wrongType.Field,
			Message: fmt.Sprintf("must be a %s, not a JSON %s", jsonType(wrongType), wrongType.Value),
		}))
		return
	}
	writeProblem(w, newProblem(http.StatusBadRequest, "%s.", capitalized(err.Error())))
}

func jsonType(err *json.UnmarshalTypeError) string {
	if err.Type.Kind().String() == "bool" {
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
