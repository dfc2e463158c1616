package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// Fingerprint returns the fingerprint of a token. Wintro's responses and the request log contain the fingerprint instead
// of the token.
func Fingerprint(token string) string {
	return contract.Fingerprint(token)
}

// Secrets returns every secret that the sandbox knows: Wintro's API tokens, all of Recruitee's API tokens, the tokens
// that Wintro has stored, and each user's socket_token and calendar_sync_token. Tests check that the provider doesn't
// leak them.
func (s *Sandbox) Secrets() (secrets []string) {
	s.locked(func(st *store) {
		for _, organisation := range st.Wintro.Organisations {
			secrets = append(secrets, organisation.Token)
			if organisation.ReadOnlyToken != "" {
				secrets = append(secrets, organisation.ReadOnlyToken)
			}
		}
		for _, token := range st.Recruitee.Tokens {
			secrets = append(secrets, token.Value)
		}
		for _, owner := range st.Recruitee.Owners {
			secrets = append(secrets, owner.SocketToken, owner.CalendarSyncToken)
		}
		for _, conn := range st.Wintro.Connections {
			secrets = append(secrets, conn.Token)
		}
	})
	return secrets
}

// bearerToken returns the token in the Authorization header, or "" if the header contains no well-formed token.
func bearerToken(header http.Header) string {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsAny(token, " \t") {
		return ""
	}
	return token
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

// newRecruiteeToken returns a random token that looks like a Recruitee token, with 32 characters of base64.
func newRecruiteeToken() string { return base64.StdEncoding.EncodeToString(randomBytes(24)) }
