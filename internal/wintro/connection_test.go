package wintro_test

import (
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const fingerprintJSON = `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`

func TestConnection(t *testing.T) {
	t.Parallel()
	status := func(want string) func(*wintro.Connection) {
		return func(c *wintro.Connection) { c.Status = want }
	}
	label := func(want string) func(*wintro.Connection) {
		return func(c *wintro.Connection) { c.Name = want }
	}
	companyName := func(want *string) func(*wintro.Connection) {
		return func(c *wintro.Connection) { c.AtsCompanyName = want }
	}
	noFingerprint := func(c *wintro.Connection) { c.TokenFingerprint = nil }
	for name, test := range map[string]struct {
		replaced []string
		want     func(*wintro.Connection)
	}{
		"unknown fields are ignored":           {[]string{`{"id"`, `{"plan":{"seats":[5]},"apiTokens":null,"companyId":5,"id"`}, nil},
		"no tokenFingerprint":                  {[]string{`"tokenFingerprint":` + fingerprintJSON + `,`, ``}, noFingerprint},
		"a token as tokenFingerprint":          {[]string{fingerprintJSON, `"` + recruiteeToken + `"`}, noFingerprint},
		"a padded tokenFingerprint":            {[]string{fingerprintJSON, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`}, noFingerprint},
		"a tokenFingerprint with another hash": {[]string{fingerprintJSON, `"SHA512:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`}, noFingerprint},
		"a tokenFingerprint with a line break": {[]string{fingerprintJSON, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF\n"`}, noFingerprint},
		"no lastSyncedAt":                      {[]string{`,"lastSyncedAt":"2026-04-21T11:31:15Z"`, ``}, func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"a null lastSyncedAt":                  {[]string{`"2026-04-21T11:31:15Z"`, `null`}, func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"a time in another zone":               {[]string{`"2026-04-21T11:31:15Z"`, `"2026-04-21T13:31:15+02:00"`}, nil},
		"a disabled connection":                {[]string{`"enabled":true`, `"enabled":false`}, func(c *wintro.Connection) { c.Enabled = false }},

		"an unknown status":                {[]string{`"active"`, `"frozen"`}, status("frozen")},
		"a status with control characters": {[]string{`"active"`, `"\u001b[2Jas\nleep"`}, status("[2Jas leep")},
		"a long status is cut":             {[]string{`"active"`, `"` + strings.Repeat("a", 99) + `"`}, status(strings.Repeat("a", 40) + "…")},
		"a status that contains the token": {[]string{`"active"`, `"for ` + wintroToken + `"`}, status("for (secret)")},

		"no name": {[]string{`"name":"Acme's Recruitee",`, ``}, label("")},
		"a name keeps its white space and its script": {[]string{`"Acme's Recruitee"`, `"  Škoda  株式会社 e\u0301 ❤️ "`}, label("  Škoda  株式会社 e\u0301 ❤️ ")},
		"control characters in a name are replaced":   {[]string{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b"`}, label("�[31mAc�me��")},
		"invisible characters in a name are replaced": {[]string{`"Acme's Recruitee"`, `"\ufeffAc\u200bm\u2060e\u00ad\u3164"`}, label("�Ac�m�e��")},
		"a name that is too long is cut":              {[]string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`}, label(strings.Repeat("ö", 99) + "…")},
		"the longest valid name":                      {[]string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 100) + `"`}, label(strings.Repeat("ö", 100))},
		"a name that contains the token":              {[]string{`"Acme's Recruitee"`, `"Acme  ` + wintroToken + `"`}, label("Acme  (secret)")},

		"no atsCompanyName":                      {[]string{`"atsCompanyName":"Acme",`, ``}, companyName(nil)},
		"a company name keeps its script":        {[]string{`"Acme"`, `"Škoda 株式会社"`}, companyName(new("Škoda 株式会社"))},
		"a company name with control characters": {[]string{`"Acme"`, `"\u001b[31mAc\nme\u0000"`}, companyName(new("[31mAc me"))},
		"a company name that is too long is cut": {[]string{`"Acme"`, `"` + long('c') + `"`}, companyName(new(cut('c', 255)))},
		"a company name that contains the token": {[]string{`"Acme"`, `"Acme ` + wintroToken + `"`}, companyName(new("Acme (secret)"))},

		"an ats with a control character": {[]string{`"recruitee"`, `"\u0000recruitee"`}, nil},
		"a connection to another system": {
			[]string{`"recruitee"`, `"green\u001bhouse"`, `"816"`, `"acme"`, `"active"`, `"asleep"`, fingerprintJSON, `"MD5"`, `"enabled":true,`, ``},
			func(c *wintro.Connection) {
				*c = wintro.Connection{ID: c.ID, Ats: "green house", CreatedAt: c.CreatedAt}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newRemote(t, success(200, envelope(connectionWith(t, test.replaced...)))).Get(t.Context(), "con_1-A")
			if err != nil {
				t.Fatal(err)
			}
			want := connected()
			if test.want != nil {
				test.want(&want)
			}
			if got.LastSyncedAt != nil && want.LastSyncedAt != nil && got.LastSyncedAt.Equal(*want.LastSyncedAt) {
				got.LastSyncedAt = want.LastSyncedAt
			}
			same(t, got, want)
		})
	}
}

func TestConnectionRejectsInvalidFields(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replaced []string
		want     string
	}{
		"without an id":                  {[]string{`"id":"con_1-A",`, ``}, "its connection has no valid id"},
		"with a path as id":              {[]string{`"con_1-A"`, `"../con"`}, "its connection has no valid id"},
		"with the token as id":           {[]string{`"con_1-A"`, `"` + wintroToken + `"`}, "its connection has no valid id"},
		"with the token in its id":       {[]string{`"con_1-A"`, `"con_` + strings.ToUpper(wintroToken) + `"`}, "its connection has no valid id"},
		"without ats":                    {[]string{`"ats":"recruitee",`, ``}, "its connection has no ats"},
		"with an invisible ats":          {[]string{`"ats":"recruitee"`, `"ats":"\u0000"`}, "its connection has no ats"},
		"without createdAt":              {[]string{`"createdAt":"2026-04-21T07:31:15.149395Z",`, ``}, "its connection has no createdAt"},
		"without atsCompanyId":           {[]string{`"atsCompanyId":"816",`, ``}, "its connection has no numeric atsCompanyId"},
		"with a subdomain as company ID": {[]string{`"816"`, `"acme"`}, "its connection has no numeric atsCompanyId"},
		"with an invisible character in ats, and an invalid atsCompanyId": {
			[]string{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`, `"816"`, `"\u001b[2J"`}, "its connection has no numeric atsCompanyId"},
		"without enabled":               {[]string{`"enabled":true,`, ``}, "its connection has no enabled"},
		"with a null enabled":           {[]string{`"enabled":true`, `"enabled":null`}, "its connection has no enabled"},
		"without a status":              {[]string{`"status":"active",`, ``}, "its connection has no status"},
		"with an invisible status":      {[]string{`"active"`, `"\u0000\u202e"`}, "its connection has no status"},
		"with a number as atsCompanyId": {[]string{`"atsCompanyId":"816"`, `"atsCompanyId":816`}, "its JSON has an invalid value for atsCompanyId"},
		"with a text as enabled":        {[]string{`"enabled":true`, `"enabled":"` + recruiteeToken + `"`}, "its JSON has an invalid value for enabled"},
		"with an invalid time":          {[]string{`"createdAt":"2026-04-21T07:31:15.149395Z"`, `"createdAt":"` + recruiteeToken + `"`}, "its JSON is incomplete or violates the contract"},
	} {
		for call, body := range forConnections(connectionWith(t, test.replaced...)) {
			t.Run(name+" to "+call, func(t *testing.T) {
				t.Parallel()
				found, err := callWith(t, call, success(calls[call].status, body))
				if failure := typed[*transport.UnavailableError](t, err); !strings.HasSuffix(failure.Reason, "; "+test.want) {
					t.Errorf("%v doesn't end with %q", failure, test.want)
				}
				isNothing(t, found)
			})
		}
	}
}

func TestIsID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"AZaz09_-", "7", strings.Repeat("a", 128)} {
		same(t, wintro.IsID(id), true)
	}
	for _, text := range []string{"", "a/b", "..", "a b", "a\n", "a?b", "a%2Fb", "ä", strings.Repeat("a", 129)} {
		same(t, wintro.IsID(text), false)
	}
}
