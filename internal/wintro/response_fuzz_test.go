package wintro

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// These could be IDs as well.
const (
	fuzzToken          = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	fuzzRecruiteeToken = "zYxWvUtSrQpOnMlKjIhGfEdCbA543210"
)

const fuzzConnection = `{"id":"con_1-A","ats":"recruitee","name":"Acme's Recruitee","atsCompanyId":"816","atsCompanyName":"Acme",
	"enabled":true,"status":"active","tokenFingerprint":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
	"createdAt":"2026-04-21T07:31:15.149395Z","lastSyncedAt":"2026-04-21T11:31:15Z"}`

// fuzzMeta is the meta of every answer; lists have a pagination in it as well.
const fuzzMeta = `"meta":{"generatedAt":"2026-04-21T12:00:00.000Z","organisationId":"org_1-A"}`

const fuzzPage = `{"data":[],"meta":{"organisationId":"org_1-A","pagination":{"page":1,"pageSize":100,"totalItems":1,"totalPages":1}}}`

// connectionSeeds are what could be a connection, or nearly.
func connectionSeeds() []string {
	seeds := []string{fuzzConnection, ``, `null`, `[]`, `{}`, `{"data":[]}`, fuzzConnection[:150], fuzzConnection + `{}`, `<html>`, `"` + fuzzToken + `"`}
	for _, replaced := range [][2]string{
		{`"con_1-A"`, `"` + fuzzToken + `"`}, {`"con_1-A"`, `"../con"`}, {`"con_1-A"`, `"con\u0000"`}, {`"con_1-A"`, `"con_1-A","ID":"\u001b"`},
		{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`}, {`"ats":"recruitee"`, `"ats":"green\u001bhouse"`}, {`"ats":"recruitee"`, `"ats":"\u202e"`}, {`"ats":"recruitee"`, `"ats":"` + fuzzToken + `"`},
		{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b\ud800"`}, {`"Acme's Recruitee"`, "\"A\xff\xc3(\""}, {`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`},
		{`"Acme's Recruitee"`, `"` + fuzzToken + `"`}, {`"Acme's Recruitee"`, `"` + strings.Repeat("x", 90) + fuzzRecruiteeToken + `"`}, {`"name":"Acme's Recruitee",`, ``},
		{`"816"`, `"0816"`}, {`"816"`, `816`}, {`"816"`, `"816\n"`}, {`"816"`, `"\u001b[2J"`}, {`"enabled":true`, `"enabled":null`}, {`"enabled":true`, `"enabled":"` + fuzzToken + `"`},
		{`"Acme"`, `null`}, {`"Acme"`, `"\u001b[31mAc\nme\u202e"`}, {`"Acme"`, `"` + strings.Repeat("x", 250) + fuzzRecruiteeToken + `"`},
		{`"active"`, `"pending"`}, {`"active"`, `"\u0000"`}, {`"active"`, `"frozen"`}, {`"active"`, `"\u001b[2Jasleep"`}, {`"active"`, `"` + fuzzToken + `"`}, {`"active"`, `"` + strings.Repeat("a", 30) + fuzzRecruiteeToken + `"`},
		{`"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `null`}, {`hSuFU"`, `hSuFU\n"`}, {`"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `"` + fuzzRecruiteeToken + `"`}, {`"2026-04-21T07:31:15.149395Z"`, `"` + fuzzToken + `"`},
		{`"2026-04-21T07:31:15.149395Z"`, `"0001-01-01T00:00:00Z"`}, {`"2026-04-21T11:31:15Z"`, `"9999-12-31T23:59:59.999999999-23:59"`},
	} {
		seeds = append(seeds, strings.Replace(fuzzConnection, replaced[0], replaced[1], 1))
	}
	return seeds
}

// fuzzAnswer answers every request, without a network.
type fuzzAnswer struct {
	status                        int
	contentType, retryAfter, body string
}

// RoundTrip answers without a network.
func (a fuzzAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status,
		Header:     http.Header{"Content-Type": {a.contentType}, "Retry-After": {a.retryAfter}},
		Body:       io.NopCloser(strings.NewReader(a.body)),
		Request:    req,
	}, nil
}

// client is one that doesn't retry.
func (a fuzzAnswer) client() *Client {
	endpoint := &url.URL{Scheme: "https", Host: "wintro.example", Path: "/api/v1"}
	return New(endpoint, fuzzToken, transport.New(transport.Options{System: System, RoundTripper: a}))
}

// fuzzCalls are all calls. What one answers is nil, a Connection, a Sync, a Page or a list of connections.
var fuzzCalls = map[string]struct {
	// status is the documented one.
	status int
	// sent are the secrets in the request.
	sent []string
	call func(context.Context, *Client) (any, error)
}{
	"Get": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.Get(ctx, "con_1-A")
	}},
	"Create": {http.StatusCreated, []string{fuzzToken, fuzzRecruiteeToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.Create(ctx, "key", NewConnection{Ats: Recruitee, Name: "Acme", AtsCompanyID: "816", APIToken: fuzzRecruiteeToken})
	}},
	"Update": {http.StatusOK, []string{fuzzToken, fuzzRecruiteeToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.Update(ctx, "con_1-A", ConnectionChange{APIToken: new(fuzzRecruiteeToken)})
	}},
	"Delete": {http.StatusNoContent, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return nil, c.Delete(ctx, "con_1-A")
	}},
	"ListPage": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.ListPage(ctx, "", 1)
	}},
	"List": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.List(ctx, "816", 0)
	}},
	"StartSync": {http.StatusAccepted, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.StartSync(ctx, "con_1-A")
	}},
	"GetSync": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.GetSync(ctx, "con_1-A", "syn_1-A")
	}},
}

func FuzzConnection(f *testing.F) {
	for _, seed := range connectionSeeds() {
		f.Add(seed)
		f.Add(`{"data":` + seed + `,` + fuzzMeta + `}`)
	}
	for _, organisation := range []string{`null`, `5`, `""`, `"../org"`, `"` + fuzzToken + `"`, `"org_` + strings.ToLower(fuzzToken) + `"`, `"` + strings.Repeat("o", 129) + `"`} {
		f.Add(`{"data":` + fuzzConnection + `,` + strings.Replace(fuzzMeta, `"org_1-A"`, organisation, 1) + `}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fuzzDocumented(t, body, "Get", "Create", "Update")
	})
}

func FuzzConnections(f *testing.F) {
	for _, seed := range connectionSeeds() {
		f.Add(seed)
		f.Add(strings.Replace(fuzzPage, `[]`, `[`+seed+`]`, 1))
	}
	two := strings.Replace(fuzzPage, `[]`, `[`+fuzzConnection+`,`+strings.Replace(fuzzConnection, "con_1-A", "con_2", 1)+`]`, 1)
	for _, replaced := range [][2]string{
		{`"totalItems":1`, `"totalItems":2`}, {`"totalItems":1`, `"totalItems":-1`}, {`"totalItems":1`, `"totalItems":1e400`}, {`"totalItems":1`, `"totalItems":null`},
		{`"totalPages":1`, `"totalPages":0`}, {`"totalPages":1`, `"totalPages":9223372036854775807`}, {`"page":1`, `"page":2`}, {`"page":1`, `"page":"` + fuzzToken + `"`},
		{`,"pagination"`, `,"pages"`}, {`"con_2"`, `"con_1-A"`}, {`"data":[`, `"data":[null,`}, {`"org_1-A"`, `"` + fuzzToken + `"`},
	} {
		f.Add(strings.Replace(two, replaced[0], replaced[1], 1))
	}
	f.Fuzz(func(t *testing.T, body string) {
		fuzzDocumented(t, body, "ListPage", "List")
	})
}

func FuzzSync(f *testing.F) {
	const documented = `{"id":"syn_1-A","status":"failed","vacanciesSynced":12,"error":"Recruitee is down.",` +
		`"startedAt":"2026-04-21T07:31:15Z","finishedAt":"2026-04-21T07:32:15Z"}`
	for _, replaced := range [][2]string{
		{`"failed"`, `"queued"`}, {`"failed"`, `"\u001b[2J"`}, {`"failed"`, `"` + fuzzToken + `"`}, {`"syn_1-A"`, `"` + fuzzToken + `"`}, {`"syn_1-A"`, `"\u0000"`},
		{`12`, `-12`}, {`12`, `1e400`}, {`12`, `12.5`}, {`"Recruitee is down."`, `null`}, {`"Recruitee is down."`, `"\u001b]0;\u0007\u202e\ud800\n"`},
		{`"Recruitee is down."`, `"` + strings.Repeat("x", 490) + fuzzToken + `"`}, {`"Recruitee is down."`, "\"\xff\u009b\""}, {`"2026-04-21T07:32:15Z"`, `null`},
	} {
		f.Add(`{"data":` + strings.Replace(documented, replaced[0], replaced[1], 1) + `,` + fuzzMeta + `}`)
	}
	f.Add(`{"data":` + documented + `,` + fuzzMeta + `}`)
	for _, body := range []string{documented, ``, `null`, `[]`, `{}`, documented[:60], documented + documented} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fuzzDocumented(t, body, "StartSync", "GetSync")
	})
}

// fuzzDocumented lets these calls be answered with a body as if it were the documented answer.
func fuzzDocumented(t *testing.T, body string, calls ...string) {
	t.Helper()
	for _, name := range calls {
		made := fuzzCalls[name]
		client := fuzzAnswer{status: made.status, contentType: "application/json", body: body}.client()
		got, err := made.call(t.Context(), client)
		checkOrganisation(t, client)
		if err != nil {
			checkFailure(t, got, err, made.sent)
			if _, ok := errors.AsType[*transport.UnavailableError](err); !ok {
				t.Errorf("%s: a success is read as the %T %v", name, err, err)
			}
			continue
		}
		checkAnswer(t, got, made.sent)
	}
}

// What openapi.yaml says.
var (
	idPattern          = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,128}\z`)
	companyPattern     = regexp.MustCompile(`\A[1-9][0-9]{0,18}\z`)
	fingerprintPattern = regexp.MustCompile(`\ASHA256:[A-Za-z0-9+/]{43}\z`)
)

// checkAnswer checks what holds for everything that was understood.
func checkAnswer(t *testing.T, got any, sent []string) {
	t.Helper()
	switch got := got.(type) {
	case Page:
		if got.TotalPages < 0 {
			t.Errorf("%+v", got)
		}
		for _, item := range got.Items {
			checkItem(t, item, sent)
		}
	case *List:
		for _, item := range got.items {
			checkItem(t, item, sent)
		}
		checkAnswer(t, got.Connections(), sent)
	case []Connection:
		seen := map[string]bool{}
		for _, c := range got {
			checkAnswer(t, c, sent)
			if c.Ats != Recruitee || c.AtsCompanyID != "816" || seen[c.ID] {
				t.Errorf("%+v in a list", c)
			}
			seen[c.ID] = true
		}
	case Connection:
		checkWord(t, got.Ats, sent)
		transporttest.CheckText(t, got.Name)
		transporttest.CheckLabel(t, got.Name, 100)
		transporttest.CheckSecrets(t, got.ID, sent...)
		transporttest.CheckSecrets(t, got.Name, sent...)
		if !idPattern.MatchString(got.ID) || got.CreatedAt.IsZero() {
			t.Errorf("%+v", got)
		}
		if got.Ats != Recruitee {
			if !reflect.DeepEqual(got, Connection{ID: got.ID, Ats: got.Ats, CreatedAt: got.CreatedAt}) {
				t.Errorf("%+v", got)
			}
			return
		}
		checkWord(t, got.Status, sent)
		if got.AtsCompanyName != nil {
			transporttest.CheckText(t, *got.AtsCompanyName)
			transporttest.CheckLabel(t, *got.AtsCompanyName, 256)
			transporttest.CheckSecrets(t, *got.AtsCompanyName, sent...)
		}
		if !companyPattern.MatchString(got.AtsCompanyID) || got.TokenFingerprint != nil && !fingerprintPattern.MatchString(*got.TokenFingerprint) {
			t.Errorf("%+v", got)
		}
	case Sync:
		if !idPattern.MatchString(got.ID) || got.VacanciesSynced < 0 {
			t.Errorf("%+v", got)
		}
		checkWord(t, got.Status, sent)
		transporttest.CheckSecrets(t, got.ID, sent...)
		if got.Error != nil {
			transporttest.CheckText(t, *got.Error)
			transporttest.CheckLabel(t, *got.Error, 501)
			transporttest.CheckSecrets(t, *got.Error, sent...)
		}
	}
}

// checkItem checks an item of a list, which may be invalid.
func checkItem(t *testing.T, item Item, sent []string) {
	t.Helper()
	if item.Invalid == "" {
		checkAnswer(t, item.Connection, sent)
		return
	}
	transporttest.CheckError(t, item.Err(), sent...)
	if item.ID != "" && !idPattern.MatchString(item.ID) || item.AtsCompanyID != "" && !companyPattern.MatchString(item.AtsCompanyID) {
		t.Errorf("%+v", item)
	}
	if !reflect.DeepEqual(item.Connection, Connection{ID: item.ID, AtsCompanyID: item.AtsCompanyID}) {
		t.Errorf("%+v", item)
	}
}

// checkWord checks a value of an open set, such as a status: it is there, and fit for a message.
func checkWord(t *testing.T, word string, sent []string) {
	t.Helper()
	if word == "" {
		t.Error("an empty value")
	}
	transporttest.CheckText(t, word)
	transporttest.CheckLabel(t, word, 41)
	transporttest.CheckSecrets(t, word, sent...)
}

// checkOrganisation checks what the client has remembered of an answer.
func checkOrganisation(t *testing.T, client *Client) {
	t.Helper()
	id := client.Organisation()
	if id != "" && !idPattern.MatchString(id) {
		t.Errorf("%q is an organisation's ID", id)
	}
	transporttest.CheckSecrets(t, id, fuzzToken)
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
	f.Add(503, "text/"+fuzzToken, "", `{"error":{"code":null,"message":null,"fields":null}}`)
	f.Add(401, json, "", failed(fuzzToken, strings.Repeat("x", 490)+fuzzToken, `,"connectionId":"`+fuzzToken+
		`","fields":[{"field":"`+strings.ToLower(fuzzToken)+`","message":"`+strings.Repeat("x", 90)+fuzzToken+`"}]`))
	f.Add(400, json, "", failed(strings.Repeat("c", 600), strings.Repeat("m", 600),
		`,"fields":[`+strings.Repeat(`{"field":"`+strings.Repeat("f", 100)+`","message":"`+strings.Repeat("m", 300)+`"},`, 6)+`{}]`))
	f.Add(400, json, "", `null`)
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter, body string) {
		for name, made := range fuzzCalls {
			client := fuzzAnswer{status, contentType, retryAfter, body}.client()
			got, err := made.call(t.Context(), client)
			checkOrganisation(t, client)
			if err == nil {
				if status != made.status {
					t.Errorf("%s: %d is read as a success", name, status)
				}
				checkAnswer(t, got, made.sent)
				continue
			}
			checkFailure(t, got, err, made.sent)
			if failure, ok := errors.AsType[*APIError](err); ok && (failure.Status != status || !canBeWintros(status, contentType, body)) {
				t.Errorf("%s: %d as %q with %q is read as %v", name, status, contentType, body, err)
			}
		}
	})
}

// canBeWintros reports, in another way than the code does, whether an answer can be an error of Wintro's.
// Names may be there twice, and then each value counts.
func canBeWintros(status int, contentType, body string) bool {
	isJSON := strings.HasPrefix(strings.TrimSpace(strings.ToLower(contentType)), "application/json")
	if status < 400 || !isJSON || !json.Valid([]byte(strings.TrimPrefix(body, "\ufeff"))) {
		return false
	}
	hasCode, hasMessage := false, false
	for _, failure := range valuesOf(json.RawMessage(strings.TrimPrefix(body, "\ufeff")), "error") {
		for _, code := range valuesOf(failure, "code") {
			hasCode = hasCode || isText(code)
		}
		for _, message := range valuesOf(failure, "message") {
			hasMessage = hasMessage || isText(message)
		}
	}
	return hasCode && hasMessage
}

// valuesOf are all values that an object has under a name, in whatever case.
func valuesOf(object json.RawMessage, name string) []json.RawMessage {
	decoder := json.NewDecoder(strings.NewReader(string(object)))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil
	}
	var all []json.RawMessage
	for decoder.More() {
		var value json.RawMessage
		key, err := decoder.Token()
		if err != nil || decoder.Decode(&value) != nil {
			return nil
		}
		if text, ok := key.(string); ok && strings.EqualFold(text, name) {
			all = append(all, value)
		}
	}
	return all
}

func isText(value json.RawMessage) bool {
	var text string
	return json.Unmarshal(value, &text) == nil && text != ""
}

// checkFailure checks what holds for every error.
func checkFailure(t *testing.T, got any, err error, sent []string) {
	t.Helper()
	if got != nil && !reflect.ValueOf(got).IsZero() {
		t.Errorf("an error and %+v", got)
	}
	transporttest.CheckError(t, err, sent...)
	switch failure := err.(type) { //nolint:errorlint // the error itself, not one in it
	case *APIError:
		if failure.Code == "" || failure.Message == "" || (failure.Scope != "") != (failure.Code == "MISSING_SCOPE") || failure.RetryAfter < 0 || failure.ConnectionID != "" && !idPattern.MatchString(failure.ConnectionID) {
			t.Errorf("%+v", failure)
		}
		transporttest.CheckSecrets(t, failure.ConnectionID, sent...)
		for _, field := range failure.Fields {
			transporttest.CheckText(t, field.Field, field.Message)
		}
	case *transport.UnavailableError:
		if failure.System != System || failure.Reason == "" {
			t.Errorf("%+v", failure)
		}
	default:
		t.Errorf("the error is a %T", err)
	}
}
