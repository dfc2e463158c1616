package recruitee_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestCurrentAdminExplainsErrors(t *testing.T) {
	t.Parallel()
	const (
		noToken      = `{"error":"Resource access requires authentication!","error_code":null}`
		unknownToken = `{"error":"Token not found.","error_code":"invalid_token"}`
		forbidden    = `{"error":["Forbidden"]}`
		notFound     = `{"error":["Page not found"]}`
		unauthorized = `{"errors":[{"code":"unauthorized","message":"Unauthorized"}]}`
		invalid      = `{"error":["Name can't be blank"],"error_fields":{"name":["can't be blank"]}}`
	)
	rejected := "Recruitee rejected the API token for company 816: "
	inaccessible := "the API token doesn't give access to Recruitee company 816: "
	for name, test := range map[string]struct {
		response http.HandlerFunc
		want     string
	}{
		"no token": {json(401, noToken), rejected + "Resource access requires authentication!"},
		"a revoked or mistyped token": {
			transporttest.Answer(401, "application/json", unknownToken, "Www-Authenticate", `Bearer realm="recruitee", error="invalid_token"`),
			rejected + "invalid_token: Token not found."},
		"401 with a list of objects":                                {json(401, unauthorized), rejected + "unauthorized: Unauthorized"},
		"401 with a list of texts":                                  {json(401, `{"error":["Token not found."]}`), rejected + "Token not found."},
		"401 as plain text":                                         {transporttest.Answer(401, "text/plain", unknownToken), rejected + "invalid_token: Token not found."},
		"several texts":                                             {json(401, `{"error":["One.","Two."]}`), rejected + "One.; Two."},
		"empty texts are left out":                                  {json(401, `{"error":[""," ","\u0000","One."]}`), rejected + "One."},
		"several objects":                                           {json(401, `{"errors":[{"code":"one","message":"One"},{"code":"two","message":"Two","field":"x"}]}`), rejected + "one: One; two: Two"},
		"a token of another company, or no permission":              {json(403, forbidden), inaccessible + "Recruitee returned 403 (Forbidden)"},
		"403 with a code":                                           {json(403, `{"error":"Forbidden","error_code":"forbidden"}`), inaccessible + "Recruitee returned 403 (forbidden: Forbidden)"},
		"an unknown company":                                        {json(404, notFound), inaccessible + "Recruitee returned 404 (Page not found)"},
		"a validation error doesn't reject the token":               {json(422, invalid), "gave no usable response: it returned 422 Unprocessable Entity; Name can't be blank"},
		"another status doesn't reject the token":                   {json(400, unknownToken), "gave no usable response: it returned 400 Bad Request; invalid_token: Token not found."},
		"a proxy that asks for a password doesn't reject the token": {json(407, unknownToken), "gave no usable response: it returned 407 Proxy Authentication Required; invalid_token: Token not found."},
		"too many requests in plain text":                           {transporttest.Answer(429, "text/plain", "Too Many Requests"), "gave no usable response: it returned 429 Too Many Requests (3 attempts)"},
		"too many requests, with Retry-After":                       {transporttest.Answer(429, "", "Too Many Requests", "Retry-After", "86400"), "gave no usable response: it returned 429 Too Many Requests; it asks to wait 24h0m0s"},
		"too many requests as JSON":                                 {json(429, `{"error":["Too many requests"]}`), "gave no usable response: it returned 429 Too Many Requests; Too many requests (3 attempts)"},
		"a server error in Recruitee's form":                        {json(500, `{"error":["Token not found."]}`), "gave no usable response: it returned 500 Internal Server Error; Token not found. (3 attempts)"},
		"a proxy's HTML 401":                                        {transporttest.HTML(401), "gave no usable response: it returned 401 Unauthorized; this is text/html, not Recruitee's documented JSON"},
		"a proxy's HTML 404":                                        {transporttest.HTML(404), "gave no usable response: it returned 404 Not Found; this is text/html, not Recruitee's documented JSON"},
		"a framework's JSON 404":                                    {json(404, `{"timestamp":"2026-03-16T12:00:00Z","status":404,"error":"Not Found","path":"/c/816/admin"}`), "this is application/json, not Recruitee's documented JSON"},
		"a text without error_code":                                 {json(403, `{"error":"Forbidden"}`), "this is application/json, not Recruitee's documented JSON"},
		"a list with another field":                                 {json(404, `{"status":404,"error":["Not Found"]}`), "this is application/json, not Recruitee's documented JSON"},
		"an object with a number as code":                           {json(401, `{"errors":[{"code":401,"message":"Unauthorized"}]}`), "this is application/json, not Recruitee's documented JSON"},
		"a list with error_code":                                    {json(401, `{"error":["Unauthorized"],"error_code":null}`), "this is application/json, not Recruitee's documented JSON"},
		"a number as error_code":                                    {json(401, `{"error":"Unauthorized","error_code":401}`), "this is application/json, not Recruitee's documented JSON"},
		"two forms at the same time":                                {json(401, `{"error":["One."],"errors":[{"code":"two","message":"Two"}]}`), "this is application/json, not Recruitee's documented JSON"},
		"a text with an unknown field":                              {json(401, `{"error":"Token not found.","error_code":null,"hint":1}`), "this is application/json, not Recruitee's documented JSON"},
		"a code without a text":                                     {json(401, `{"error":null,"error_code":"invalid_token"}`), "this is application/json, not Recruitee's documented JSON"},
		"an object without a message":                               {json(401, `{"errors":[{"code":"unauthorized"}]}`), "this is application/json, not Recruitee's documented JSON"},
		"an object without a code":                                  {json(401, `{"errors":[{"message":"Unauthorized"}]}`), "this is application/json, not Recruitee's documented JSON"},
		"an empty 401":                                              {transporttest.Answer(401, "", ""), "gave no usable response: it returned 401 Unauthorized; "},
		"an empty text":                                             {json(401, `{"error":""}`), "this is application/json, not Recruitee's documented JSON"},
		"a list of unprintable texts":                               {json(401, `{"error":["\u0000","\u001b"]}`), "this is application/json, not Recruitee's documented JSON"},
		"an empty list of objects":                                  {json(401, `{"errors":[]}`), "this is application/json, not Recruitee's documented JSON"},
		"a list of empty objects":                                   {json(401, `{"errors":[{},{}]}`), "this is application/json, not Recruitee's documented JSON"},
		"a list with a number":                                      {json(401, `{"error":["One.",2]}`), "this is application/json, not Recruitee's documented JSON"},
		"a list instead of an object":                               {json(401, `["Unauthorized"]`), "this is application/json, not Recruitee's documented JSON"},
		"incomplete JSON":                                           {json(401, `{"error":"Token not found."`), "this is application/json, not Recruitee's documented JSON"},
		"a redirect to a login page":                                {transporttest.Answer(302, "", "", "Location", "https://login.example/?token=s3cret"), "it returned 302 Found; it redirects to https://login.example, and only redirects on the same server are followed"},
		"control characters are removed":                            {json(401, `{"error":"\u001b[31mToken\nnot\u0007found.","error_code":"\u0000code"}`), rejected + "code: [31mToken not found."},
		"the token is removed from a text":                          {json(401, `{"error":["Token `+token+` not found."]}`), rejected + "Token (secret) not found."},
		"the token is removed from an object":                       {json(401, `{"errors":[{"code":"`+token+`","message":"`+token+`"}]}`), rejected + "(secret): (secret)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin, _, err := currentAdmin(t, test.response)
			if err == nil {
				t.Fatalf("no error, and the owner %+v", admin)
			}
			if admin != (recruitee.Admin{}) {
				t.Errorf("an error, and the owner %+v", admin)
			}
			expectNoSecret(t, err.Error())
			switch {
			case strings.HasPrefix(test.want, rejected):
				_ = typed[*recruitee.TokenRejectedError](t, err)
			case strings.HasPrefix(test.want, inaccessible):
				_ = typed[*recruitee.CompanyInaccessibleError](t, err)
			default:
				failure := typed[*transport.UnavailableError](t, err)
				if failure.System != "Recruitee" || failure.Host == "" || !strings.HasPrefix(failure.Reason, fmt.Sprintf("it returned %d", failure.Status)) {
					t.Errorf("error %+v", failure)
				}
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("%q doesn't contain %q", err, test.want)
				}
				return
			}
			if err.Error() != test.want {
				t.Errorf("%q instead of %q", err, test.want)
			}
		})
	}
}

func TestLongExplanationIsCut(t *testing.T) {
	t.Parallel()
	_, _, err := currentAdmin(t, json(401, `{"error":["`+strings.Repeat("x", 200)+`","`+strings.Repeat("y", 200)+`"]}`))
	if said := typed[*recruitee.TokenRejectedError](t, err).Said; len([]rune(said)) != 256 || !strings.HasSuffix(said, "y…") {
		t.Errorf("the explanation wasn't cut: %q", said)
	}
}

func typed[E error](t *testing.T, err error) E {
	t.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	return found
}
