package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
)

// Fingerprint is how Wintro and the request log name a token: "SHA256:" and the unpadded base64 of
// its SHA-256.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Secrets lists every secret that the sandbox knows: Wintro's API token, Recruitee's API tokens with
// the revoked ones, the tokens that Wintro holds now, and the secrets of persons in Recruitee's
// answers. A test looks for each of them where none may be.
func (s *Sandbox) Secrets() []string {
	var secrets []string
	s.read(func(st *store) {
		secrets = append(secrets, st.Wintro.Token)
		for _, token := range st.Recruitee.Tokens {
			secrets = append(secrets, token.Value)
		}
		for _, owner := range st.Recruitee.Owners {
			secrets = append(secrets, owner.SocketToken, owner.CalendarSyncToken)
		}
		for _, link := range st.Wintro.Connections {
			secrets = append(secrets, link.Token)
		}
	})
	return secrets
}

// bearerToken is the token in the Authorization header, or "" where there is no well-formed one.
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
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

// newRecruiteeToken has the form of Recruitee's own: 32 characters of base64.
func newRecruiteeToken() string { return base64.StdEncoding.EncodeToString(randomBytes(24)) }
