package main

import (
	"fmt"
	"html"
	"io"
	"strings"
)

const (
	rows   = 30 // at a time
	height = 19 // of a row
	width  = 8.4
	margin = 16
	top    = 40
	pause  = 0.22 // seconds that a line takes
	rest   = 5.0  // seconds at the end
	lead   = 2.4  // seconds more where a step begins, and before the next one
)

// colours are those of a terminal, from 31.
var colours = []string{"#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#e6edf3"}

// draw writes a window through which the lines move upward, one after another and then again from the
// beginning. Where nothing moves, as in print, it shows the first lines.
func draw(w io.Writer, title string, lines [][]span) {
	viewWidth, viewHeight := int(columns*width)+2*margin, top+rows*height+margin
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		viewWidth, viewHeight, viewWidth, viewHeight, html.EscapeString(title))
	frames, duration := timeline(lines)
	_, _ = fmt.Fprintf(w, "<title>%s</title>\n<style>\n"+
		"text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; white-space: pre }\n"+
		".b { font-weight: bold } .f { fill-opacity: .6 } .u { text-decoration: underline }\n", html.EscapeString(title))
	for i, colour := range colours {
		_, _ = fmt.Fprintf(w, ".c%d { fill: %s }\n", 31+i, colour)
	}
	_, _ = fmt.Fprintf(w, "#lines { animation: play %.1fs step-end infinite }\n"+
		"@media (prefers-reduced-motion: reduce) { #lines { animation: none } }\n@keyframes play {\n%s}\n</style>\n", duration, frames)
	_, _ = fmt.Fprintf(w, `<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>`+"\n"+
		`<circle cx="20" cy="18" r="6" fill="#ff5f56"/><circle cx="40" cy="18" r="6" fill="#ffbd2e"/><circle cx="60" cy="18" r="6" fill="#27c93f"/>`+"\n"+
		`<text x="50%%" y="23" text-anchor="middle" class="f">%s</text>`+"\n"+
		`<svg y="%d" width="100%%" height="%d"><g id="lines">`+"\n", html.EscapeString(title), top, rows*height)
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		_, _ = fmt.Fprintf(w, `<text x="%d" y="%d" xml:space="preserve">`, margin, i*height+height-5)
		for _, s := range line {
			_, _ = io.WriteString(w, s.svg())
		}
		_, _ = io.WriteString(w, "</text>\n")
	}
	_, _ = io.WriteString(w, "</g></svg>\n</svg>\n")
}

// timeline makes the animation: how far the lines have moved, and when.
func timeline(lines [][]span) (frames string, duration float64) {
	type frame struct {
		at    float64
		moved int
	}
	var all []frame
	at := lead
	for i := range lines {
		if begins(lines[i]) {
			at += lead
		}
		if moved := i + 1 - rows; moved > 0 {
			all = append(all, frame{at, moved * height})
			at += pause
		}
	}
	duration = at + rest
	var text strings.Builder
	text.WriteString("0% { transform: translateY(0) }\n")
	for _, f := range all {
		_, _ = fmt.Fprintf(&text, "%.3f%% { transform: translateY(-%dpx) }\n", 100*f.at/duration, f.moved)
	}
	return text.String(), duration
}

// begins tells whether a line is the heading of a step.
func begins(line []span) bool {
	return len(line) > 0 && strings.HasPrefix(line[0].text, "==> ")
}

func (s span) svg() string {
	var classes []string
	if s.bold {
		classes = append(classes, "b")
	}
	if s.faint {
		classes = append(classes, "f")
	}
	if s.underlined {
		classes = append(classes, "u")
	}
	if s.colour != 0 {
		classes = append(classes, fmt.Sprintf("c%d", s.colour))
	}
	text := html.EscapeString(s.text)
	if len(classes) == 0 {
		return text
	}
	return `<tspan class="` + strings.Join(classes, " ") + `">` + text + "</tspan>"
}
