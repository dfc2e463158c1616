package main

import (
	"strconv"
	"strings"
)

// columns is how wide the terminal is.
const columns = 110

// A style is how a terminal shows text. Colour is 0 or one of 31 to 37.
type style struct {
	bold, faint, underlined bool
	colour                  int
}

// A span is text of one style.
type span struct {
	style
	text string
}

// read takes a line apart. The style that it ends with goes on in the next.
func (s *style) read(line string) []span {
	var spans []span
	for line != "" {
		text, rest, escaped := strings.Cut(line, "\x1b")
		if text != "" {
			spans = append(spans, span{*s, text})
		}
		if !escaped {
			break
		}
		line = s.escape(rest)
	}
	return spans
}

// escape obeys a sequence that changes the style, passes over any other, and returns what follows.
func (s *style) escape(sequence string) (rest string) {
	parameters, isControl := strings.CutPrefix(sequence, "[")
	if !isControl {
		return sequence
	}
	end := strings.IndexFunc(parameters, func(r rune) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		return ""
	}
	if parameters[end] == 'm' {
		for parameter := range strings.SplitSeq(parameters[:end], ";") {
			number, _ := strconv.Atoi(parameter)
			s.set(number)
		}
	}
	return parameters[end+1:]
}

func (s *style) set(parameter int) {
	switch {
	case parameter == 0:
		*s = style{}
	case parameter == 1:
		s.bold = true
	case parameter == 2:
		s.faint = true
	case parameter == 4:
		s.underlined = true
	case parameter == 22:
		s.bold, s.faint = false, false
	case parameter == 24:
		s.underlined = false
	case parameter == 39:
		s.colour = 0
	case parameter >= 31 && parameter <= 37:
		s.colour = parameter
	case parameter >= 90 && parameter <= 97:
		s.faint = true
	}
}

// wrap breaks a line where the terminal ends.
func wrap(spans []span) [][]span {
	lines, column := [][]span{nil}, 0
	for _, s := range spans {
		runes := []rune(s.text)
		for len(runes) > 0 {
			if column == columns {
				lines, column = append(lines, nil), 0
			}
			n := min(len(runes), columns-column)
			last := len(lines) - 1
			lines[last] = append(lines[last], span{s.style, string(runes[:n])})
			runes, column = runes[n:], column+n
		}
	}
	return lines
}
