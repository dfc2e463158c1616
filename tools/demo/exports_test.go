package main

import (
	"io"
	"maps"
	"strings"
	"testing"
)

func TestReadExports(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		output string
		want   map[string]string
	}{
		"comments and blank lines": {"# A comment\n\nexport A='1'\n  # export B='x'\nexport B='2'\n", map[string]string{"A": "1", "B": "2"}},
		"more than wanted":         {"export C='3'\nexport A='1'\nexport B='2'\n", map[string]string{"A": "1", "B": "2", "C": "3"}},
		"quotes":                   {`export A='it'\''s'` + "\n" + `export B=''\'''` + "\n", map[string]string{"A": "it's", "B": "'"}},
		"empty":                    {"export A=''\nexport B='='\n", map[string]string{"A": "", "B": "="}},
	} {
		got, err := readExports(strings.NewReader(c.output), "A", "B")
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestReadExportsRefuses(t *testing.T) {
	t.Parallel()
	for output, words := range map[string]string{
		"":                           "it ended without exporting A, B",
		"export B='2'\n":             "it ended without exporting A",
		"A='secret'\n":               "neither a comment nor of the form",
		"export A\n":                 "neither a comment nor of the form",
		"export ='secret'\n":         "neither a comment nor of the form",
		"export A=secret\n":          "the value of A is not in single quotes",
		"export A='\n":               "the value of A is not in single quotes",
		"export A='secret'; rm 'x'":  "the value of A ends before its line does",
		"export A='secret\nsecret'":  "the value of A is not in single quotes",
		"export A=\"secret\"\nB='x'": "the value of A is not in single quotes",
	} {
		_, err := readExports(strings.NewReader(output), "A", "B")
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", output, err)
		}
	}
}

// Who prints the exports goes on running: its output doesn't end.
func TestReadExportsDoesNotWaitForTheEnd(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	go func() { _, _ = io.WriteString(writer, "export A='1'\nexport B='2'\n# and so on\n") }()
	if got, err := readExports(reader, "A", "B"); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
}
