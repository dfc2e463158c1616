// Package transporttest holds what the fuzz tests of all decoders check: what a server says must not
// harm the terminal on which a person reads it.
package transporttest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// LongestError is how many characters the text of an error has at most: a screen of 24 lines with
// 80 characters each, less four lines for what the provider itself says beside it.
const LongestError = 20 * 80

// harmful is what doesn't belong on a terminal: control characters, with them the beginning of each
// escape sequence; invisible ones, with them those that turn the direction of text; line and paragraph
// separators; what has no meaning of its own.
var harmful = []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point}

// CheckText fails the test if one of the texts isn't fit for a terminal.
func CheckText(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Errorf("%q isn't UTF-8", text)
		}
		for _, char := range text {
			if unicode.In(char, harmful...) {
				t.Errorf("%q holds %U", text, char)
			}
		}
	}
}

// CheckLabel fails the test if a text that people have chosen, and that has to stay as it is, holds
// control characters or is longer than limit characters.
func CheckLabel(t testing.TB, text string, limit int) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || utf8.RuneCountInString(text) > limit {
		t.Errorf("%q isn't a label of at most %d characters", text, limit)
	}
}

// CheckError fails the test if the error's text isn't fit for a terminal, fills more than a screen, or
// holds a secret, in whatever case.
func CheckError(t testing.TB, err error, secrets ...string) {
	t.Helper()
	text := err.Error()
	CheckText(t, text)
	if length := utf8.RuneCountInString(text); length > LongestError {
		t.Errorf("%d characters: %q", length, text)
	}
	CheckSecrets(t, text, secrets...)
}

// CheckSecrets fails the test if the text holds a secret, in whatever case.
func CheckSecrets(t testing.TB, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(lower(text), lower(secret)) {
			t.Errorf("%q holds the secret %q", text, secret)
		}
	}
}

// lower knows ASCII only: strings.ToLower makes letters alike that aren't the same.
func lower(text string) string {
	return strings.Map(func(char rune) rune {
		if 'A' <= char && char <= 'Z' {
			return char + 'a' - 'A'
		}
		return char
	}, text)
}
