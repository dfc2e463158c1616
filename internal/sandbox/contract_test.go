package sandbox_test

import (
	"context"
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

// checkContract holds an answer against openapi.yaml, and the request too if it was accepted. Calls
// that openapi.yaml does not know must be refused in the published form.
func checkContract(t testing.TB, request *http.Request, answer reply) {
	t.Helper()
	router, err := contractRouter()
	if err != nil {
		t.Fatal(err)
	}
	input, err := validateRequest(router, request)
	if input == nil {
		if e := decode[contract.ErrorResponse](answer).Error; answer.status < 400 || e.Code == "" || e.Message == "" {
			t.Errorf("%s %s is not in the contract: %d %s", request.Method, request.URL.Path, answer.status, answer.body)
		}
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

// validateRequest returns no input if the contract knows no such call.
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
	c.create(newConnection("817", c.Token), "connect").want(http.StatusConflict)
	c.create(newConnection("acme", c.Token), "again").want(http.StatusBadRequest)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	c.wintro(http.MethodGet, "/ats-connections?ats=recruitee&atsCompanyId=816&page=1&pageSize=1", "").want(http.StatusOK)
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
	c.wintro(http.MethodPatch, one, `{"name":"Acme","enabled":true,"apiToken":"mistyped"}`).want(http.StatusOK)
	c.wintro(http.MethodPatch, one, `{}`).want(http.StatusOK)
	started := decodeData[contract.Sync](c.wintro(http.MethodPost, one+"/syncs", "").want(http.StatusAccepted))
	for range 4 {
		c.wintro(http.MethodGet, one+"/syncs/"+started.ID, "").want(http.StatusOK)
	}
	c.ReportFingerprints(false)
	c.ReportOrganisation(false)
	c.SetStatus(c.Connections()[0].ID, "frozen")
	c.wintro(http.MethodGet, one, "").want(http.StatusOK)
	c.wintro(http.MethodPatch, one, `{"enabled":false}`).want(http.StatusOK)
	c.wintro(http.MethodPost, one+"/syncs", "").want(http.StatusConflict)
	c.wintro(http.MethodGet, one+"/syncs/none", "").want(http.StatusNotFound)
	c.wintro(http.MethodDelete, one, "").want(http.StatusNoContent)
	c.wintro(http.MethodDelete, one, "").want(http.StatusNotFound)
	c.wintro(http.MethodPut, one, `{}`).want(http.StatusMethodNotAllowed)
	c.wintro(http.MethodGet, "/elsewhere", "").want(http.StatusNotFound)
	c.SetWintroRateLimit(1, time.Minute)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusOK)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusTooManyRequests)
	c.SetWintroRateLimit(0, 0)
	c.SetWintroAccess(sandbox.AccessForbidden)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusForbidden)
	c.SetWintroAccess(sandbox.AccessUnauthorized)
	c.wintro(http.MethodGet, "/ats-connections", "").want(http.StatusUnauthorized)
}

// The sandbox rejects requests that the contract forbids.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	c := start(t)
	one := "/ats-connections/" + c.connect().ID
	long, key := strings.Repeat("ü", 101), []string{"Idempotency-Key", "a key"}
	fields := map[string]string{
		"ats": `"recruitee"`, "name": `"R"`, "atsCompanyId": `"7"`, "apiToken": `"t"`, "enabled": `true`,
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
		field              string
	}
	calls := map[string]call{
		"no key":             {"POST", "/ats-connections", with("", ""), nil, "Idempotency-Key"},
		"empty key":          {"POST", "/ats-connections", with("", ""), []string{"Idempotency-Key", ""}, "Idempotency-Key"},
		"long key":           {"POST", "/ats-connections", with("", ""), []string{"Idempotency-Key", strings.Repeat("k", 129)}, "Idempotency-Key"},
		"no body":            {"POST", "/ats-connections", "", key, ""},
		"no JSON":            {"POST", "/ats-connections", `{"ats"`, key, ""},
		"a list":             {"POST", "/ats-connections", `[]`, key, ""},
		"null":               {"POST", "/ats-connections", `null`, key, ""},
		"not called JSON":    {"POST", "/ats-connections", with("", ""), append(key, "Content-Type", "text/plain"), ""},
		"unknown ATS":        {"POST", "/ats-connections", with("ats", `"greenhouse"`), key, "ats"},
		"empty name":         {"POST", "/ats-connections", with("name", `""`), key, "name"},
		"name, then space":   {"POST", "/ats-connections", with("name", `"R "`), key, "name"},
		"name after tab":     {"POST", "/ats-connections", with("name", `"\tR"`), key, "name"},
		"key with umlaut":    {"POST", "/ats-connections", with("", ""), []string{"Idempotency-Key", "schlüssel"}, "Idempotency-Key"},
		"long name":          {"POST", "/ats-connections", with("name", `"`+long+`"`), key, "name"},
		"subdomain":          {"POST", "/ats-connections", with("atsCompanyId", `"acme"`), key, "atsCompanyId"},
		"company 0":          {"POST", "/ats-connections", with("atsCompanyId", `"0"`), key, "atsCompanyId"},
		"company number":     {"POST", "/ats-connections", with("atsCompanyId", `816`), key, "atsCompanyId"},
		"empty token":        {"POST", "/ats-connections", with("apiToken", `""`), key, "apiToken"},
		"null enabled":       {"POST", "/ats-connections", with("enabled", `null`), key, "enabled"},
		"text enabled":       {"POST", "/ats-connections", with("enabled", `"yes"`), key, "enabled"},
		"patch null token":   {"PATCH", one, `{"apiToken":null}`, nil, "apiToken"},
		"patch null name":    {"PATCH", one, `{"name":null}`, nil, "name"},
		"patch empty name":   {"PATCH", one, `{"name":""}`, nil, "name"},
		"patch number":       {"PATCH", one, `{"name":1}`, nil, "name"},
		"patch empty token":  {"PATCH", one, `{"apiToken":""}`, nil, "apiToken"},
		"patch without body": {"PATCH", one, "", nil, ""},
		"page 0":             {"GET", "/ats-connections?page=0", "", nil, "page"},
		"page 1 and page 2":  {"GET", "/ats-connections?page=1&page=2", "", nil, "page"},
		"page two":           {"GET", "/ats-connections?page=two", "", nil, "page"},
		"no page size":       {"GET", "/ats-connections?pageSize=0", "", nil, "pageSize"},
		"list by ATS":        {"GET", "/ats-connections?ats=greenhouse", "", nil, "ats"},
		"list by subdomain":  {"GET", "/ats-connections?atsCompanyId=acme", "", nil, "atsCompanyId"},
	}
	for name := range fields {
		calls["without "+name] = call{"POST", "/ats-connections", with(name, ""), key, name}
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := *c
			c.t = t
			e := c.wintro(call.method, call.path, call.body, call.header...).wantError(http.StatusBadRequest, contract.CodeBadRequest)
			switch {
			case call.field == "" && e.Fields != nil:
				t.Errorf("fields %v", *e.Fields)
			case call.field != "" && (e.Fields == nil || len(*e.Fields) != 1 || (*e.Fields)[0].Field != call.field):
				t.Errorf("fields %v instead of one about %s", e.Fields, call.field)
			}
			router, _ := contractRouter()
			header := append([]string{"Content-Type", "application/json"}, call.header...)
			request := c.request(call.method, sandbox.WintroPath+call.path, call.body, header...)
			// The contract doesn't limit the systems, and its validator reads the first of two pages.
			isOpen := strings.Contains(call.path+call.body, "greenhouse") || name == "page 1 and page 2"
			if _, err := validateRequest(router, request); err == nil && !isOpen {
				t.Error("the contract allows what the sandbox refuses")
			}
		})
	}
}
