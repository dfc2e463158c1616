package wintro_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const (
	fuzzMeta = `"meta":{"generatedAt":"2026-04-21T12:00:00.000Z","organisationId":"org_1-A"}`
	fuzzPage = `{"data":[],"meta":{"organisationId":"org_1-A","pagination":{"page":1,"pageSize":100,"totalItems":1,"totalPages":1}}}`
)

// connectionSeeds returns the JSON of valid and invalid connections.
func connectionSeeds() []string {
	seeds := []string{connectionJSON, ``, `null`, `[]`, `{}`, `{"data":[]}`, connectionJSON[:150], connectionJSON + `{}`, `<html>`, `"` + wintroToken + `"`}
	for _, replaced := range [][2]string{
		{`"con_1-A"`, `"` + wintroToken + `"`}, {`"con_1-A"`, `"../con"`}, {`"con_1-A"`, `"con\u0000"`}, {`"con_1-A"`, `"con_1-A","ID":"\u001b"`},
		{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`}, {`"ats":"recruitee"`, `"ats":"green\u001bhouse"`}, {`"ats":"recruitee"`, `"ats":"\u202e"`}, {`"ats":"recruitee"`, `"ats":"` + wintroToken + `"`},
		{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b\ud800"`}, {`"Acme's Recruitee"`, "\"A\xff\xc3(\""}, {`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`},
		{`"Acme's Recruitee"`, `"` + wintroToken + `"`}, {`"Acme's Recruitee"`, `"` + strings.Repeat("x", 90) + recruiteeToken + `"`}, {`"name":"Acme's Recruitee",`, ``},
		{`"816"`, `"0816"`}, {`"816"`, `816`}, {`"816"`, `"816\n"`}, {`"816"`, `"\u001b[2J"`}, {`"enabled":true`, `"enabled":null`}, {`"enabled":true`, `"enabled":"` + wintroToken + `"`},
		{`"Acme"`, `null`}, {`"Acme"`, `"\u001b[31mAc\nme\u202e"`}, {`"Acme"`, `"` + strings.Repeat("x", 250) + recruiteeToken + `"`},
		{`"active"`, `"pending"`}, {`"active"`, `"\u0000"`}, {`"active"`, `"frozen"`}, {`"active"`, `"\u001b[2Jasleep"`}, {`"active"`, `"` + wintroToken + `"`}, {`"active"`, `"` + strings.Repeat("a", 30) + recruiteeToken + `"`},
		{fingerprintJSON, `null`}, {`hSuFU"`, `hSuFU\n"`}, {fingerprintJSON, `"` + recruiteeToken + `"`}, {`"2026-04-21T07:31:15.149395Z"`, `"` + wintroToken + `"`},
		{`"2026-04-21T07:31:15.149395Z"`, `"0001-01-01T00:00:00Z"`}, {`"2026-04-21T11:31:15Z"`, `"9999-12-31T23:59:59.999999999-23:59"`},
	} {
		seeds = append(seeds, strings.Replace(connectionJSON, replaced[0], replaced[1], 1))
	}
	return seeds
}

// fuzzResponse is a round tripper that returns the same response to every request.
type fuzzResponse struct {
	status                        int
	contentType, retryAfter, body string
}

func (f fuzzResponse) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: f.status,
		Header:     http.Header{"Content-Type": {f.contentType}, "Retry-After": {f.retryAfter}},
		Body:       io.NopCloser(strings.NewReader(f.body)),
		Request:    req,
	}, nil
}

// client returns a client that uses no network and never retries.
func (f fuzzResponse) client() *remote {
	endpoint := &url.URL{Scheme: "https", Host: "wintro.example", Path: "/api/v1"}
	return &remote{Client: wintro.New(endpoint, wintroToken, transport.New(transport.Options{System: wintro.System, RequestTimeout: time.Minute, RoundTripper: f}))}
}

func FuzzConnection(f *testing.F) {
	for _, seed := range connectionSeeds() {
		f.Add(seed)
		f.Add(`{"data":` + seed + `,` + fuzzMeta + `}`)
	}
	for _, organisation := range []string{`null`, `5`, `""`, `1e400`, `"../org"`, `"` + wintroToken + `"`, `"org_` + strings.ToLower(wintroToken) + `"`, `"` + strings.Repeat("o", 129) + `"`} {
		f.Add(`{"data":` + connectionJSON + `,` + strings.Replace(fuzzMeta, `"org_1-A"`, organisation, 1) + `}`)
	}
	f.Fuzz(func(t *testing.T, body string) { fuzzSuccess(t, body, "Get", "Create", "Update") })
}

func FuzzConnections(f *testing.F) {
	for _, seed := range connectionSeeds() {
		f.Add(seed)
		f.Add(strings.Replace(fuzzPage, `[]`, `[`+seed+`]`, 1))
	}
	two := strings.Replace(fuzzPage, `[]`, `[`+connectionJSON+`,`+strings.Replace(connectionJSON, "con_1-A", "con_2", 1)+`]`, 1)
	for _, replaced := range [][2]string{
		{`"totalItems":1`, `"totalItems":2`}, {`"totalItems":1`, `"totalItems":-1`}, {`"totalItems":1`, `"totalItems":1e400`}, {`"totalItems":1`, `"totalItems":null`},
		{`"totalPages":1`, `"totalPages":0`}, {`"totalPages":1`, `"totalPages":9223372036854775807`}, {`"page":1`, `"page":2`}, {`"page":1`, `"page":"` + wintroToken + `"`},
		{`,"pagination"`, `,"pages"`}, {`"con_2"`, `"con_1-A"`}, {`"data":[`, `"data":[null,`}, {`"org_1-A"`, `"` + wintroToken + `"`},
	} {
		f.Add(strings.Replace(two, replaced[0], replaced[1], 1))
	}
	f.Fuzz(func(t *testing.T, body string) { fuzzSuccess(t, body, "ListPage", "List") })
}

func FuzzSync(f *testing.F) {
	for _, replaced := range [][2]string{
		{`"failed"`, `"queued"`}, {`"failed"`, `"\u001b[2J"`}, {`"failed"`, `"` + wintroToken + `"`}, {`"syn_1-A"`, `"` + wintroToken + `"`}, {`"syn_1-A"`, `"\u0000"`},
		{`12`, `-12`}, {`12`, `1e400`}, {`12`, `12.5`}, {`"Recruitee is down."`, `null`}, {`"Recruitee is down."`, `"\u001b]0;\u0007\u202e\ud800\n"`},
		{`"Recruitee is down."`, `"` + strings.Repeat("x", 490) + wintroToken + `"`}, {`"Recruitee is down."`, "\"\xff\u009b\""}, {`"2026-04-21T07:32:15Z"`, `null`},
	} {
		f.Add(`{"data":` + strings.Replace(syncJSON, replaced[0], replaced[1], 1) + `,` + fuzzMeta + `}`)
	}
	for _, body := range []string{`{"data":` + syncJSON + `,` + fuzzMeta + `}`, syncJSON, ``, `null`, `[]`, `{}`, syncJSON[:60], syncJSON + syncJSON} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { fuzzSuccess(t, body, "StartSync", "GetSync") })
}

// fuzzSuccess makes the named calls. Each response has the documented status and this body.
func fuzzSuccess(t *testing.T, body string, names ...string) {
	t.Helper()
	for _, name := range names {
		r := fuzzResponse{status: calls[name].status, contentType: "application/json", body: body}.client()
		got, err := calls[name].do(t.Context(), r)
		checkOrganisation(t, r)
		if err == nil {
			checkValue(t, got)
			continue
		}
		checkError(t, got, err)
		if _, ok := errors.AsType[*transport.UnavailableError](err); !ok {
			t.Errorf("%s: a success became the %T %v", name, err, err)
		}
	}
}

func FuzzError(f *testing.F) {
	const json = "application/json"
	failed := func(code, message, rest string) string {
		return `{"error":{"code":"` + code + `","message":"` + message + `"` + rest + `}}`
	}
	notFound := failed("NOT_FOUND", "There is no such connection.", "")
	f.Add(409, json, "", failed("ALREADY_LINKED", "It is linked.", `,"connectionId":"con_1-A"`))
	f.Add(409, json, "", failed("ALREADY_LINKED", "It is linked.", `,"connectionId":5,"fields":{}`))
	f.Add(400, json+"; charset=utf-8", "", failed("BAD_REQUEST", "Not valid.", `,"fields":[{"field":"name","message":"is too long."},{"field":"apiToken","message":"is empty"}]`))
	f.Add(404, json, "", notFound)
	f.Add(404, json, "", notFound[:len(notFound)-1])
	f.Add(404, json, "", notFound+notFound)
	f.Add(404, json, "", `{"Error":{"CODE":"NOT_FOUND"},"error":{"message":"No."},"error":null}`)
	f.Add(404, json, "", `{"error":"Not Found","message":"Cannot GET /"}`)
	f.Add(404, json, "", `{"error":{"code":404,"message":"No."}}`)
	f.Add(404, json, "", `{"error":{"code":"\u0000","message":"\u202e"}}`)
	f.Add(404, "application/problem+json", "", notFound)
	f.Add(404, "", "", notFound)
	f.Add(404, "text/html", "", `<html>Not Found</html>`)
	f.Add(404, "application/json, application/json; charset=utf-8", "", "\ufeff"+notFound)
	f.Add(204, json, "", notFound)
	f.Add(304, json, "", notFound)
	f.Add(600, json, "", notFound)
	f.Add(429, json, "86400", failed("RATE_LIMITED", "Too many requests", ""))
	f.Add(503, json, "18446744073709551616", failed(`\u001b[31mUn`, `a\nb\u0000`, `,"fields":[{"field":"na\u0007me","message":"\u009bbad\r\n"},null]`))
	f.Add(503, "text/"+wintroToken, "", `{"error":{"code":null,"message":null,"fields":null}}`)
	for _, token := range []string{wintroToken, recruiteeToken} {
		f.Add(401, json, "", failed(token, strings.Repeat("x", 490)+token, `,"connectionId":"`+token+
			`","fields":[{"field":"`+strings.ToLower(token)+`","message":"`+strings.Repeat("x", 90)+token+`"}]`))
	}
	f.Add(400, json, "", failed(strings.Repeat("c", 600), strings.Repeat("m", 600),
		`,"fields":[`+strings.Repeat(`{"field":"`+strings.Repeat("f", 100)+`","message":"`+strings.Repeat("m", 300)+`"},`, 6)+`{}]`))
	f.Add(400, json, "", `null`)
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter, body string) {
		for name, call := range calls {
			r := fuzzResponse{status, contentType, retryAfter, body}.client()
			got, err := call.do(t.Context(), r)
			checkOrganisation(t, r)
			if err == nil {
				if status != call.status {
					t.Errorf("%s: %d became a success", name, status)
				}
				checkValue(t, got)
				continue
			}
			checkError(t, got, err)
			isJSON := strings.HasPrefix(strings.ToLower(strings.TrimSpace(contentType)), json)
			if failure, ok := errors.AsType[*wintro.APIError](err); ok && (failure.Status != status || status < 400 || !isJSON) {
				t.Errorf("%s: %d as %q with %q became the error %v", name, status, contentType, body, err)
			}
		}
	})
}

// These patterns follow openapi.yaml, independently of the client's own patterns.
var (
	idPattern          = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,128}\z`)
	companyPattern     = regexp.MustCompile(`\A[1-9][0-9]{0,18}\z`)
	fingerprintPattern = regexp.MustCompile(`\ASHA256:[A-Za-z0-9+/]{43}\z`)
)

// checkValue fails the test if a call returned a value that violates the contract, such as an invalid ID, or a text
// that isn't safe to print.
func checkValue(t *testing.T, got any) {
	t.Helper()
	switch got := got.(type) {
	case []wintro.Item:
		for _, item := range got {
			if item.Invalid == "" {
				checkValue(t, item.Connection)
				continue
			}
			transporttest.CheckError(t, item.Err(), wintroToken, recruiteeToken)
			if item.ID != "" && !idPattern.MatchString(item.ID) || item.AtsCompanyID != "" && !companyPattern.MatchString(item.AtsCompanyID) ||
				!reflect.DeepEqual(item.Connection, wintro.Connection{ID: item.ID, AtsCompanyID: item.AtsCompanyID}) {
				t.Errorf("invalid item %+v", item)
			}
		}
	case []wintro.Connection:
		seen := map[string]bool{}
		for _, conn := range got {
			checkValue(t, conn)
			if conn.Ats != wintro.Recruitee || seen[conn.ID] {
				t.Errorf("the list contains %+v twice, or from another system", conn)
			}
			seen[conn.ID] = true
		}
	case wintro.Connection:
		checkText(t, 41, got.Ats, got.ID)
		if !idPattern.MatchString(got.ID) || got.Ats == "" || got.CreatedAt.IsZero() {
			t.Errorf("invalid connection %+v", got)
		}
		if got.Ats != wintro.Recruitee {
			same(t, got, wintro.Connection{ID: got.ID, Ats: got.Ats, CreatedAt: got.CreatedAt})
			return
		}
		checkText(t, 41, got.Status)
		checkText(t, 100, got.Name)
		if got.AtsCompanyName != nil {
			checkText(t, 256, *got.AtsCompanyName)
		}
		if got.Status == "" || !companyPattern.MatchString(got.AtsCompanyID) || got.TokenFingerprint != nil && !fingerprintPattern.MatchString(*got.TokenFingerprint) {
			t.Errorf("invalid connection %+v", got)
		}
	case wintro.Sync:
		if !idPattern.MatchString(got.ID) || got.Status == "" || got.VacanciesSynced < 0 {
			t.Errorf("invalid sync %+v", got)
		}
		checkText(t, 41, got.Status)
		if got.Error != nil {
			checkText(t, 501, *got.Error)
		}
	}
}

// checkText checks that the texts are safe to print. A text that doesn't have the form of an ID may have at most
// limit characters.
func checkText(t *testing.T, limit int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		transporttest.CheckText(t, text)
		transporttest.CheckSecrets(t, text, wintroToken, recruiteeToken)
		if !idPattern.MatchString(text) {
			transporttest.CheckLabel(t, text, limit)
		}
	}
}

// checkOrganisation fails the test if the client has stored an organisation that isn't a valid ID or contains a token.
func checkOrganisation(t *testing.T, r *remote) {
	t.Helper()
	if id := r.Organisation(); id != "" {
		checkText(t, 0, id)
	}
}

// checkError fails the test if a failed call also returned a result, or if its error has an unexpected type, an
// invalid field or a text that isn't safe to print.
func checkError(t *testing.T, got any, err error) {
	t.Helper()
	isNothing(t, got)
	transporttest.CheckError(t, err, wintroToken, recruiteeToken)
	switch failure := err.(type) { //nolint:errorlint // the error itself, not a wrapped one
	case *wintro.APIError:
		if failure.Code == "" || failure.Message == "" || (failure.Scope != "") != (failure.Code == "MISSING_SCOPE") || failure.RetryAfter < 0 || failure.ConnectionID != "" && !idPattern.MatchString(failure.ConnectionID) {
			t.Errorf("error %+v", failure)
		}
		checkText(t, 0, failure.ConnectionID)
		for _, field := range failure.Fields {
			checkText(t, 101, field.Field, field.Message)
		}
	case *transport.UnavailableError:
		if failure.System != wintro.System || failure.Reason == "" {
			t.Errorf("error %+v", failure)
		}
	default:
		t.Errorf("the error is a %T", err)
	}
}
