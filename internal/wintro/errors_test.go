package wintro_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestAProblem(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   wintro.APIError
		text   string
	}{
		"says everything": {
			status: 404,
			body:   `{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such connection.","request_id":"req_1","instance":"/x"}`,
			want:   wintro.APIError{Status: 404, Title: "Not Found", Detail: "There is no such connection.", RequestID: "req_1"},
			text:   "Wintro answered 404, Not Found: There is no such connection (request req_1)",
		},
		"says no more than it has to": {
			status: 403, body: `{"title":"Forbidden","status":403}`,
			want: wintro.APIError{Status: 403, Title: "Forbidden"},
			text: "Wintro answered 403, Forbidden",
		},
		"has a title though Wintro gave none": {
			status: 401, body: `{"status":401,"title":"\u0000"}`,
			want: wintro.APIError{Status: 401, Title: "Unauthorized"},
			text: "Wintro answered 401, Unauthorized",
		},
		"has a title though its status has no name": {
			status: 499, body: `{"status":499}`,
			want: wintro.APIError{Status: 499, Title: "without a title"},
			text: "Wintro answered 499, without a title",
		},
		"names the connection that exists": {
			status: 409, body: `{"title":"Conflict","status":409,"existing_id":"con_1-A"}`,
			want: wintro.APIError{Status: 409, Title: "Conflict", ExistingID: "con_1-A"},
			text: "Wintro answered 409, Conflict",
		},
		"names no connection by what is no id": {
			status: 409, body: `{"title":"Conflict","status":409,"existing_id":"con\"\n}"}`,
			want: wintro.APIError{Status: 409, Title: "Conflict"},
			text: "Wintro answered 409, Conflict",
		},
		"names no connection by an id that is too long": {
			status: 409, body: `{"title":"Conflict","status":409,"existing_id":"` + strings.Repeat("a", 129) + `"}`,
			want: wintro.APIError{Status: 409, Title: "Conflict"},
			text: "Wintro answered 409, Conflict",
		},
		"says what is wrong with which field": {
			status: 422, body: `{"title":"Unprocessable","status":422,"errors":[{"field":"name","message":"is too long."},{"field":"api_token","message":"is empty"}]}`,
			want: wintro.APIError{Status: 422, Title: "Unprocessable", Fields: []wintro.FieldError{{Field: "name", Message: "is too long."}, {Field: "api_token", Message: "is empty"}}},
			text: "Wintro answered 422, Unprocessable; name: is too long; api_token: is empty",
		},
		"names five fields at the most": {
			status: 422, body: `{"title":"Unprocessable","status":422,"errors":[` + strings.Repeat(`{"field":"f","message":"m"},`, 99) + `{"field":"f","message":"m"}]}`,
			want: wintro.APIError{Status: 422, Title: "Unprocessable", Fields: []wintro.FieldError{{Field: "f", Message: "m"}, {Field: "f", Message: "m"}, {Field: "f", Message: "m"}, {Field: "f", Message: "m"}, {Field: "f", Message: "m"}}},
			text: "Wintro answered 422, Unprocessable" + strings.Repeat("; f: m", 5),
		},
		"has control characters nowhere": {
			status: 422, body: `{"title":"\u001b[31mUn","status":422,"detail":"a\nb\u0000","request_id":"req\u001b1","errors":[{"field":"na\u0007me","message":"\u009bbad\r\n"}]}`,
			want: wintro.APIError{Status: 422, Title: "[31mUn", Detail: "a b", RequestID: "req 1", Fields: []wintro.FieldError{{Field: "na me", Message: "bad"}}},
			text: "Wintro answered 422, [31mUn: a b; na me: bad (request req 1)",
		},
		"is cut where it is too long": {
			status: 422, body: `{"title":"` + long('t') + `","status":422,"detail":"` + long('d') + `","request_id":"` + long('r') + `","errors":[{"field":"` + long('f') + `","message":"` + long('m') + `"}]}`,
			want: wintro.APIError{Status: 422, Title: cut('t', 100), Detail: cut('d', 500), RequestID: cut('r', 128), Fields: []wintro.FieldError{{Field: cut('f', 40), Message: cut('m', 100)}}},
			text: "Wintro answered 422, " + cut('t', 100) + ": " + cut('d', 500) + "; " + cut('f', 40) + ": " + cut('m', 100) + " (request " + cut('r', 128) + ")",
		},
		"is one, too, when the server failed": {
			status: 503, body: `{"title":"Service Unavailable","status":503,"detail":"We are moving."}`,
			want: wintro.APIError{Status: 503, Title: "Service Unavailable", Detail: "We are moving."},
			text: "Wintro answered 503, Service Unavailable: We are moving",
		},
	} {
		for call, made := range calls {
			t.Run(name+", to "+call, func(t *testing.T) {
				t.Parallel()
				found, err := made.call(t, answering(t, problem(test.status, test.body)))
				problem := typed[*wintro.APIError](t, err)
				same(t, *problem, test.want)
				same(t, problem.Error(), test.text)
				same(t, found, wintro.Connection{})
			})
		}
	}
}

func long(char rune) string { return strings.Repeat(string(char), 600) }

func cut(char rune, limit int) string { return strings.Repeat(string(char), limit) + "…" }

func TestAProblemNeverBringsBackAToken(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{"Recruitee's": recruiteeToken, "Wintro's": wintroToken} {
		for call, made := range calls {
			if name == "Recruitee's" && call != "Create" && call != "Update" {
				continue
			}
			t.Run(name+" to "+call, func(t *testing.T) {
				t.Parallel()
				_, err := made.call(t, answering(t, problem(422, `{"title":"`+secret+`","status":422,"detail":"`+strings.Repeat("x", 490)+secret+`",
					"request_id":"`+secret+`","existing_id":"`+secret+`","errors":[{"field":"`+secret+`","message":"'`+strings.ReplaceAll(secret, "/", `\/`)+`' is wrong"}]}`)))
				problem := typed[*wintro.APIError](t, err)
				same(t, *problem, wintro.APIError{
					Status: 422, Title: "(secret)", Detail: strings.Repeat("x", 490) + "(secret)", RequestID: "(secret)",
					Fields: []wintro.FieldError{{Field: "(secret)", Message: "'(secret)' is wrong"}},
				})
			})
		}
	}
}

func TestWhatIsNoProblem(t *testing.T) {
	t.Parallel()
	const problem = "application/problem+json"
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a proxy's HTML 404":                        {transporttest.HTML(404), "it answered 404 Not Found; this is text/html, not Wintro's documented JSON"},
		"a gateway's JSON 404":                      {transporttest.Answer(404, "application/json", `{"message":"Not Found"}`), "it answered 404 Not Found; this is application/json, not Wintro's documented JSON"},
		"a problem that calls itself JSON":          {transporttest.Answer(404, "application/json", `{"title":"Not Found","status":404}`), "it answered 404 Not Found; this is application/json, not Wintro's documented JSON"},
		"a problem without a content type":          {transporttest.Answer(404, "", `{"title":"Not Found","status":404}`), "it answered 404 Not Found; this is of no known type, not Wintro's documented JSON"},
		"a problem of another status":               {transporttest.Answer(404, problem, `{"title":"Gone","status":410}`), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"a problem without a status":                {transporttest.Answer(404, problem, `{"title":"Not Found"}`), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"a problem whose status is a text":          {transporttest.Answer(404, problem, `{"title":"Not Found","status":"404"}`), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"a problem that breaks off":                 {transporttest.Answer(404, problem, `{"title":"Not Found","status":404`), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"a problem that is null":                    {transporttest.Answer(404, problem, `null`), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"a problem that is empty":                   {transporttest.Answer(404, problem, ``), "it answered 404 Not Found; this is application/problem+json, not Wintro's documented JSON"},
		"an HTML 401":                               {transporttest.HTML(401), "it answered 401 Unauthorized; this is text/html, not Wintro's documented JSON"},
		"an HTML 403":                               {transporttest.HTML(403), "it answered 403 Forbidden; this is text/html, not Wintro's documented JSON"},
		"an HTML 500":                               {transporttest.HTML(500), "it answered 500 Internal Server Error"},
		"a 429 in plain text":                       {transporttest.Answer(429, "text/plain", "Too Many Requests"), "it answered 429 Too Many Requests"},
		"an error in a media type with a bad name":  {transporttest.Answer(400, "; charset=utf-8", "no"), "it answered 400 Bad Request; this is of no known type, not Wintro's documented JSON"},
		"a problem that says it is a success":       {transporttest.Answer(203, problem, `{"title":"Odd","status":203}`), "it answered 203 Non-Authoritative Information; this is application/problem+json, not Wintro's documented JSON"},
		"a problem with a status that is a success": {transporttest.Answer(203, problem, `{"title":"Odd","status":200}`), "it answered 203 Non-Authoritative Information; this is application/problem+json, not Wintro's documented JSON"},
	} {
		for call, made := range calls {
			t.Run(name+", to "+call, func(t *testing.T) {
				t.Parallel()
				_, err := made.call(t, answering(t, test.answer))
				failure := typed[*transport.NoAnswerError](t, err)
				if failure.Reason != test.want || !strings.HasPrefix(failure.Reason, fmt.Sprintf("it answered %d", failure.Status)) || failure.System != "Wintro" || failure.Host == "" {
					t.Errorf("%+v", failure)
				}
			})
		}
	}
}

func TestTriesOfARefusedCall(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{401: 1, 403: 1, 404: 1, 409: 1, 422: 1, 429: 3, 500: 3, 503: 3} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			r := answering(t, problem(status, `{"title":"No","status":`+strconv.Itoa(status)+`}`))
			_, err := r.Get(t.Context(), "con_1-A")
			same(t, typed[*wintro.APIError](t, err).Status, status)
			same(t, len(r.Requests()), want)
		})
	}
}
