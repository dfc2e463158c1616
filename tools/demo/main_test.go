package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for args, want := range map[string]struct {
		status int
		words  string
	}{
		"-h":                         {succeeded, "-terraform program"},
		"-x":                         {misused, "-x"},
		"now":                        {misused, `unexpected argument "now"`},
		"-terraform ./not-there":     {failed, "demo: -terraform ./not-there: "},
		"-terraform ./script.go now": {misused, "now"},
	} {
		var stderr strings.Builder
		status := run(t.Context(), strings.Fields(args), &screen{io.Discard, false}, &stderr)
		if status != want.status || !strings.Contains(stderr.String(), want.words) {
			t.Errorf("%s: status %d, %s", args, status, &stderr)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
