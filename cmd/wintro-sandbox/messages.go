package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// introduce returns the command's first message: the address of its page, and its companies and organisations.
func introduce(s *sandbox.Sandbox, url string) string {
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "The sandbox's page is at %s/\n", url)
	shot := s.Snapshot()
	for _, c := range shot.Companies {
		var people []string
		for _, p := range shot.People {
			if p.CompanyID == c.ID {
				people = append(people, fmt.Sprintf("%s %s (%s)", p.FirstName, p.LastName, p.Role))
			}
		}
		_, _ = fmt.Fprintf(&text, "Recruitee: %s, ID %d: %s\n", c.Name, c.ID, cmp.Or(strings.Join(people, ", "), "nobody"))
	}
	var organisations []string
	for _, o := range shot.Organisations {
		organisations = append(organisations, o.Name)
	}
	_, _ = fmt.Fprintf(&text, "Wintro: %s; connections: %d", strings.Join(organisations, ", "), len(shot.Connections))
	return text.String()
}

// requestLine returns a request as one line for the terminal. Callers choose most of it, so it contains only printable
// characters.
func requestLine(r sandbox.Request) string {
	status := "no response"
	if r.Status != 0 {
		status = strconv.Itoa(r.Status)
	}
	path := r.Path
	if r.Query != "" {
		path += "?" + r.Query
	}
	line := fmt.Sprintf("%s  %-6s %-60s %3s  %6s", r.Time.Format(time.TimeOnly), r.Method, path, status, r.Duration.Round(100*time.Microsecond))
	if r.BearerFingerprint != "" {
		line += "  " + r.BearerFingerprint[:min(len(r.BearerFingerprint), len("SHA256:")+8)]
	}
	if r.Fault != "" {
		line += "  fault: " + string(r.Fault)
	}
	return strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return unicode.ReplacementChar
	}, line)
}
