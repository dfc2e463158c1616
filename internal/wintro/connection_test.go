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
		"unknown fields are ignored":                      {[]string{`{"id"`, `{"plan":{"seats":[5]},"apiTokens":null,"companyId":5,"id"`}, nil},
		"no tokenFingerprint is an unknown one":           {[]string{`"tokenFingerprint":` + fingerprintJSON + `,`, ``}, noFingerprint},
		"a token as fingerprint is an unknown one":        {[]string{fingerprintJSON, `"` + recruiteeToken + `"`}, noFingerprint},
		"a padded fingerprint is an unknown one":          {[]string{fingerprintJSON, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`}, noFingerprint},
		"a fingerprint of another kind is an unknown one": {[]string{fingerprintJSON, `"SHA512:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`}, noFingerprint},
		"a fingerprint and a newline is an unknown one":   {[]string{fingerprintJSON, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF\n"`}, noFingerprint},
		"no lastSyncedAt is never":                        {[]string{`,"lastSyncedAt":"2026-04-21T11:31:15Z"`, ``}, func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"a null lastSyncedAt is never":                    {[]string{`"2026-04-21T11:31:15Z"`, `null`}, func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"a time in another zone is the same time":         {[]string{`"2026-04-21T11:31:15Z"`, `"2026-04-21T13:31:15+02:00"`}, nil},
		"disabled is read":                                {[]string{`"enabled":true`, `"enabled":false`}, func(c *wintro.Connection) { c.Enabled = false }},

		"an unknown status is kept":                                   {[]string{`"active"`, `"frozen"`}, status("frozen")},
		"a status doesn't reach a terminal with its escape sequences": {[]string{`"active"`, `"\u001b[2Jas\nleep"`}, status("[2Jas leep")},
		"an endless status is cut":                                    {[]string{`"active"`, `"` + strings.Repeat("a", 99) + `"`}, status(strings.Repeat("a", 40) + "…")},
		"a status doesn't bring back the token":                       {[]string{`"active"`, `"for ` + wintroToken + `"`}, status("for (secret)")},

		"no name is an empty one":                      {[]string{`"name":"Acme's Recruitee",`, ``}, label("")},
		"a label keeps its white space and its script": {[]string{`"Acme's Recruitee"`, `"  Škoda  株式会社 e\u0301 ❤️ "`}, label("  Škoda  株式会社 e\u0301 ❤️ ")},
		"control characters in a label are visible":    {[]string{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b"`}, label("�[31mAc�me��")},
		"zero-width characters in a label are visible": {[]string{`"Acme's Recruitee"`, `"\ufeffAc\u200bm\u2060e\u00ad\u3164"`}, label("�Ac�m�e��")},
		"a label is no longer than labels are":         {[]string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`}, label(strings.Repeat("ö", 99) + "…")},
		"the longest label stays":                      {[]string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 100) + `"`}, label(strings.Repeat("ö", 100))},
		"the token doesn't come back in a label":       {[]string{`"Acme's Recruitee"`, `"Acme  ` + wintroToken + `"`}, label("Acme  (secret)")},

		"no atsCompanyName is an unknown one":             {[]string{`"atsCompanyName":"Acme",`, ``}, companyName(nil)},
		"a company's name keeps its script":               {[]string{`"Acme"`, `"Škoda 株式会社"`}, companyName(new("Škoda 株式会社"))},
		"a company's name doesn't bring escape sequences": {[]string{`"Acme"`, `"\u001b[31mAc\nme\u0000"`}, companyName(new("[31mAc me"))},
		"a company's name is cut if it is too long":       {[]string{`"Acme"`, `"` + long('c') + `"`}, companyName(new(cut('c', 255)))},
		"the token doesn't come back in a company's name": {[]string{`"Acme"`, `"Acme ` + wintroToken + `"`}, companyName(new("Acme (secret)"))},

		"an ats that only looks like Recruitee is Recruitee": {[]string{`"recruitee"`, `"\u0000recruitee"`}, nil},
		"another system's connection has no other fields": {
			[]string{`"recruitee"`, `"green\u001bhouse"`, `"816"`, `"acme"`, `"active"`, `"asleep"`, fingerprintJSON, `"MD5"`, `"enabled":true,`, ``},
			func(c *wintro.Connection) {
				*c = wintro.Connection{ID: c.ID, Ats: "green house", CreatedAt: c.CreatedAt}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := answering(t, success(200, envelope(connectionWith(t, test.replaced...)))).Get(t.Context(), "con_1-A")
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
		"with a company ID of an ats that only looks like Recruitee": {
			[]string{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`, `"816"`, `"\u001b[2J"`}, "its connection has no numeric atsCompanyId"},
		"without enabled":               {[]string{`"enabled":true,`, ``}, "its connection has no enabled"},
		"with a null enabled":           {[]string{`"enabled":true`, `"enabled":null`}, "its connection has no enabled"},
		"without a status":              {[]string{`"status":"active",`, ``}, "its connection has no status"},
		"with an invisible status":      {[]string{`"active"`, `"\u0000\u202e"`}, "its connection has no status"},
		"with a number as atsCompanyId": {[]string{`"atsCompanyId":"816"`, `"atsCompanyId":816`}, "its JSON has an invalid atsCompanyId"},
		"with a text as enabled":        {[]string{`"enabled":true`, `"enabled":"` + recruiteeToken + `"`}, "its JSON has an invalid enabled"},
		"with an invalid time":          {[]string{`"createdAt":"2026-04-21T07:31:15.149395Z"`, `"createdAt":"` + recruiteeToken + `"`}, "its JSON is incomplete or violates the contract"},
	} {
		for call, body := range forConnections(connectionWith(t, test.replaced...)) {
			t.Run(name+" to "+call, func(t *testing.T) {
				t.Parallel()
				found, err := answered(t, call, success(calls[call].status, body))
				if failure := typed[*transport.UnavailableError](t, err); !strings.HasSuffix(failure.Reason, "; "+test.want) {
					t.Error(failure)
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
