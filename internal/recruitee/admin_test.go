package recruitee_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

var ada = recruitee.Admin{
	ID: "1704", Email: "ada@acme.example", Name: "Ada Byron", Role: "Administrator", IsAdministrator: true,
	Company: recruitee.Company{ID: "816", Name: "Acme", Subdomain: "acme"},
}

func TestCurrentAdmin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replaced []string
		want     func(*recruitee.Admin)
	}{
		"the documented response": {},
		"role_admin decides, not the role's name": {
			replaced: []string{`"role_name":"Administrator","role_admin":true`, `"role_name":"Administrator","role_admin":false`},
			want:     func(a *recruitee.Admin) { a.IsAdministrator = false }},
		"an Administrator's role may have any name": {
			replaced: []string{`"role_name":"Administrator"`, `"role_name":"Chef"`},
			want:     func(a *recruitee.Admin) { a.Role = "Chef" }},
		"the membership's role_admin doesn't decide": {
			replaced: []string{`"role":"Administrator","role_admin":true`, `"role":"Administrator","role_admin":false`}},
		"the company is one of several": {
			replaced: []string{`"companies":[`, `"companies":[{"id":5,"name":"Other","subdomain":"other"},`}},
		"a company that isn't listed": {
			replaced: []string{`[{"id":816,`, `[{"id":5,`},
			want:     func(a *recruitee.Admin) { a.Company = recruitee.Company{ID: "816"} }},
		"no list of companies": {
			replaced: []string{`"companies":`, `"enterprises":`},
			want:     func(a *recruitee.Admin) { a.Company = recruitee.Company{ID: "816"} }},
		"a membership without is_active counts as active": {
			replaced: []string{`"is_active":true,`, ``}},
		"no membership counts as active": {
			replaced: []string{`"membership":`, `"partnership":`}},
		"a null membership counts as active": {
			replaced: []string{`"membership":`, `"membership":null,"partnership":`}},
		"a first name without a last name": {
			replaced: []string{`"last_name":"Byron"`, `"last_name":""`},
			want:     func(a *recruitee.Admin) { a.Name = "Ada" }},
		"a last name without a first name": {
			replaced: []string{`"first_name":"Ada"`, `"first_name":null`},
			want:     func(a *recruitee.Admin) { a.Name = "Byron" }},
		"control characters are removed": {
			replaced: []string{`"Ada"`, `"\u001b[31mAda\u0000"`, `"Byron"`, `"By\nron"`, `"role_name":"Administrator"`, `"role_name":"Admin\u0007istrator"`,
				`"name":"Acme"`, `"name":"\u202eAcme\r\nB.V."`, `"subdomain":"acme"`, `"subdomain":"ac\u001bme"`, `"ada@acme.example"`, `"ada@acme\u009b.example"`},
			want: func(a *recruitee.Admin) {
				a.Name, a.Role, a.Email = "[31mAda By ron", "Admin istrator", "ada@acme .example"
				a.Company.Name, a.Company.Subdomain = "Acme B.V.", "ac me"
			}},
		"the token is removed": {
			replaced: []string{`"Ada"`, `"` + token + `"`, `"name":"Acme"`, `"name":"` + strings.ToUpper(token) + `"`},
			want:     func(a *recruitee.Admin) { a.Name, a.Company.Name = "(secret) Byron", "(secret)" }},
		"a long name is cut": {
			replaced: []string{`"name":"Acme"`, `"name":"` + strings.Repeat("A", 300) + `"`},
			want:     func(a *recruitee.Admin) { a.Company.Name = strings.Repeat("A", 255) + "…" }},
		"secrets of another type are ignored": {
			replaced: []string{`"s3cret-socket"`, `["s3cret-socket"]`, `"s3cret-calendar"`, `{"value":"s3cret-calendar"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin, requests, err := currentAdmin(t, json(200, exampleWith(t, test.replaced...)))
			if err != nil {
				t.Fatal(err)
			}
			want := ada
			if test.want != nil {
				test.want(&want)
			}
			if admin != want {
				t.Errorf("owner %+v instead of %+v", admin, want)
			}
			if requests != 1 {
				t.Errorf("%d requests", requests)
			}
			expectNoSecret(t, fmt.Sprintf("%+v", admin))
		})
	}
}

func TestCurrentAdminReportsInaccessibleCompany(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replaced []string
		want     string
	}{
		"for another company": {
			replaced: []string{`"company_id":816`, `"company_id":817`},
			want:     "Recruitee responded for company 817 instead"},
		"for another company, although the requested company is listed": {
			replaced: []string{`"company_id":816`, `"company_id":817`, `"companies":[`, `"companies":[{"id":817,"name":"Other","subdomain":"other"},`},
			want:     "Recruitee responded for company 817 instead"},
		"for a deactivated owner": {
			replaced: []string{`"is_active":true`, `"is_active":false`},
			want:     "the token's owner ada@acme.example is deactivated in this company"},
		"for a deactivated owner whose address is the token": {
			replaced: []string{`"is_active":true`, `"is_active":false`, `"ada@acme.example"`, `"` + token + `"`},
			want:     "the token's owner (secret) is deactivated in this company"},
		"for a deactivated owner without an address": {
			replaced: []string{`"is_active":true`, `"is_active":false`, `"ada@acme.example"`, `"\u0000"`},
			want:     "the token's owner 1704 is deactivated in this company"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin, _, err := currentAdmin(t, json(200, exampleWith(t, test.replaced...)))
			inaccessible := typed[*recruitee.CompanyInaccessibleError](t, err)
			if inaccessible.CompanyID != "816" || inaccessible.Reason != test.want || admin != (recruitee.Admin{}) {
				t.Errorf("error %+v, owner %+v", inaccessible, admin)
			}
			expectNoSecret(t, err.Error())
		})
	}
}

func TestCurrentAdminRejectsOtherFormats(t *testing.T) {
	t.Parallel()
	const notJSON = "it returned 200 OK; this is application/json, not Recruitee's documented JSON"
	for name, test := range map[string]struct{ body, want string }{
		"without an admin":                 {`{}`, "it returned 200 OK; its response has no admin.id"},
		"that is null":                     {`null`, "it returned 200 OK; its response has no admin.id"},
		"without the owner's id":           {exampleWith(t, `"id":1704,`, ``), "it returned 200 OK; its response has no admin.id"},
		"with a negative id":               {exampleWith(t, `"id":1704,`, `"id":-1704,`), "it returned 200 OK; its response has no admin.id"},
		"without company_id":               {exampleWith(t, `"company_id":816,`, ``), "it returned 200 OK; its response has no admin.company_id"},
		"without role_admin":               {exampleWith(t, `"role_name":"Administrator","role_admin":true,`, ``), "it returned 200 OK; its response has no admin.role_admin"},
		"with a null role_admin":           {exampleWith(t, `"role_name":"Administrator","role_admin":true`, `"role_admin":null`), "it returned 200 OK; its response has no admin.role_admin"},
		"with role_admin as text":          {exampleWith(t, `"role_name":"Administrator","role_admin":true`, `"role_admin":"true"`), notJSON},
		"with company_id as text":          {exampleWith(t, `"company_id":816`, `"company_id":"816"`), notJSON},
		"with an id that isn't an integer": {exampleWith(t, `"id":1704`, `"id":17.04`), notJSON},
		"that is a text":                   {`"s3cret-socket"`, notJSON},
		"that is empty":                    {``, notJSON},
		"with incomplete JSON":             {example[:len(example)-1], notJSON},
		"with more text after the JSON":    {example + example, notJSON},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			admin, _, err := currentAdmin(t, json(200, test.body))
			if err == nil {
				t.Fatalf("no error, and the owner %+v", admin)
			}
			if failure := typed[*transport.UnavailableError](t, err); failure.Reason != test.want || failure.Status != 200 || admin != (recruitee.Admin{}) {
				t.Errorf("error %+v, owner %+v", failure, admin)
			}
			expectNoSecret(t, err.Error())
		})
	}
	t.Run("with another successful status", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{201, 202, 203} {
			_, _, err := currentAdmin(t, json(status, example))
			if failure := typed[*transport.UnavailableError](t, err); failure.Status != status {
				t.Error(failure)
			}
			expectNoSecret(t, err.Error())
		}
	})
}
