package conformance

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unwrap joins the lines of a text, so that a test can search it for sentences.
func unwrap(text string) string { return strings.Join(strings.Fields(text), " ") }

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestChecksQuoteTheContract expects that each check quotes the contract, has a unique name, and describes its
// expectation in full sentences. The checks of a subject must follow each other.
func TestChecksQuoteTheContract(t *testing.T) {
	t.Parallel()
	contract := unwrap(read(t, "../contract/openapi.yaml") + "\n" + read(t, "../contract/README.md"))
	name := regexp.MustCompile(`^[a-z-]+/[a-zA-Z-]+$`)
	var names, subjects []string
	for _, check := range Checks() {
		if !name.MatchString(check.Name) || slices.Contains(names, check.Name) {
			t.Errorf("the name %q is malformed, or another check has it", check.Name)
		}
		if !strings.HasSuffix(check.Expects, ".") {
			t.Errorf("%s: Expects isn't a sentence: %s", check.Name, check.Expects)
		}
		if check.Contract == "" || !strings.Contains(contract, unwrap(check.Contract)) {
			t.Errorf("%s: the contract doesn't say %q", check.Name, check.Contract)
		}
		if n := len(subjects); n == 0 || subjects[n-1] != check.Subject() {
			if slices.Contains(subjects, check.Subject()) {
				t.Errorf("the checks of the subject %s don't follow each other", check.Subject())
			}
			subjects = append(subjects, check.Subject())
		}
		names = append(names, check.Name)
	}
}
