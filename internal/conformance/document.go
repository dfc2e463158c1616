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

// A document is the contract's OpenAPI document.
type document struct {
	routes map[string]*routers.Route
}

// contractDocument returns the document, which it parses only once. It panics if openapi.yaml is invalid.
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

// operations returns all operations, in the recommended order for implementing them.
func operations() []string {
	return []string{opList, opCreate, opGet, opUpdate, opDelete, opStartSync, opGetSync}
}

// compare returns the differences between a response and the document.
func (d *document) compare(e *exchange) (problems []string) {
	switch {
	case e.err != nil:
		return []string{"there is no complete response: " + e.err.Error()}
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
		return []string{fmt.Sprintf("status %d isn't documented for this call", e.status)}
	case e.status == http.StatusNoContent:
		if len(e.responseBody) > 0 {
			problems = append(problems, "a response with status 204 must not have a body")
		}
		return problems
	case !isJSON(e):
		return append(problems, fmt.Sprintf("the content type is %q instead of application/json", e.responseHeader.Get("Content-Type")))
	case !json.Valid(e.responseBody):
		return append(problems, "the body is not JSON")
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

// maxProblems bounds the problems of one response, because thousands of items in a list can contain the same
// mistake.
const maxProblems = 20

// schemaProblems returns one line for each error. It leaves out the schema, which kin-openapi's messages quote in
// full.
func schemaProblems(err error) (problems []string) {
	var (
		several  openapi3.MultiError
		schema   *openapi3.SchemaError
		response *openapi3filter.ResponseError
	)
	switch {
	case errors.As(err, &several):
		for _, each := range several {
			if problems = append(problems, schemaProblems(each)...); len(problems) > maxProblems {
				break
			}
		}
		return problems[:min(len(problems), maxProblems)]
	case errors.As(err, &schema):
		at := "the body"
		if pointer := schema.JSONPointer(); len(pointer) > 0 {
			at = strings.Join(pointer, ".")
		}
		if errors.As(err, &response) && strings.Contains(response.Reason, "header") {
			at = response.Reason + ", which"
		}
		return []string{at + ": " + schema.Reason}
	}
	return []string{err.Error()}
}

func isJSON(e *exchange) bool {
	mediaType, _, err := mime.ParseMediaType(e.responseHeader.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// errorFormProblem returns a difference between a response and an error in the published form, or "".
func (e *exchange) errorFormProblem() string {
	problem := e.errorObject()
	code, isText := problem["code"].(string)
	_, hasMessage := problem["message"].(string)
	switch {
	case e.status < http.StatusBadRequest:
		return fmt.Sprintf("status %d is not an error", e.status)
	case !isJSON(e):
		return fmt.Sprintf("an error has the content type %q instead of application/json", e.responseHeader.Get("Content-Type"))
	case problem == nil:
		return "an error without the object error"
	case !isText || code == "":
		return "an error without error.code"
	case !hasMessage:
		return "an error without error.message"
	}
	return ""
}
