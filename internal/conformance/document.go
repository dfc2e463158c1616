package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A document contains the operations of openapi.yaml, by operation ID.
type document struct {
	routes map[string]*routers.Route
}

// contractDocument returns the parsed openapi.yaml. It panics if the file is invalid, which would be a mistake in
// this repository.
var contractDocument = sync.OnceValue(func() *document {
	spec, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		panic(err)
	}
	d := &document{routes: map[string]*routers.Route{}}
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			d.routes[operation.OperationID] = &routers.Route{
				Spec: spec, Path: path, PathItem: item, Method: method, Operation: operation,
			}
		}
	}
	return d
})

// title returns the method and the path of an operation, such as "GET /ats-connections".
func (d *document) title(op string) string {
	return d.routes[op].Method + " " + d.routes[op].Path
}

// operations returns the IDs of all operations, in the order in which docs/guides/answering-the-contract.md
// recommends implementing them.
func operations() []string {
	return []string{opList, opCreate, opGet, opUpdate, opDelete, opStartSync, opGetSync}
}

// compare describes the differences between a response and openapi.yaml. If openapi.yaml doesn't describe the
// call, compare expects an error in Wintro's format, except for HEAD.
func (d *document) compare(e *exchange) (problems []string) {
	switch {
	case e.err != nil:
		return []string{"the server sent no complete response: " + e.err.Error()}
	case e.method == http.MethodHead:
		return nil
	case e.op == "" || e.status >= http.StatusBadRequest:
		if problem := e.errorFormProblem(); problem != "" {
			problems = []string{problem}
		}
	}
	route := d.routes[e.op]
	if route == nil {
		return problems
	}
	switch {
	case route.Operation.Responses.Status(e.status) == nil && e.status < http.StatusBadRequest:
		return []string{fmt.Sprintf("the contract doesn't define the status %d for this call", e.status)}
	case e.status == http.StatusNoContent:
		if len(e.responseBody) > 0 {
			problems = append(problems, "a response with status 204 must not have a body")
		}
		return problems
	case !isJSON(e):
		return append(problems, fmt.Sprintf("the content type is %q instead of application/json", e.responseHeader.Get("Content-Type")))
	case !json.Valid(e.responseBody):
		return append(problems, "the body isn't valid JSON")
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: &http.Request{Method: e.method}, Route: route},
		Status:                 e.status,
		Header:                 e.responseHeader,
		Body:                   io.NopCloser(bytes.NewReader(e.responseBody)),
		Options: &openapi3filter.Options{
			MultiError: true,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{
				openapi3.EnableFormatValidation(),
				openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(func(text string) error {
					_, err := time.Parse(time.RFC3339, text)
					return err
				})),
			},
		},
	})
	if err != nil {
		problems = append(problems, schemaProblems(err)...)
	}
	return problems
}

// maxProblems limits the problems that schemaProblems returns for one response, because each of the thousands of
// items in a list can contain the same mistake.
const maxProblems = 20

// schemaProblems returns one line for each problem, up to maxProblems lines. It doesn't use kin-openapi's messages
// about schemas, because these messages quote the whole schema.
func schemaProblems(err error) (problems []string) {
	if several, ok := errors.AsType[openapi3.MultiError](err); ok {
		for _, each := range several {
			if problems = append(problems, schemaProblems(each)...); len(problems) > maxProblems {
				break
			}
		}
		return problems[:min(len(problems), maxProblems)]
	}
	schema, ok := errors.AsType[*openapi3.SchemaError](err)
	if !ok {
		return []string{err.Error()}
	}
	at := "the body"
	if pointer := schema.JSONPointer(); len(pointer) > 0 {
		at = strings.Join(pointer, ".")
	}
	if response, ok := errors.AsType[*openapi3filter.ResponseError](err); ok && strings.Contains(response.Reason, "header") {
		at = response.Reason + ", which"
	}
	return []string{at + ": " + schema.Reason}
}

func isJSON(e *exchange) bool {
	mediaType, _, err := mime.ParseMediaType(e.responseHeader.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// errorFormProblem returns the reason why a response isn't an error in the format that Wintro has published, or ""
// if it is.
func (e *exchange) errorFormProblem() string {
	problem := e.errorObject()
	code, isText := problem["code"].(string)
	_, hasMessage := problem["message"].(string)
	switch {
	case e.status < http.StatusBadRequest:
		return fmt.Sprintf("the status %d isn't an error", e.status)
	case !isJSON(e):
		return fmt.Sprintf("the error response has the content type %q instead of application/json", e.responseHeader.Get("Content-Type"))
	case problem == nil:
		return "the error response has no object error"
	case !isText || code == "":
		return "the error response has no error.code"
	case !hasMessage:
		return "the error response has no error.message"
	}
	return ""
}
