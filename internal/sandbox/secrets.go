package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Fingerprint is how Wintro and the request log name a token: "SHA256:" and the unpadded base64 of
// its SHA-256.
func Fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Secrets lists every secret that the sandbox knows: Wintro's API tokens, Recruitee's API tokens with
// the revoked ones, the tokens that Wintro holds now, and the secrets of persons in Recruitee's
// answers. A test looks for each of them where none may be.
func (s *Sandbox) Secrets() []string {
	var secrets []string
	s.read(func(st *store) { secrets = st.allSecrets() })
	return secrets
}

func (st *store) allSecrets() (secrets []string) {
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
	return secrets
}

// bearerToken is the token in the Authorization header, or "" if there is no well-formed one.
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

const redacted = "[secret]"

// A secretSet is all secrets since the sandbox began, replaced ones too. It finds them by their lengths, of
// which there are few: to look for one after another would, with thousands of connections, be most of what an answer
// takes.
type secretSet struct {
	mu sync.RWMutex
	// known are the secrets by all the forms in which they can be written, lengths the lengths of these, the
	// greatest first.
	known   map[string]string
	lengths []int
}

// A shorter one is a word that a test made up, and redacting it would take half of a path.
const shortestSecret = 8

func (set *secretSet) add(secrets ...string) {
	set.mu.Lock()
	defer set.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		for _, form := range formsOf(secret) {
			set.known[form] = secret
			if !slices.Contains(set.lengths, len(form)) {
				set.lengths = append(set.lengths, len(form))
			}
		}
	}
	slices.SortFunc(set.lengths, func(a, b int) int { return b - a })
}

func formsOf(secret string) []string {
	return []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
}

// redactor makes a function that replaces all of them, and one more that need not be among them.
func (set *secretSet) redactor(more string) func(string) string {
	return set.replacer(more, func(string) string { return redacted })
}

// fingerprinter is redactor with the fingerprint of each secret in its place.
func (set *secretSet) fingerprinter(more string) func(string) string {
	return set.replacer(more, Fingerprint)
}

func (set *secretSet) replacer(more string, replace func(secret string) string) func(string) string {
	if len(more) < shortestSecret {
		return func(text string) string { return set.replace(text, "", nil, replace) }
	}
	forms := formsOf(more)
	return func(text string) string { return set.replace(text, more, forms, replace) }
}

func (set *secretSet) replace(text, more string, forms []string, replace func(secret string) string) string {
	set.mu.RLock()
	defer set.mu.RUnlock()
	var result strings.Builder
	kept := 0
	for at := 0; at < len(text); {
		length, secret := set.longestAt(text[at:], more, forms)
		if length == 0 {
			at++
			continue
		}
		result.WriteString(text[kept:at])
		result.WriteString(replace(secret))
		at += length
		kept = at
	}
	if kept == 0 {
		return text
	}
	return result.String() + text[kept:]
}

// longestAt is the longest secret that a text begins with, and how much of the text it is, or 0. A shorter one that
// is a part of it would leave the rest.
func (set *secretSet) longestAt(text, more string, forms []string) (length int, secret string) {
	for _, form := range forms {
		if strings.HasPrefix(text, form) {
			length, secret = max(length, len(form)), more
		}
	}
	for _, known := range set.lengths {
		if known <= length {
			break
		}
		if known > len(text) {
			continue
		}
		if found, ok := set.known[text[:known]]; ok {
			return known, found
		}
	}
	return length, secret
}

// longest is the length of the longest form of any of them.
func (set *secretSet) longest() int {
	set.mu.RLock()
	defer set.mu.RUnlock()
	if len(set.lengths) == 0 {
		return 0
	}
	return set.lengths[0]
}
