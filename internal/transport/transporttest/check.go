// Package transporttest provides a test server, and checks for the fuzz tests of all decoders. The checks ensure
// that a server's texts can't harm the user's terminal.
package transporttest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// LongestError is the maximum length of an error's text: a screen of 24 lines of 80 characters, minus four lines
// for the provider's own text.
const LongestError = 20 * 80

// harmful contains the characters that may harm a terminal or mislead its user. Control characters begin escape
// sequences, and some invisible characters change the direction of text. The other tables contain line and paragraph
// separators, and characters without a defined meaning.
var harmful = []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point}

// CheckText fails the test if one of the texts isn't safe to print.
func CheckText(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Errorf("%q isn't UTF-8", text)
		}
		for _, char := range text {
			if unicode.In(char, harmful...) {
				t.Errorf("%q contains %U", text, char)
			}
		}
	}
}

// CheckLabel fails the test if a user's label isn't valid UTF-8, contains control characters, or is longer than limit
// characters.
func CheckLabel(t testing.TB, text string, limit int) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || utf8.RuneCountInString(text) > limit {
		t.Errorf("%q isn't a label of at most %d characters", text, limit)
	}
}

// CheckError fails the test if the error's text isn't safe to print, fills more than a screen, or contains a
// secret, ignoring case.
func CheckError(t testing.TB, err error, secrets ...string) {
	t.Helper()
	text := err.Error()
	CheckText(t, text)
	if length := utf8.RuneCountInString(text); length > LongestError {
		t.Errorf("the error has %d characters: %q", length, text)
	}
	CheckSecrets(t, text, secrets...)
}

// CheckSecrets fails the test if the text contains a secret, ignoring case.
func CheckSecrets(t testing.TB, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(lower(text), lower(secret)) {
			t.Errorf("%q contains the secret %q", text, secret)
		}
	}
}

// lower converts only ASCII letters, because strings.ToLower also turns some other characters into ASCII letters, such
// as the Kelvin sign into a k.
func lower(text string) string {
	return strings.Map(func(char rune) rune {
		if 'A' <= char && char <= 'Z' {
			return char + 'a' - 'A'
		}
		return char
	}, text)
}
