package conformance

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// printable redacts the secrets in a text, and makes the text safe to print in a terminal and in the log of a CI
// system. Except for line breaks, it escapes control characters, invisible characters, and characters that change
// the writing direction.
func printable(text string) string {
	var result strings.Builder
	for _, char := range strings.ToValidUTF8(transport.Redact(text), "\uFFFD") {
		if char == '\n' || unicode.IsPrint(char) {
			result.WriteRune(char)
		} else {
			_, _ = fmt.Fprintf(&result, `\u%04x`, char)
		}
	}
	// GitHub and Azure read "##[" and "##vso[" as the beginning of a command, anywhere in a line.
	return strings.ReplaceAll(result.String(), "##", `#\u0023`)
}

// maxMessage is the number of bytes after which message cuts a text off.
const maxMessage = 1000

// message formats a text as one printable line without secrets, for a report or an error.
func message(format string, args ...any) string {
	return cut(strings.ReplaceAll(printable(fmt.Sprintf(format, args...)), "\n", `\n`), maxMessage)
}

// cut shortens a text to limit bytes, and appends the original length. It returns a shorter text unchanged.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + fmt.Sprintf("... (%d bytes in all)", len(text))
}
