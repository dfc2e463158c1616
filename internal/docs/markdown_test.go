package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// page is a text for people. Its name has slashes and begins at the root of the repository.
type page struct {
	name, text string
}

// pages are all texts in Markdown that are not templates.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	eachFile(t, filepath.Join(root, "docs"), func(name, text string) {
		all = append(all, page{"docs/" + name, text})
	})
	eachFile(t, examples, func(name, text string) {
		if strings.HasSuffix(name, ".md") {
			all = append(all, page{"examples/" + name, text})
		}
	})
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".md") {
			all = append(all, page{entry.Name(), read(t, filepath.Join(root, entry.Name()))})
		}
	}
	if len(all) < 15 {
		t.Fatalf("there are only %d pages", len(all))
	}
	return all
}

// listing is a fenced block of code.
type listing struct {
	language, text string
	// line is where it begins in its page.
	line int
}

// split takes the blocks of code out of a page. What is left has as many lines as the page.
func (p page) split(t *testing.T) (blocks []listing, prose string) {
	t.Helper()
	var left strings.Builder
	var open *listing
	fence, number := "", 0
	for line := range strings.Lines(p.text) {
		number++
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			fence = line[:strings.Index(line, "```")]
			open = &listing{language: strings.TrimPrefix(trimmed, "```"), line: number + 1}
		case open != nil && trimmed == "```":
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += strings.TrimPrefix(line, fence)
		default:
			left.WriteString(line)
			continue
		}
		left.WriteString("\n")
	}
	if open != nil {
		t.Errorf("%s:%d: the block doesn't end", p.name, open.line)
	}
	return blocks, left.String()
}
