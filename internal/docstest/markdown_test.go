package docstest

import (
	"path/filepath"
	"strings"
	"testing"
)

// page is a Markdown file. Its name is relative to the root of the repository, with slashes.
type page struct {
	name, text string
}

// readPage returns the page with this name.
func readPage(t *testing.T, name string) page {
	t.Helper()
	return page{name, read(t, filepath.Join(root, filepath.FromSlash(name)))}
}

// pages returns the Markdown files that the tests check: the documentation, the pages in examples, and the other pages
// for readers of the repository.
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
	for _, pattern := range []string{"*.md", ".github/*.md", "internal/*/README.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no pages match %s: %v", pattern, err)
		}
		for _, path := range paths {
			name, _ := filepath.Rel(root, path)
			all = append(all, readPage(t, filepath.ToSlash(name)))
		}
	}
	if len(all) < 15 {
		t.Fatalf("there are only %d pages", len(all))
	}
	return all
}

// codeBlock is a fenced block of code.
type codeBlock struct {
	language, text string
	// line is the number of the line on which the code begins.
	line int
}

// split separates a page's blocks of code from its prose. An empty line replaces each line of a block, so the prose has
// as many lines as the page.
func (p page) split(t *testing.T) (blocks []codeBlock, prose string) {
	t.Helper()
	var left strings.Builder
	var open *codeBlock
	fence, number := "", 0
	for line := range strings.Lines(p.text) {
		number++
		trimmed := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(trimmed, "```"):
			fence = line[:strings.Index(line, "```")]
			open = &codeBlock{language: strings.TrimPrefix(trimmed, "```"), line: number + 1}
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
