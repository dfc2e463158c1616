package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

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
