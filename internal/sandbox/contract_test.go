package sandbox_test

import (
	"fmt"
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

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../wintro/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: sandbox.WintroPath}}
	return gorillamux.NewRouter(doc)
})

// checkContract holds an answer against openapi.yaml, and the request too if it was accepted. Calls
// that openapi.yaml does not know have to be refused with a problem.
func checkContract(t testing.TB, request *http.Request, answer reply) {
	t.Helper()
	router, err := contractRouter()
	if err != nil {
		t.Fatal(err)
	}
	input, err := validateRequest(router, request)
	if input == nil {
		answer.problem(answer.status)
		return
	}
	if answer.status < 300 && err != nil {
		t.Errorf("%s %s was accepted against the contract: %v", request.Method, request.URL.Path, err)
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 answer.status,
		Header:                 answer.header,
		Body:                   io.NopCloser(strings.NewReader(answer.body)),
		Options:                validation(),
	})
	if err != nil {
		t.Errorf("the answer to %s %s is against the contract: %v\n%s",
			request.Method, request.URL.Path, err, answer.body)
	}
}

// validateRequest returns no input where the contract knows no such call.
func validateRequest(router routers.Router, request *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, parameters, err := router.FindRoute(request)
	if err != nil {
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters, Route: route, Options: validation(),
	}
	return input, openapi3filter.ValidateRequest(request.Context(), input)
}

func validation() *openapi3filter.Options {
	return &openapi3filter.Options{
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
}

func TestContract(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.StayPending(1)
	id := c.connect().ID
	one := "/ats-connections/" + id
	c.create(newConnection("816", c.Token), "again").want(http.StatusConflict)
	c.create(newConnection("817", c.Token), "again").want(http.StatusUnprocessableEntity)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	c.wintro(http.MethodGet, "/ats-connections?ats=recruitee&company_id=816&limit=1", "").want(http.StatusOK)
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
	c.wintro(http.MethodPatch, one, `{"name":"Acme","enabled":true,"api_token":"mistyped"}`).want(http.StatusOK)
	started := decode[contract.Sync](c.wintro(http.MethodPost, one+"/syncs", "").want(http.StatusAccepted))
	for range 4 {
		c.wintro(http.MethodGet, one+"/syncs/"+started.ID, "").want(http.StatusOK)
	}
	c.ReportFingerprints(false)
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
	c.wintro(http.MethodPatch, one, `{"enabled":false}`).want(http.StatusOK)
	c.wintro(http.MethodPost, one+"/syncs", "").want(http.StatusConflict)
	c.wintro(http.MethodGet, one+"/syncs/none", "").want(http.StatusNotFound)
	c.wintro(http.MethodDelete, one, "").want(http.StatusNoContent)
	c.wintro(http.MethodDelete, one, "").want(http.StatusNotFound)
	c.wintro(http.MethodPut, one, `{}`).want(http.StatusMethodNotAllowed)
	c.wintro(http.MethodGet, "/elsewhere", "").want(http.StatusNotFound)
	c.SetWintroAccess(sandbox.AccessForbidden)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusForbidden)
	c.SetWintroAccess(sandbox.AccessUnauthorized)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusUnauthorized)
}

// What the contract does not allow, the sandbox does not take.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	c := start(t)
	one := "/ats-connections/" + c.connect().ID
	long, key := strings.Repeat("ü", 101), []string{"Idempotency-Key", "a key"}
	fields := map[string]string{
		"ats": `"recruitee"`, "name": `"R"`, "company_id": `"7"`, "api_token": `"t"`, "enabled": `true`,
	}
	with := func(name, value string) string {
		var members []string
		for other, usual := range fields {
			if other == name {
				usual = value
			}
			if usual != "" {
				members = append(members, fmt.Sprintf("%q:%s", other, usual))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	type call struct {
		method, path, body string
		header             []string
		status             int
		field              string
	}
	calls := map[string]call{
		"no key":             {"POST", "/ats-connections", with("", ""), nil, 400, ""},
		"empty key":          {"POST", "/ats-connections", with("", ""), []string{"Idempotency-Key", ""}, 400, ""},
		"long key":           {"POST", "/ats-connections", with("", ""), []string{"Idempotency-Key", strings.Repeat("k", 129)}, 400, ""},
		"no body":            {"POST", "/ats-connections", "", key, 400, ""},
		"no JSON":            {"POST", "/ats-connections", `{"ats"`, key, 400, ""},
		"a list":             {"POST", "/ats-connections", `[]`, key, 400, ""},
		"null":               {"POST", "/ats-connections", `null`, key, 400, ""},
		"not called JSON":    {"POST", "/ats-connections", with("", ""), append(key, "Content-Type", "text/plain"), 415, ""},
		"unknown ATS":        {"POST", "/ats-connections", with("ats", `"greenhouse"`), key, 422, "ats"},
		"empty name":         {"POST", "/ats-connections", with("name", `""`), key, 422, "name"},
		"long name":          {"POST", "/ats-connections", with("name", `"`+long+`"`), key, 422, "name"},
		"subdomain":          {"POST", "/ats-connections", with("company_id", `"acme"`), key, 422, "company_id"},
		"company 0":          {"POST", "/ats-connections", with("company_id", `"0"`), key, 422, "company_id"},
		"company number":     {"POST", "/ats-connections", with("company_id", `816`), key, 422, "company_id"},
		"empty token":        {"POST", "/ats-connections", with("api_token", `""`), key, 422, "api_token"},
		"null enabled":       {"POST", "/ats-connections", with("enabled", `null`), key, 422, "enabled"},
		"text enabled":       {"POST", "/ats-connections", with("enabled", `"yes"`), key, 422, "enabled"},
		"patch nothing":      {"PATCH", one, `{}`, nil, 422, "body"},
		"patch null name":    {"PATCH", one, `{"name":null}`, nil, 422, "name"},
		"patch empty name":   {"PATCH", one, `{"name":""}`, nil, 422, "name"},
		"patch number":       {"PATCH", one, `{"name":1}`, nil, 422, "name"},
		"patch empty token":  {"PATCH", one, `{"api_token":""}`, nil, 422, "api_token"},
		"patch without body": {"PATCH", one, "", nil, 400, ""},
		"limit 0":            {"GET", "/ats-connections?limit=0", "", nil, 400, ""},
		"limit 101":          {"GET", "/ats-connections?limit=101", "", nil, 400, ""},
		"limit many":         {"GET", "/ats-connections?limit=many", "", nil, 400, ""},
		"list by ATS":        {"GET", "/ats-connections?ats=greenhouse", "", nil, 400, ""},
		"list by subdomain":  {"GET", "/ats-connections?company_id=acme", "", nil, 400, ""},
		"empty cursor":       {"GET", "/ats-connections?cursor=", "", nil, 400, ""},
	}
	for name := range fields {
		calls["without "+name] = call{"POST", "/ats-connections", with(name, ""), key, 422, name}
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := *c
			c.t = t
			if call.status == http.StatusUnprocessableEntity {
				call.header = []string{"Idempotency-Key", name}
			}
			p := c.wintro(call.method, call.path, call.body, call.header...).problem(call.status)
			switch {
			case call.field == "" && p.Errors != nil:
				t.Errorf("errors %v with status %d", *p.Errors, call.status)
			case call.field != "" && (p.Errors == nil || len(*p.Errors) != 1 || (*p.Errors)[0].Field != call.field):
				t.Errorf("errors %v instead of one about %s", p.Errors, call.field)
			}
			router, _ := contractRouter()
			header := append([]string{"Content-Type", "application/json"}, call.header...)
			request := c.request(call.method, sandbox.WintroPath+call.path, call.body, header...)
			if _, err := validateRequest(router, request); err == nil {
				t.Error("the contract allows what the sandbox refuses")
			}
		})
	}
}
