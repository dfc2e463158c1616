package conformance

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// A program can embed only what is in its own folder, so the contract is copied.
//
//go:generate cp ../contract/openapi.yaml openapi.gen.yaml
//go:embed openapi.gen.yaml
var openAPI []byte

// A document is the contract, which answers are compared with.
type document struct {
	routes map[string]*routers.Route
}

func newDocument() (*document, error) {
	spec, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	d := &document{routes: map[string]*routers.Route{}}
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			d.routes[operation.OperationID] = &routers.Route{
				Spec: spec, Path: path, PathItem: item, Method: method, Operation: operation,
			}
		}
	}
	return d, nil
}

// title is an operation as people name it, such as "GET /ats-connections".
func (d *document) title(op string) string {
	return d.routes[op].Method + " " + d.routes[op].Path
}

// operations are all operations, in the order in which a server is best built.
func operations() []string {
	return []string{opList, opCreate, opGet, opUpdate, opDelete, opStartSync, opGetSync}
}

// compare says how the answer differs from what the contract says.
func (d *document) compare(e *exchange) (problems []string) {
	switch {
	case e.err != nil:
		return []string{"there is no complete answer: " + e.err.Error()}
	case e.method == http.MethodHead:
		return nil
	case e.op == "" || e.status >= http.StatusBadRequest:
		problems = e.errorFormProblems()
	}
	route := d.routes[e.op]
	if route == nil {
		return problems
	}
	switch {
	case route.Operation.Responses.Status(e.status) == nil && e.status < http.StatusBadRequest:
		return []string{fmt.Sprintf("the status %d is none of this call's", e.status)}
	case e.status == http.StatusNoContent:
		if len(e.answer) > 0 {
			problems = append(problems, "an answer with the status 204 has no body")
		}
		return problems
	case !isJSON(e):
		return append(problems, fmt.Sprintf("the content type is %q instead of application/json", e.header.Get("Content-Type")))
	case !json.Valid(e.answer):
		return append(problems, "the body is not JSON")
	}
	request, err := http.NewRequestWithContext(context.Background(), e.method, e.url, http.NoBody)
	if err != nil {
		return append(problems, err.Error())
	}
	err = openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: route},
		Status:                 e.status,
		Header:                 e.header,
		Body:                   io.NopCloser(bytes.NewReader(e.answer)),
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
		for _, problem := range schemaProblems(err) {
			if !slices.Contains(problems, problem) {
				problems = append(problems, problem)
			}
		}
	}
	return problems
}

// schemaProblems makes one line of each error. Those of kin-openapi fill a screen with the schema.
func schemaProblems(err error) (problems []string) {
	var (
		several openapi3.MultiError
		schema  *openapi3.SchemaError
		answer  *openapi3filter.ResponseError
	)
	switch {
	case errors.As(err, &several):
		for _, each := range several {
			problems = append(problems, schemaProblems(each)...)
		}
		return problems
	case errors.As(err, &schema):
		at := "the body"
		if pointer := schema.JSONPointer(); len(pointer) > 0 {
			at = strings.Join(pointer, ".")
		}
		if errors.As(err, &answer) && strings.Contains(answer.Reason, "header") {
			at = answer.Reason + ", which"
		}
		return []string{at + ": " + schema.Reason}
	}
	return []string{err.Error()}
}

func isJSON(e *exchange) bool {
	mediaType, _, err := mime.ParseMediaType(e.header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// errorFormProblems says how an answer differs from an error in the published form.
func (e *exchange) errorFormProblems() (problems []string) {
	problem := e.decode().Error
	code, isText := problem["code"].(string)
	_, hasMessage := problem["message"].(string)
	switch {
	case e.status < http.StatusBadRequest:
		return []string{fmt.Sprintf("the status %d is not that of an error", e.status)}
	case !isJSON(e):
		return []string{fmt.Sprintf("an error has the content type %q instead of application/json", e.header.Get("Content-Type"))}
	case problem == nil:
		problems = append(problems, "an error without the object error")
	case !isText || code == "":
		problems = append(problems, "an error without error.code")
	case !hasMessage:
		problems = append(problems, "an error without error.message")
	}
	return problems
}
