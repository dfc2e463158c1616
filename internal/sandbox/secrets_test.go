package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// A token can get into a request in another place than its own, and to another caller's request.
func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	c := start(t)
	made := c.connect()
	secrets := map[string]string{
		"issued":                       c.IssueToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID),
		"Wintro's first":               c.WintroToken(),
		"Wintro's":                     "wintro's+new/token",
		"set by hand":                  "by-hand+/token==",
		"set by hand and gone":         "by-hand+/token==/gone",
		"of a connection made by hand": "another+/token==",
		"sent":                         "sent+/token==",
	}
	secrets["a socket's"], secrets["a calendar's"] = c.PersonalSecrets(sandbox.SeedOwnerID)
	c.SetWintroToken(secrets["Wintro's"])
	c.SwapToken(made.ID, secrets["set by hand and gone"])
	c.SwapToken(made.ID, secrets["set by hand"])
	c.Connect(sandbox.SeedCompanyID, "By hand", secrets["of a connection made by hand"])
	body, _ := json.Marshal(map[string]string{"apiToken": secrets["sent"]})
	c.wintro(http.MethodPatch, "/ats-connections/"+made.ID, string(body)).want(http.StatusOK)
	expectRedacted(t, c, secrets)
}

func TestSecretsInStateFileAreRedacted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.json")
	before := open(t, path)
	secrets := map[string]string{"issued": before.Seed(), "Wintro's": before.WintroToken()}
	secrets["a socket's"], secrets["a calendar's"] = before.PersonalSecrets(sandbox.SeedOwnerID)
	expectRedacted(t, serve(t, open(t, path)), secrets)
}

// expectRedacted sends each secret in all forms, between other words: by somebody without a token, and by one whose
// token is a part of it.
func expectRedacted(t *testing.T, c *client, secrets map[string]string) {
	t.Helper()
	for from, secret := range secrets {
		for _, authorization := range []string{"", "Bearer " + secret[:8]} {
			c.ClearRequests()
			sent := fmt.Sprintf("before%sbetween%safter", url.QueryEscape(secret), url.PathEscape(secret))
			body, _ := json.Marshal(map[string]string{"before" + secret + secret + "after": ""})
			c.send(http.MethodPost, sandbox.WintroPath+"/"+sent+"?q="+sent, string(body),
				"User-Agent", "before"+secret+"after", "Idempotency-Key", secret, "Authorization", authorization)
			logged := c.Requests()[0]
			for want, is := range map[string]string{
				sandbox.WintroPath + "/before[secret]between[secret]after": logged.Path,
				"q=before[secret]between[secret]after":                     logged.Query,
				"before[secret]after":                                      logged.UserAgent,
				"[secret]":                                                 logged.IdempotencyKey,
				"before[secret][secret]after":                              strings.Join(logged.Body, " "),
			} {
				if is != want {
					t.Errorf("a token that was %s: %q is logged, not %q", from, is, want)
				}
			}
		}
	}
}
