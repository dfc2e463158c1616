package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// printer prints lines to the terminal, in colour if color is true.
type printer struct {
	io.Writer
	color bool
}

// newPrinter returns a printer that uses colours if the output is a terminal or CLICOLOR_FORCE is set. NO_COLOR always
// turns colours off.
func newPrinter(output *os.File) printer {
	info, err := output.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return printer{output, os.Getenv("NO_COLOR") == "" && (terminal || os.Getenv("CLICOLOR_FORCE") != "")}
}

// ANSI escape codes for styles of text.
const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	reset = "\x1b[0m"
)

func (p printer) line(style, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if p.color {
		text = style + text + reset
	}
	_, _ = fmt.Fprintln(p, text)
}

func (p printer) heading(format string, args ...any) {
	_, _ = fmt.Fprintln(p)
	p.line(bold, "==> "+format, args...)
}

func (p printer) note(format string, args ...any) {
	p.line(faint, format, args...)
}

func (p printer) indented(text string) {
	_, _ = fmt.Fprintln(p, "\n    "+strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    "))
}
