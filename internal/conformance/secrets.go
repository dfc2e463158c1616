package conformance

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// fingerprint is how the contract names a token.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// secrets finds tokens in texts, in any form in which they can be written, and pieces of them: every
// sequence of shortestToken characters of each form is known.
type secrets struct {
	pieces map[string]namedToken
}

func newSecrets() *secrets { return &secrets{pieces: map[string]namedToken{}} }

func (s *secrets) add(token namedToken) {
	for _, form := range formsOf(token.value) {
		for i := 0; i+shortestToken <= len(form); i++ {
			s.pieces[form[i:i+shortestToken]] = token
		}
	}
}

func formsOf(token string) []string {
	forms := []string{
		token,
		strings.ToLower(token),
		strings.ToUpper(token),
		url.QueryEscape(token),
		url.PathEscape(token),
		strings.ReplaceAll(token, "/", `\/`),
		hex.EncodeToString([]byte(token)),
	}
	// Base64 of a longer text looks different for each of the three places at which the token can begin in it.
	for offset := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, offset), token...))
			forms = append(forms, encoded[min(2*offset, len(encoded)):len(encoded)-1])
		}
	}
	return forms
}

// find returns the first token of which the text holds a piece.
func (s *secrets) find(text string) (token namedToken, found bool) {
	for i := 0; i+shortestToken <= len(text); i++ {
		if token, found = s.pieces[text[i:i+shortestToken]]; found {
			return token, true
		}
	}
	return namedToken{}, false
}

// redact puts the name and the fingerprint of a token in the place of each piece of it.
func (s *secrets) redact(text string) string {
	var result strings.Builder
	kept := 0
	for i := 0; i+shortestToken <= len(text); i++ {
		token, found := s.pieces[text[i:i+shortestToken]]
		if !found {
			continue
		}
		end := i + shortestToken
		for end < len(text) {
			if _, more := s.pieces[text[end+1-shortestToken:end+1]]; !more {
				break
			}
			end++
		}
		result.WriteString(text[kept:i])
		result.WriteString("[" + token.name + ", " + fingerprint(token.value) + "]")
		kept, i = end, end-1
	}
	return result.String() + text[kept:]
}
