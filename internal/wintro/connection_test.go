package wintro_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replaced []string
		want     func(*wintro.Connection)
	}{
		"unknown fields are ignored": {
			replaced: []string{`{"id"`, `{"plan":{"seats":[5]},"api_tokens":null,"id"`}},
		"no token_fingerprint is an unknown one": {
			replaced: []string{`"token_fingerprint":"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",`, ``},
			want:     func(c *wintro.Connection) { c.TokenFingerprint = nil }},
		"a null token_fingerprint is an unknown one": {
			replaced: []string{`"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `null`},
			want:     func(c *wintro.Connection) { c.TokenFingerprint = nil }},
		"no last_synced_at is never": {
			replaced: []string{`,
	"last_synced_at":"2026-04-21T11:31:15Z"`, ``},
			want: func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"a null last_synced_at is never": {
			replaced: []string{`"2026-04-21T11:31:15Z"`, `null`},
			want:     func(c *wintro.Connection) { c.LastSyncedAt = nil }},
		"no name is an empty one": {
			replaced: []string{`"name":"Acme's Recruitee",`, ``},
			want:     func(c *wintro.Connection) { c.Name = "" }},
		"a time in another zone is the same time": {
			replaced: []string{`"2026-04-21T11:31:15Z"`, `"2026-04-21T13:31:15+02:00"`},
			want: func(c *wintro.Connection) {
				c.LastSyncedAt = new(time.Date(2026, 4, 21, 13, 31, 15, 0, time.FixedZone("", 2*60*60)))
			}},
		"pending is a status":  {replaced: []string{`"active"`, `"pending"`}, want: func(c *wintro.Connection) { c.Status = wintro.Pending }},
		"invalid is a status":  {replaced: []string{`"active"`, `"invalid"`}, want: func(c *wintro.Connection) { c.Status = wintro.Invalid }},
		"inactive is a status": {replaced: []string{`"active"`, `"inactive"`}, want: func(c *wintro.Connection) { c.Status = wintro.Inactive }},
		"disabled is read":     {replaced: []string{`"enabled":true`, `"enabled":false`}, want: func(c *wintro.Connection) { c.Enabled = false }},
		"a label keeps its white space and its script": {
			replaced: []string{`"Acme's Recruitee"`, `"  Škoda  株式会社 👩‍💻 "`},
			want:     func(c *wintro.Connection) { c.Name = "  Škoda  株式会社 👩‍💻 " }},
		"control characters in a label become spaces": {
			replaced: []string{`"Acme's Recruitee"`, `"\u001b[31mAc\nme\u0000\u009b"`},
			want:     func(c *wintro.Connection) { c.Name = " [31mAc me  " }},
		"a label is no longer than labels are": {
			replaced: []string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 101) + `"`},
			want:     func(c *wintro.Connection) { c.Name = strings.Repeat("ö", 99) + "…" }},
		"the longest label stays": {
			replaced: []string{`"Acme's Recruitee"`, `"` + strings.Repeat("ö", 100) + `"`},
			want:     func(c *wintro.Connection) { c.Name = strings.Repeat("ö", 100) }},
		"the token doesn't come back in a label": {
			replaced: []string{`"Acme's Recruitee"`, `"Acme  ` + wintroToken + `"`},
			want:     func(c *wintro.Connection) { c.Name = "Acme  (secret)" }},
		"of another system's connection only what the contract has is read": {
			replaced: []string{`"recruitee"`, `"green\u001bhouse"`, `"816"`, `"acme"`, `"active"`, `"asleep"`, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`, `"MD5"`, `"enabled":true,`, ``},
			want: func(c *wintro.Connection) {
				*c = wintro.Connection{ID: c.ID, Ats: "green house", CreatedAt: c.CreatedAt}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := answering(t, success(200, connectionWith(t, test.replaced...))).Get(t.Context(), "con_1-A")
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

func TestAConnectionThatIsNotTheContracts(t *testing.T) {
	t.Parallel()
	fingerprint := `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"`
	for name, test := range map[string]struct {
		replaced []string
		want     string
	}{
		"without an id":         {[]string{`"id":"con_1-A",`, ``}, "its connection has no valid id"},
		"with an empty id":      {[]string{`"con_1-A"`, `""`}, "its connection has no valid id"},
		"with a path as id":     {[]string{`"con_1-A"`, `"../con"`}, "its connection has no valid id"},
		"with a long id":        {[]string{`"con_1-A"`, `"` + strings.Repeat("a", 129) + `"`}, "its connection has no valid id"},
		"without ats":           {[]string{`"ats":"recruitee",`, ``}, "its connection has no ats"},
		"with an invisible ats": {[]string{`"ats":"recruitee"`, `"ats":"\u0000"`}, "its connection has no ats"},
		"with an ats that only looks like Recruitee": {[]string{`"ats":"recruitee"`, `"ats":"recruitee\u0000"`, `"816"`, `"\u001b[2J"`}, "its connection has no numeric company_id"},
		"with a token as status":                     {[]string{`"active"`, `"` + wintroToken + `"`}, `its connection has the unknown status "(secret)"`},
		"without created_at":                         {[]string{`"created_at":"2026-04-21T07:31:15.149395Z",`, ``}, "its connection has no created_at"},
		"without company_id":                         {[]string{`"company_id":"816",`, ``}, "its connection has no numeric company_id"},
		"with a subdomain as company_id":             {[]string{`"816"`, `"acme"`}, "its connection has no numeric company_id"},
		"with a path as company_id":                  {[]string{`"816"`, `"816/../5"`}, "its connection has no numeric company_id"},
		"without enabled":                            {[]string{`"enabled":true,`, ``}, "its connection has no enabled"},
		"with a null enabled":                        {[]string{`"enabled":true`, `"enabled":null`}, "its connection has no enabled"},
		"without a status":                           {[]string{`"status":"active",`, ``}, `its connection has the unknown status ""`},
		"with an unknown status":                     {[]string{`"active"`, `"on_holiday"`}, `its connection has the unknown status "on_holiday"`},
		"with a status in capitals":                  {[]string{`"active"`, `"Active"`}, `its connection has the unknown status "Active"`},
		"with an escape sequence in it":              {[]string{`"active"`, `"\u001b[2Jasleep"`}, `its connection has the unknown status "[2Jasleep"`},
		"with an endless status":                     {[]string{`"active"`, `"` + strings.Repeat("a", 99) + `"`}, `its connection has the unknown status "` + strings.Repeat("a", 40) + `…"`},
		"with a token as fingerprint":                {[]string{fingerprint, `"` + recruiteeToken + `"`}, "its connection has a token_fingerprint in an unknown form"},
		"with an empty fingerprint":                  {[]string{fingerprint, `""`}, "its connection has a token_fingerprint in an unknown form"},
		"with a padded fingerprint":                  {[]string{fingerprint, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`}, "its connection has a token_fingerprint in an unknown form"},
		"with a fingerprint and a newline":           {[]string{fingerprint, `"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n"`}, "its connection has a token_fingerprint in an unknown form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := connectionWith(t, test.replaced...)
			for call, answer := range map[string]http.HandlerFunc{
				"Get":    success(200, body),
				"Create": success(201, body),
				"Update": success(200, body),
				"List":   success(200, `{"data":[`+connectionJSON+`,`+body+`],"next_cursor":null}`),
			} {
				found, err := calls[call].call(t, answering(t, answer))
				if failure := typed[*transport.NoAnswerError](t, err); !strings.HasSuffix(failure.Reason, "; "+test.want) {
					t.Errorf("%s: %v", call, failure)
				}
				same(t, found, wintro.Connection{})
			}
		})
	}
}

func TestIsID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"letters, digits, _ and - are fine": {"AZaz09_-", true},
		"one character is fine":             {"7", true},
		"128 characters are fine":           {strings.Repeat("a", 128), true},
		"129 characters are too many":       {strings.Repeat("a", 129), false},
		"nothing is too little":             {"", false},
		"a slash is not":                    {"a/b", false},
		"a point is not":                    {"..", false},
		"a space is not":                    {"a b", false},
		"a line break at the end is not":    {"a\n", false},
		"a question mark is not":            {"a?b", false},
		"a percent sign is not":             {"a%2Fb", false},
		"a letter of another script is not": {"ä", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, wintro.IsID(test.text), test.want)
		})
	}
}
