package wintro

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
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

const fuzzConnection = `{"id":"con_1-A","ats":"recruitee","name":"Acme's Recruitee","company_id":"816","enabled":true,"status":"active",
	"token_fingerprint":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU","created_at":"2026-04-21T07:31:15.149395Z",
	"last_synced_at":"2026-04-21T11:31:15Z"}`

// connectionSeeds are bodies that are a connection, or nearly.
func connectionSeeds() []string {
	seeds := []string{fuzzConnection, ``, `null`, `[]`, `{}`, `{"data":[]}`, fuzzConnection[:150], fuzzConnection + `{}`, `<html>`, `"` + fuzzToken + `"`}
	for _, replaced := range [][2]string{
		{`"con_1-A"`, `"` + fuzzToken + `"`}, {`"con_1-A"`, `"../con"`}, {`"con_1-A"`, `"con\u0000"`}, {`"con_1-A"`, `"con_1-A","ID":"\u001b"`},
		{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`}, {`"ats":"recruitee"`, `"ats":"green\u001bhouse"`}, {`"ats":"recruitee"`, `"ats":"\u202e"`}, {`"ats":"recruitee"`, `"ats":"` + fuzzToken + `"`},
		{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b\ud800"`}, {`"Acme's Recruitee"`, "\"A\xff\xc3(\""}, {`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`},
		{`"Acme's Recruitee"`, `"` + fuzzToken + `"`}, {`"Acme's Recruitee"`, `"` + strings.Repeat("x", 90) + fuzzRecruiteeToken + `"`}, {`"name":"Acme's Recruitee",`, ``},
		{`"816"`, `"0816"`}, {`"816"`, `816`}, {`"816"`, `"816\n"`}, {`"816"`, `"\u001b[2J"`}, {`"enabled":true`, `"enabled":null`}, {`"enabled":true`, `"enabled":"` + fuzzToken + `"`},
		{`"active"`, `"pending"`}, {`"active"`, `"\u001b[2Jasleep"`}, {`"active"`, `"` + fuzzToken + `"`}, {`"active"`, `"` + strings.Repeat("a", 30) + fuzzRecruiteeToken + `"`},
		{`"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `null`}, {`hSuFU"`, `hSuFU\n"`}, {`"2026-04-21T07:31:15.149395Z"`, `"` + fuzzToken + `"`},
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

// fuzzCalls are all calls. What one answers is nil, a Connection, a Sync or a list of connections.
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
		return c.Create(ctx, "key", NewConnection{Ats: Recruitee, Name: "Acme", CompanyID: "816", APIToken: fuzzRecruiteeToken})
	}},
	"Update": {http.StatusOK, []string{fuzzToken, fuzzRecruiteeToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.Update(ctx, "con_1-A", ConnectionChange{APIToken: new(fuzzRecruiteeToken)})
	}},
	"Delete": {http.StatusNoContent, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return nil, c.Delete(ctx, "con_1-A")
	}},
	"List": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		var all []Connection
		for found, err := range c.List(ctx, "") {
			if err != nil {
				return all, err
			}
			all = append(all, found)
		}
		return all, nil
	}},
	"StartSync": {http.StatusAccepted, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.StartSync(ctx, "con_1-A")
	}},
	"GetSync": {http.StatusOK, []string{fuzzToken}, func(ctx context.Context, c *Client) (any, error) {
		return c.GetSync(ctx, "con_1-A", "syn_1-A")
	}},
}

func FuzzConnection(f *testing.F) {
	for _, body := range connectionSeeds() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fuzzDocumented(t, body, "Get", "Create", "Update")
	})
}

func FuzzConnections(f *testing.F) {
	for _, body := range connectionSeeds() {
		f.Add(body)
		f.Add(`{"data":[` + body + `],"next_cursor":null}`)
	}
	f.Add(`{"data":[` + fuzzConnection + `],"next_cursor":"\u001b ` + fuzzToken + `"}`)
	f.Add(`{"data":[` + fuzzConnection + `,null],"next_cursor":""}`)
	f.Add(`{"data":null,"next_cursor":5}`)
	f.Fuzz(func(t *testing.T, body string) {
		fuzzDocumented(t, body, "List")
	})
}

func FuzzSync(f *testing.F) {
	const documented = `{"id":"syn_1-A","status":"failed","vacancies_synced":12,"error":"Recruitee is down.",` +
		`"started_at":"2026-04-21T07:31:15Z","finished_at":"2026-04-21T07:32:15Z"}`
	for _, replaced := range [][2]string{
		{`"failed"`, `"queued"`}, {`"failed"`, `"\u001b[2J"`}, {`"failed"`, `"` + fuzzToken + `"`}, {`"syn_1-A"`, `"` + fuzzToken + `"`}, {`"syn_1-A"`, `"\u0000"`},
		{`12`, `-12`}, {`12`, `1e400`}, {`12`, `12.5`}, {`"Recruitee is down."`, `null`}, {`"Recruitee is down."`, `"\u001b]0;\u0007\u202e\ud800\n"`},
		{`"Recruitee is down."`, `"` + strings.Repeat("x", 490) + fuzzToken + `"`}, {`"Recruitee is down."`, "\"\xff\u009b\""}, {`"2026-04-21T07:32:15Z"`, `null`},
	} {
		f.Add(strings.Replace(documented, replaced[0], replaced[1], 1))
	}
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
		got, err := made.call(t.Context(), fuzzAnswer{status: made.status, contentType: "application/json", body: body}.client())
		if err != nil {
			checkFailure(t, got, err, made.sent)
			if _, ok := errors.AsType[*transport.NoAnswerError](err); !ok {
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
	statusPattern      = regexp.MustCompile(`\A(pending|active|invalid|inactive)\z`)
	syncPattern        = regexp.MustCompile(`\A(queued|running|succeeded|failed)\z`)
)

// checkAnswer checks what holds for everything that was understood.
func checkAnswer(t *testing.T, got any, sent []string) {
	t.Helper()
	switch got := got.(type) {
	case []Connection:
		for _, c := range got {
			checkAnswer(t, c, sent)
			if c.Ats != Recruitee {
				t.Errorf("%+v in a list", c)
			}
		}
	case Connection:
		transporttest.CheckText(t, string(got.Ats))
		transporttest.CheckLabel(t, string(got.Ats), 41)
		transporttest.CheckLabel(t, got.Name, 100)
		for _, text := range []string{got.ID, string(got.Ats), got.Name} {
			transporttest.CheckSecrets(t, text, sent...)
		}
		if !idPattern.MatchString(got.ID) || got.Ats == "" || got.CreatedAt.IsZero() {
			t.Errorf("%+v", got)
		}
		if got.Ats != Recruitee {
			if !reflect.DeepEqual(got, Connection{ID: got.ID, Ats: got.Ats, CreatedAt: got.CreatedAt}) {
				t.Errorf("%+v", got)
			}
			return
		}
		if !companyPattern.MatchString(got.CompanyID) || !statusPattern.MatchString(string(got.Status)) ||
			got.TokenFingerprint != nil && !fingerprintPattern.MatchString(*got.TokenFingerprint) {
			t.Errorf("%+v", got)
		}
	case Sync:
		if !idPattern.MatchString(got.ID) || !syncPattern.MatchString(string(got.Status)) || got.VacanciesSynced < 0 {
			t.Errorf("%+v", got)
		}
		transporttest.CheckSecrets(t, got.ID, sent...)
		if got.Error != nil {
			transporttest.CheckText(t, *got.Error)
			transporttest.CheckLabel(t, *got.Error, 501)
			transporttest.CheckSecrets(t, *got.Error, sent...)
		}
	}
}

func FuzzProblem(f *testing.F) {
	const problem = "application/problem+json"
	f.Add(409, problem, "", `{"type":"about:blank","title":"Conflict","status":409,"detail":"It exists.","request_id":"req_1","existing_id":"con_1-A"}`)
	f.Add(422, problem+"; charset=utf-8", "", `{"title":"Unprocessable","status":422,"errors":[{"field":"name","message":"is too long."},{"field":"api_token","message":"is empty"}]}`)
	f.Add(404, problem, "", `{"title":"Not Found","status":404}`)
	f.Add(404, problem, "", `{"title":"Gone","status":410}`)
	f.Add(404, "application/json", "", `{"title":"Not Found","status":404}`)
	f.Add(404, "", "", `{"title":"Not Found","status":404}`)
	f.Add(404, "text/html", "", `<html>Not Found</html>`)
	f.Add(204, problem, "", `{"title":"Odd","status":204}`)
	f.Add(304, problem, "", `{"title":"Odd","status":304}`)
	f.Add(600, problem, "", `{"title":"Odd","status":600}`)
	f.Add(499, problem, "", `{"status":499}`)
	f.Add(429, problem, "86400", `{"title":"Too Many Requests","status":429}`)
	f.Add(503, problem, "18446744073709551616", `{"title":"\u001b[31mUn","status":503,"detail":"a\nb\u0000","request_id":"req\u001b1\u202e","errors":[{"field":"na\u0007me","message":"\u009bbad\r\n"},null]}`)
	f.Add(503, "text/"+fuzzToken, "", `{"title":null,"status":503,"errors":null}`)
	f.Add(401, problem, "", `{"title":"`+fuzzToken+`","status":401,"detail":"`+strings.Repeat("x", 490)+fuzzToken+`","request_id":"`+fuzzToken+`","existing_id":"`+fuzzToken+
		`","errors":[{"field":"`+strings.ToLower(fuzzToken)+`","message":"`+strings.Repeat("x", 90)+fuzzToken+`"}]}`)
	f.Add(422, problem, "", `{"title":"`+strings.Repeat("t", 600)+`","status":422,"detail":"`+strings.Repeat("d", 600)+`","request_id":"`+strings.Repeat("r", 600)+
		`","errors":[`+strings.Repeat(`{"field":"`+strings.Repeat("f", 100)+`","message":"`+strings.Repeat("m", 300)+`"},`, 6)+`{}]}`)
	f.Add(422, problem, "", `{"title":"Unprocessable","status":422`)
	f.Add(422, problem, "", `null`)
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter, body string) {
		for name, made := range fuzzCalls {
			got, err := made.call(t.Context(), fuzzAnswer{status, contentType, retryAfter, body}.client())
			if err == nil {
				if status != made.status {
					t.Errorf("%s: %d is read as a success", name, status)
				}
				checkAnswer(t, got, made.sent)
				continue
			}
			checkFailure(t, got, err, made.sent)
			if problem, ok := errors.AsType[*APIError](err); ok && (problem.Status != status || !isProblem(status, contentType, body)) {
				t.Errorf("%s: %d as %q with %q is read as %v", name, status, contentType, body, err)
			}
		}
	})
}

// isProblem tells, in another way than the code does, whether an answer is a problem document.
func isProblem(status int, contentType, body string) bool {
	var document map[string]any
	media, _, err := mime.ParseMediaType(contentType)
	if status < 400 || status > 599 || err != nil || media != "application/problem+json" || json.Unmarshal([]byte(body), &document) != nil {
		return false
	}
	for name, value := range document {
		if strings.EqualFold(name, "status") && value == float64(status) {
			return true
		}
	}
	return false
}

// checkFailure checks what holds for every error.
func checkFailure(t *testing.T, got any, err error, sent []string) {
	t.Helper()
	if all, isList := got.([]Connection); isList {
		// Those before the error count.
		checkAnswer(t, all, sent)
	} else if got != nil && !reflect.ValueOf(got).IsZero() {
		t.Errorf("an error and %+v", got)
	}
	transporttest.CheckError(t, err, sent...)
	switch failure := err.(type) { //nolint:errorlint // the error itself, not one in it
	case *APIError:
		if failure.Title == "" || failure.RetryAfter < 0 || failure.ExistingID != "" && !idPattern.MatchString(failure.ExistingID) {
			t.Errorf("%+v", failure)
		}
		transporttest.CheckSecrets(t, failure.ExistingID, sent...)
		for _, field := range failure.Fields {
			transporttest.CheckText(t, field.Field, field.Message)
		}
	case *transport.NoAnswerError:
		if failure.System != System || failure.Reason == "" {
			t.Errorf("%+v", failure)
		}
	default:
		t.Errorf("the error is a %T", err)
	}
}
