package connection

import (
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// RememberSecret makes Redact remove a token from every text. Call it when the token enters the process.
func RememberSecret(token string) { transport.RememberSecret(token) }

// Redact replaces each secret that this process has seen with "(secret)".
func Redact(text string) string { return transport.Redact(text) }

// withoutToken removes a connection's token from a text in Wintro's response. A process that only reads the connection
// doesn't know its token, but Wintro reports the fingerprint.
func withoutToken(text, tokenFingerprint string) string {
	for _, word := range append(strings.Fields(text), text) {
		if tokenFingerprint != "" && Fingerprint(word) == tokenFingerprint {
			RememberSecret(word)
		}
	}
	return Redact(text)
}
