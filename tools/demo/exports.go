package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// readExports reads lines of the form export NAME='value' until it has all the names that are wanted.
// It leaves the rest unread, since who prints them goes on running. Other lines are comments.
func readExports(output io.Reader, wanted ...string) (map[string]string, error) {
	exports := map[string]string{}
	missing := slices.Clone(wanted)
	lines := bufio.NewScanner(output)
	for len(missing) > 0 && lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, err := parseExport(line)
		if err != nil {
			return nil, err
		}
		exports[name] = value
		missing = slices.DeleteFunc(missing, func(wanted string) bool { return wanted == name })
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("it ended without exporting %s", strings.Join(missing, ", "))
	}
	return exports, nil
}

// parseExport takes a line such as export NAME='it'\”s' apart.
func parseExport(line string) (name, value string, err error) {
	// The value is not shown: it may be a token.
	assignment, isExport := strings.CutPrefix(line, "export ")
	name, quoted, isAssignment := strings.Cut(assignment, "=")
	if !isExport || !isAssignment || name == "" {
		return "", "", fmt.Errorf("a line is neither a comment nor of the form export NAME='value'")
	}
	if len(quoted) < 2 || quoted[0] != '\'' || quoted[len(quoted)-1] != '\'' {
		return "", "", fmt.Errorf("the value of %s is not in single quotes", name)
	}
	value = strings.ReplaceAll(quoted[1:len(quoted)-1], `'\''`, "\x00")
	if strings.Contains(value, "'") {
		return "", "", fmt.Errorf("the value of %s ends before its line does", name)
	}
	return name, strings.ReplaceAll(value, "\x00", "'"), nil
}
