package connection

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func FuzzCheckCompanyID(f *testing.F) {
	for _, text := range []string{
		"816", "9223372036854775807", "", " 816", "8 16", "0", "007", "acme", "-5", "12345678901234567890", "816\n", "٨١٦", "https://acme.recruitee.com/",
		"https://app.recruitee.com/#/dashboard/overview?company=38422", "https://app.tellent.com/ats/jobs?company=38422&x=1", "816\x1b[31m", "\u202e618", "8\xff16",
		"https://app.tellent.com/?company=1&company=2", "https://wintro.app/?company=816\x1b[31m", "//app.recruitee.com/?company=816",
		strings.Repeat("acme ", 1000), strings.Repeat("0", 1000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := CheckCompanyID(text)
		checkSentence(t, err)
		if (err == nil) != recruitee.IsCompanyID(text) {
			t.Errorf("%q: %v", text, err)
		}
		id, err := CompanyID(text)
		checkSentence(t, err)
		if err == nil && !recruitee.IsCompanyID(id) {
			t.Errorf("%q became the company ID %q", text, id)
		}
		checkSentence(t, CheckID(text))
		checkSentence(t, CheckEndpoint(text))
	})
}

func FuzzCheckToken(f *testing.F) {
	for _, text := range []string{
		"Zm9vYmFy+/==", "", "secret token", "secret\n", "\tsecret", "secret\x00", "secret\u2028", "secret\xff", "secret\u00a0", "secret\x1b[0m", "secret\u202e", "secret\u009b",
		"secret\u200b", "\ufeffsecret", "\ufffd", "(secret)", " ", "wintro_secret", "wintro_secret\n", "wintro_", strings.Repeat("secret ", 1000),
		`"secret"`, "“secret”", "<secret>", `{"a":1}`, "${secret}", "Bearer secret",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, token string) {
		err, errForRecruitee := CheckToken(token), CheckRecruiteeToken(token)
		checkSentence(t, errForRecruitee)
		if (errForRecruitee == nil) != (err == nil && !strings.HasPrefix(token, "wintro_")) {
			t.Errorf("CheckToken(%q) returns %v, and CheckRecruiteeToken returns %v", token, err, errForRecruitee)
		}
		if err == nil {
			transporttest.CheckText(t, token)
			transporttest.CheckLabel(t, token, len(token))
			if len(strings.Fields(token)) != 1 || len(strings.Fields(token)[0]) != len(token) {
				t.Errorf("the token %q was accepted", token)
			}
			return
		}
		checkSentence(t, err)
		if secret := strings.TrimSpace(token); len(secret) > 60 && strings.Contains(err.Error(), secret) {
			t.Errorf("%q quotes the token %q", err, token)
		}
	})
}

func FuzzCheckName(f *testing.F) {
	for _, text := range []string{"Recruitee", strings.Repeat("ü", 100), strings.Repeat("ü", 101), "", "a\nb", "👩‍💻 HR", "\x1b[31m", "\u009b", "\u202e", "a\xff", strings.Repeat("\xff", 200), " a", "a\u00a0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := CheckName(name)
		checkSentence(t, err)
		if err == nil {
			transporttest.CheckText(t, name)
			transporttest.CheckLabel(t, name, MaxNameLength)
			if strings.TrimSpace(name) != name {
				t.Errorf("the name %q was accepted", name)
			}
		} else if utf8.ValidString(name) && name != "" && utf8.RuneCountInString(name) <= MaxNameLength && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, transport.IsInvisible) {
			t.Errorf("the name %q was rejected: %v", name, err)
		}
	})
}

func checkSentence(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	transporttest.CheckError(t, err)
	if !strings.HasSuffix(err.Error(), ".") {
		t.Errorf("%q isn't a sentence", err)
	}
}
