package recruitee

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// ExampleToken and ExampleResponse are exported for the tests in package recruitee_test.
const (
	ExampleToken = "uJ3+hc/0Zk1vS0f1mP2y7w4QxA5bE9dT"
	// ExampleResponse follows the example in README.md, with secrets that tests can recognise.
	ExampleResponse = `{"admin":{"id":1704,"company_id":816,"email":"ada@acme.example","first_name":"Ada","last_name":"Byron",
	"role_id":862,"role_name":"Administrator","role_admin":true,"role_abilities":["manage_jobs","manage_company"],
	"membership":{"id":830,"admin_id":1704,"role":"Administrator","role_admin":true,"role_id":862,
		"created_at":"2026-04-21T07:31:15.149395Z","is_active":true,"two_factor_auth_enabled":false},
	"all_companies_count":1,
	"companies":[{"id":816,"name":"Acme","subdomain":"acme","status":"active","language":"en",
		"country_code":"NL","created_at":"2026-04-21T07:31:15.149395Z","is_admin":true,"role":"Administrator"}],
	"timezone":"Europe/Amsterdam","preferred_language":"en",
	"socket_token":"s3cret-socket","calendar_sync_token":"s3cret-calendar"}}`
)

// fuzzResponse decodes a response without using the network.
func fuzzResponse(status int, contentType, body string) (Admin, error) {
	transport.RememberSecret(ExampleToken)
	return decode(&transport.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {contentType}},
		Body:       []byte(body),
		Request:    &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "https", Host: "api.recruitee.com", Path: "/c/816/admin"}},
	}, "816")
}

func FuzzCurrentAdmin(f *testing.F) {
	f.Add(ExampleResponse)
	for _, replaced := range [][2]string{
		{`"role_admin":true,"role_abilities"`, `"role_admin":false,"role_abilities"`},
		{`"role_admin":true,"role_abilities"`, `"role_admin":null,"role_abilities"`},
		{`"is_active":true`, `"is_active":false`},
		{`"company_id":816`, `"company_id":-817`},
		{`"id":1704,`, `"id":-9223372036854775808,`},
		{`"Ada"`, `"\u001b[31mAda\u0000\ud800"`},
		{`"Byron"`, `"By\r\nron\u202e\u2066\u200b"`},
		{`"Acme"`, "\"A\xff\xc3(\u009b2J\u2028\""},
		{`"acme"`, `"` + strings.Repeat("a", 300) + `"`},
		{`"ada@acme.example"`, `"` + ExampleToken + `"`},
		{`"role_name":"Administrator"`, `"role_name":"` + strings.ToUpper(ExampleToken) + `"`},
		{`"companies":[{`, `"companies":[null,{"id":816,"name":"Twice"},{`},
		{`"membership":{`, `"membership":null,"partnership":{`},
	} {
		f.Add(strings.Replace(ExampleResponse, replaced[0], replaced[1], 1))
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"admin":null}`, `{"admin":[]}`, `{"error":"Token not found."}`, ExampleResponse[:200], ExampleResponse + ExampleResponse, `<html>`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		admin, err := fuzzResponse(http.StatusOK, "application/json; charset=utf-8", body)
		if err != nil {
			checkFailure(t, admin, err)
			if _, rejected := errors.AsType[*TokenRejectedError](err); rejected {
				t.Errorf("a success became the rejection %v", err)
			}
			return
		}
		for _, text := range []string{admin.Email, admin.Name, admin.Role, admin.Company.Name, admin.Company.Subdomain} {
			transporttest.CheckText(t, text)
			transporttest.CheckLabel(t, text, 256)
			transporttest.CheckSecrets(t, text, ExampleToken)
		}
		if !companyID.MatchString(admin.ID) || admin.Company.ID != "816" {
			t.Errorf("owner %+v", admin)
		}
		var said currentAdmin
		if err := json.Unmarshal([]byte(body), &said); err != nil || *said.Admin.RoleAdmin != admin.IsAdministrator {
			t.Errorf("%s became %+v, error %v", body, admin, err)
		}
	})
}

func FuzzError(f *testing.F) {
	for _, status := range []int{401, 403, 404, 422, 429, 500} {
		f.Add(status, "application/json; charset=utf-8", `{"error":"Token not found.","error_code":"invalid_token"}`)
		f.Add(status, "text/html", `<html><body>Not Found</body></html>`)
		f.Add(status, "text/plain", `Too Many Requests`)
	}
	for _, body := range []string{
		`{"error":"Resource access requires authentication!","error_code":null}`, `{"error":["Forbidden"]}`, `{"error":["Page not found"]}`,
		`{"errors":[{"code":"unauthorized","message":"Unauthorized"}]}`, `{"error":["Name can't be blank"],"error_fields":{"name":["can't be blank"]}}`,
		`{"error":null}`, `{"error":""}`, `{"error":[]}`, `{"error":["",null,"\u0000"]}`, `{"error":{"code":401}}`, `{"error":401}`, `{"error":["One.",2]}`,
		`{"errors":[]}`, `{"errors":[null,{}]}`, `{"errors":{"code":"unauthorized"}}`, `{"error_code":"invalid_token"}`, `{"message":"Forbidden"}`, `["Unauthorized"]`, `null`, ``,
		`{"error":"\u001b[31mToken\nnot\u0007found.\u202e","error_code":"\ud800\u0000code"}`, "{\"error\":\"\xff\u009b\u2028\"}",
		`{"error":"Token ` + ExampleToken + ` not found."}`, `{"error":["` + strings.Repeat("x", 240) + ExampleToken + `"]}`,
		`{"errors":[{"code":"` + ExampleToken + `","message":"` + strings.ToLower(ExampleToken) + `"}]}`,
		`{"error":"` + ExampleToken[:16] + `\u0000` + ExampleToken[16:] + `"}`, `{"error":"` + strings.ReplaceAll(ExampleToken, "/", `\/`) + `"}`,
		`{"error":["` + strings.Repeat("x", 200) + `","` + strings.Repeat("y", 200) + `"]}`,
	} {
		f.Add(401, "application/json", body)
	}
	f.Add(302, ExampleToken+"/x", `{"error":["Forbidden"]}`)
	f.Add(407, "application/json", `{"error":["Forbidden"]}`)
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status == http.StatusOK {
			status = http.StatusUnauthorized
		}
		admin, err := fuzzResponse(status, contentType, body)
		if err == nil {
			t.Fatalf("%+v", admin)
		}
		checkFailure(t, admin, err)
		switch failure := err.(type) { //nolint:errorlint // the error itself, not a wrapped one
		case *TokenRejectedError:
			if status != http.StatusUnauthorized || !isDocumented(body) {
				t.Errorf("%d with %q became %v", status, body, failure)
			}
		case *CompanyInaccessibleError:
			if status != http.StatusForbidden && status != http.StatusNotFound || !isDocumented(body) {
				t.Errorf("%d with %q became %v", status, body, failure)
			}
		case *transport.UnavailableError:
			if failure.Status != status {
				t.Errorf("%d became %+v", status, failure)
			}
		}
	})
}

// isDocumented reports whether a body has exactly the fields of one of the error forms that README.md describes.
func isDocumented(body string) bool {
	var fields map[string]any
	if json.Unmarshal([]byte(body), &fields) != nil {
		return false
	}
	delete(fields, "error_fields")
	text, _ := fields["error"].(string)
	list, _ := fields["error"].([]any)
	objects, _ := fields["errors"].([]any)
	_, hasCode := fields["error_code"]
	switch {
	case text != "" && hasCode:
		return len(fields) == 2
	default:
		return len(fields) == 1 && len(list)+len(objects) > 0
	}
}

// checkFailure fails the test if a failed call also returned an owner, or if its error has an unexpected type, an
// empty field or a text that isn't safe to print.
func checkFailure(t *testing.T, admin Admin, err error) {
	t.Helper()
	if admin != (Admin{}) {
		t.Errorf("an error, and the owner %+v", admin)
	}
	transporttest.CheckError(t, err, ExampleToken)
	switch failure := err.(type) { //nolint:errorlint // the error itself, not a wrapped one
	case *TokenRejectedError:
		if failure.CompanyID != "816" || failure.Said == "" {
			t.Errorf("error %+v", failure)
		}
	case *CompanyInaccessibleError:
		if failure.CompanyID != "816" || failure.Reason == "" {
			t.Errorf("error %+v", failure)
		}
	case *transport.UnavailableError:
		if failure.System != System || failure.Reason == "" {
			t.Errorf("error %+v", failure)
		}
	default:
		t.Errorf("the error is a %T", err)
	}
}
