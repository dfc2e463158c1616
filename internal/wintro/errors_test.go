package wintro_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestAPIError(t *testing.T) {
	t.Parallel()
	apiError := func(code, message string) wintro.APIError { return wintro.APIError{Code: code, Message: message} }
	linked := func(id string) wintro.APIError {
		return wintro.APIError{Code: "ALREADY_LINKED", Message: "It is linked.", ConnectionID: id}
	}
	invalid := func(fields ...wintro.FieldError) wintro.APIError {
		return wintro.APIError{Code: "BAD_REQUEST", Message: "Not valid.", Fields: fields}
	}
	field := wintro.FieldError{Field: "f", Message: "m"}
	const alreadyLinked, badRequest = `"code":"ALREADY_LINKED","message":"It is linked."`, `"code":"BAD_REQUEST","message":"Not valid."`
	for name, test := range map[string]struct {
		status int
		// fields contains the fields of the response's error object, as JSON.
		fields string
		// want lacks Status and Scope, because the test sets them for every row.
		want wintro.APIError
	}{
		"published example":        {401, `"code":"UNAUTHORIZED","message":"Missing or invalid Authorization header"`, apiError("UNAUTHORIZED", "Missing or invalid Authorization header")},
		"unknown fields":           {404, `"code":"NOT_FOUND","message":"No.","status":404,"requestId":"req_1"`, apiError("NOT_FOUND", "No.")},
		"missing scope":            {403, `"code":"MISSING_SCOPE","message":"The token lacks a scope"`, apiError("MISSING_SCOPE", "The token lacks a scope")},
		"403 with another code":    {403, `"code":"FORBIDDEN","message":"Your plan doesn't include this."`, apiError("FORBIDDEN", "Your plan doesn't include this.")},
		"existing connection":      {409, alreadyLinked + `,"connectionId":"con_1-A"`, linked("con_1-A")},
		"other organisation":       {409, alreadyLinked, linked("")},
		"invalid connectionId":     {409, alreadyLinked + `,"connectionId":"con\"\n}"`, linked("")},
		"number as connectionId":   {409, `"connectionId":5,` + alreadyLinked, linked("")},
		"fields with 400":          {400, badRequest + `,"fields":[{"field":"name","message":"is too long."},{"field":"apiToken","message":"is empty"}]`, invalid(wintro.FieldError{Field: "name", Message: "is too long."}, wintro.FieldError{Field: "apiToken", Message: "is empty"})},
		"fields as an object":      {400, `"fields":{"name":"` + recruiteeToken + `"},` + badRequest, invalid()},
		"fields without a message": {400, badRequest + `,"fields":["name",null,{},{"field":"name"},{"message":"\u0000"},{"field":"f","message":"m"}]`, invalid(field)},
		"more than five fields":    {400, badRequest + `,"fields":[` + strings.Repeat(`{"field":"f","message":"m"},`, 99) + `{"field":"f","message":"m"}]`, invalid(field, field, field, field, field)},
		"control characters":       {400, `"code":"\u001b[31mBAD","message":"a\nb\u0000","fields":[{"field":"na\u0007me","message":"\u009bbad\r\n"}]`, wintro.APIError{Code: "[31mBAD", Message: "a b", Fields: []wintro.FieldError{{Field: "na me", Message: "bad"}}}},
		"long texts":               {400, `"code":"` + long('c') + `","message":"` + long('m') + `","fields":[{"field":"` + long('f') + `","message":"` + long('w') + `"}]`, wintro.APIError{Code: cut('c', 60), Message: cut('m', 500), Fields: []wintro.FieldError{{Field: cut('f', 40), Message: cut('w', 100)}}}},
	} {
		for to, call := range calls {
			t.Run(name+", "+to, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, to, transporttest.Answer(test.status, "application/json; charset=utf-8", `{"data":null,"error":{`+test.fields+`}}`))
				want := test.want
				want.Status = test.status
				if want.Code == "MISSING_SCOPE" {
					want.Scope = call.scope
				}
				same(t, *typed[*wintro.APIError](t, err), want)
				isNothing(t, got)
			})
		}
	}
}

func TestAPIErrorText(t *testing.T) {
	t.Parallel()
	field := wintro.FieldError{Field: "name", Message: "is too long."}
	for want, err := range map[string]wintro.APIError{
		"Wintro returned 404, NOT_FOUND: There is no such connection":                               {Status: 404, Code: "NOT_FOUND", Message: "There is no such connection."},
		"Wintro returned 400, BAD_REQUEST: Not valid; name: is too long; name: is too long":         {Status: 400, Code: "BAD_REQUEST", Message: "Not valid.", Fields: []wintro.FieldError{field, field}},
		"Wintro returned 503, INTERNAL_ERROR: We are moving; it asks to wait 1m30s (request req_1)": {Status: 503, Code: "INTERNAL_ERROR", Message: "We are moving", RetryAfter: 90 * time.Second, RequestID: "req_1"},
	} {
		same(t, err.Error(), want)
	}
}

func long(char rune) string { return strings.Repeat(string(char), 600) }

func cut(char rune, limit int) string { return strings.Repeat(string(char), limit) + "…" }

func TestAPIErrorContainsRetryAfter(t *testing.T) {
	t.Parallel()
	const body = `{"error":{"code":"RATE_LIMITED","message":"Too many requests"}}`
	now := time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)
	reset := []string{"Date", now.Format(http.TimeFormat), "X-RateLimit-Reset", strconv.FormatInt(now.Add(30*time.Minute).Unix(), 10)}
	for name, test := range map[string]struct {
		status int
		header []string
		want   time.Duration
	}{
		"until a Unix time":   {429, reset, 30 * time.Minute},
		"a number of seconds": {429, []string{"Retry-After", "3600"}, time.Hour},
		"with a 503":          {503, []string{"Retry-After", "3600"}, time.Hour},
		"with a 403":          {403, []string{"Retry-After", "3600"}, 0},
	} {
		for to, call := range calls {
			t.Run(name+", to "+to, func(t *testing.T) {
				t.Parallel()
				r := newRemote(t, transporttest.Answer(test.status, "application/json", body, test.header...))
				_, err := call.do(t.Context(), r)
				failure := typed[*wintro.APIError](t, err)
				same(t, failure.RetryAfter, test.want)
				same(t, strings.Contains(failure.Error(), "; it asks to wait "+test.want.String()), test.want > 0)
				same(t, len(r.Requests()), 1)
			})
		}
	}
}

func TestAPIErrorIgnoresOtherFormats(t *testing.T) {
	t.Parallel()
	const (
		notFound = "it returned 404 Not Found; this is application/json, not Wintro's documented JSON"
		word     = `{"error":{"code":"NOT_FOUND","message":"No."}}`
	)
	json := func(body string) http.HandlerFunc { return success(404, body) }
	for name, test := range map[string]struct {
		response http.HandlerFunc
		want     string
	}{
		"a proxy's HTML 404":                {transporttest.HTML(404), "it returned 404 Not Found; this is text/html, not Wintro's documented JSON"},
		"a router's JSON 404":               {json(`{"statusCode":404,"error":"Not Found","message":"Cannot GET /api/v1/ats-connections"}`), notFound},
		"another envelope":                  {json(`{"errors":[{"code":"NOT_FOUND","message":"No."}]}`), notFound},
		"an error without a code":           {json(`{"error":{"message":"No."}}`), notFound},
		"an error with a number as code":    {json(`{"error":{"code":404,"message":"No."}}`), notFound},
		"an error without a message":        {json(`{"error":{"code":"NOT_FOUND"}}`), notFound},
		"incomplete JSON":                   {json(word[:len(word)-1]), notFound},
		"an error with more text after it":  {json(word + word), notFound},
		"an error in another media type":    {transporttest.Answer(404, "application/problem+json", word), "it returned 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"an error without a content type":   {transporttest.Answer(404, "", word), "it returned 404 Not Found; its Content-Type is missing or invalid, not Wintro's documented JSON"},
		"an error with a successful status": {success(203, word), "it returned 203 Non-Authoritative Information; this is application/json, not Wintro's documented JSON"},
		"an error with 304":                 {success(304, ``), "it returned 304 Not Modified; it redirects without saying where"},
		"an HTML 500":                       {transporttest.HTML(500), "it returned 500 Internal Server Error"},
		"a 429 in plain text":               {transporttest.Answer(429, "text/plain", "Too Many Requests"), "it returned 429 Too Many Requests"},
	} {
		for to, call := range calls {
			t.Run(name+", to "+to, func(t *testing.T) {
				t.Parallel()
				got, err := call.do(t.Context(), newRemote(t, test.response))
				failure := typed[*transport.UnavailableError](t, err)
				if failure.Reason != test.want || !strings.HasPrefix(failure.Reason, fmt.Sprintf("it returned %d", failure.Status)) || failure.System != "Wintro" || failure.Host == "" {
					t.Errorf("error %+v", failure)
				}
				isNothing(t, got)
			})
		}
	}
}

func TestVercelResponseIsUnavailableError(t *testing.T) {
	t.Parallel()
	const json = `{"error":{"code":"NOT_FOUND","message":"The page could not be found"}}`
	vercel := func(status int, media, body string, header ...string) http.HandlerFunc {
		return transporttest.Answer(status, media, body, append(header, "X-Vercel-Id", "fra1::1")...)
	}
	for name, test := range map[string]struct {
		response http.HandlerFunc
		want     string
	}{
		"challenge page":         {vercel(403, "text/html", "<html>", "X-Vercel-Mitigated", "challenge"), "it returned 403 Forbidden; Vercel's firewall responded instead of Wintro (challenge); request fra1::1"},
		"denial as JSON":         {vercel(403, "application/json", json, "X-Vercel-Mitigated", "deny"), "it returned 403 Forbidden; Vercel's firewall responded instead of Wintro (deny); request fra1::1"},
		"platform error as JSON": {vercel(404, "application/json", json, "X-Vercel-Error", "DEPLOYMENT_NOT_FOUND"), "it returned 404 Not Found; Vercel's platform responded instead of Wintro (DEPLOYMENT_NOT_FOUND); request fra1::1"},
		"platform error as text": {vercel(504, "text/plain", "", "X-Vercel-Error", "FUNCTION_INVOCATION_TIMEOUT"), "it returned 504 Gateway Timeout; Vercel's platform responded instead of Wintro (FUNCTION_INVOCATION_TIMEOUT); request fra1::1"},
		"challenge with 200":     {vercel(200, "text/html", "<html>", "X-Vercel-Mitigated", "challenge"), "it returned 200 OK; Vercel's firewall responded instead of Wintro (challenge); request fra1::1"},
		"token in the headers":   {transporttest.Answer(502, "text/plain", "", "X-Vercel-Error", wintroToken, "X-Vercel-Id", "id "+wintroToken), "it returned 502 Bad Gateway; Vercel's platform responded instead of Wintro ((secret)); request id (secret)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := callWith(t, "Get", test.response)
			same(t, typed[*transport.UnavailableError](t, err).Reason, test.want)
			isNothing(t, got)
		})
	}
}

func TestErrorsContainRequestID(t *testing.T) {
	t.Parallel()
	const refused = `{"error":{"code":"FORBIDDEN","message":"No."}}`
	for name, test := range map[string]struct {
		header []string
		want   string
	}{
		"Wintro's":                          {[]string{"X-Request-Id", "req_1", "X-Vercel-Id", "fra1::1"}, "req_1"},
		"Vercel's":                          {[]string{"X-Vercel-Id", "fra1::1"}, "fra1::1"},
		"none":                              {nil, ""},
		"an ID with an invisible character": {[]string{"X-Vercel-Id", "fra1\u202e"}, "fra1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := callWith(t, "Get", transporttest.Answer(403, "application/json", refused, test.header...))
			failure := typed[*wintro.APIError](t, err)
			same(t, failure.RequestID, test.want)
			same(t, strings.HasSuffix(failure.Error(), "FORBIDDEN: No (request "+test.want+")"), test.want != "")

			_, err = callWith(t, "Get", transporttest.Answer(403, "text/html", "<html>", test.header...))
			same(t, strings.HasSuffix(typed[*transport.UnavailableError](t, err).Reason, "; request "+test.want), test.want != "")
		})
	}
}
