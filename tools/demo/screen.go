package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// A screen is where the viewer looks.
type screen struct {
	io.Writer
	colour bool
}

// newScreen uses colours if the output is a terminal, unless NO_COLOR says that they are not wanted.
func newScreen(output *os.File) *screen {
	info, err := output.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &screen{output, terminal && os.Getenv("NO_COLOR") == ""}
}

// What a terminal takes for a change of style.
const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

func (s *screen) line(style, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.colour {
		text = style + text + plain
	}
	_, _ = fmt.Fprintln(s, text)
}

// heading says what the next step shows.
func (s *screen) heading(format string, args ...any) {
	_, _ = fmt.Fprintln(s)
	s.line(bold, "==> "+format, args...)
}

// note says something in passing.
func (s *screen) note(format string, args ...any) {
	s.line(faint, format, args...)
}

// indented shows a file.
func (s *screen) indented(text string) {
	_, _ = fmt.Fprintln(s)
	for line := range strings.Lines(text) {
		_, _ = io.WriteString(s, strings.TrimRight("    "+line, " \n")+"\n")
	}
}
