package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(contract.OpenAPI)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: sandbox.WintroPath}}
	return gorillamux.NewRouter(doc)
})

// checkContract checks a response against openapi.yaml, and also the request if the sandbox accepted it. The sandbox
// must reject a call that openapi.yaml doesn't describe, with an error in the contract's format.
func checkContract(t testing.TB, request *http.Request, response reply) {
	t.Helper()
	router, err := contractRouter()
	if err != nil {
		t.Fatal(err)
	}
	route, parameters, err := router.FindRoute(request)
	if err != nil {
		if e := decode[contract.ErrorResponse](response).Error; response.status < 400 || e.Code == "" || e.Message == "" {
			t.Errorf("the contract does not describe %s %s, but the response is %d %s", request.Method, request.URL.Path, response.status, response.body)
		}
		return
	}
	options := &openapi3filter.Options{
		IncludeResponseStatus: true,
		AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.EnableFormatValidation(),
			openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(func(text string) error {
				_, err := time.Parse(time.RFC3339, text)
				return err
			})),
		},
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil && response.status < 300 {
		t.Errorf("the sandbox accepted %s %s, which violates the contract: %v", request.Method, request.URL.Path, err)
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 response.status,
		Header:                 response.header,
		Body:                   io.NopCloser(strings.NewReader(response.body)),
		Options:                options,
	})
	if err != nil {
		t.Errorf("the response to %s %s violates the contract: %v\n%s", request.Method, request.URL.Path, err, response.body)
	}
}

// The conformance checks send the other invalid requests.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	c := start(t)
	one := "/ats-connections/" + c.connect().ID
	for _, call := range []struct{ method, path, body, field string }{
		{"POST", "/ats-connections", newConnection("816", c.Token) + "}", ""},
		{"PATCH", one, "", ""},
		{"PATCH", one, `{"name":1}`, "name"},
		{"GET", "/ats-connections?page=1&page=2", "", "page"},
		{"GET", "/ats-connections?ats=greenhouse", "", "ats"},
		{"GET", "/ats-connections?atsCompanyId=acme", "", "atsCompanyId"},
	} {
		e := c.wintro(call.method, call.path, call.body, "Idempotency-Key", "a key").wantError(http.StatusBadRequest, contract.CodeBadRequest)
		if hasField := e.Fields != nil && len(*e.Fields) == 1 && (*e.Fields)[0].Field == call.field; hasField != (call.field != "") {
			t.Errorf("%s %s: the error has the fields %v instead of %q", call.method, call.path, e.Fields, call.field)
		}
	}
}
