package connection

import "testing"

// The number of remembered secrets is bounded. If withoutToken remembered words, Wintro's responses could make the
// provider forget real secrets.
func TestWithoutTokenRemembersNoSecret(t *testing.T) {
	t.Parallel()
	const word = "Hiring-Company-4711"
	if got := withoutToken("The "+word+".. "+word, Fingerprint(word)); got != "The (secret).. (secret)" {
		t.Errorf("the text became %q", got)
	}
	if got := Redact(word); got != word {
		t.Errorf("another text became %q", got)
	}
}
