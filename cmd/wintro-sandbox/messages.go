package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// requestLine formats a request as one line for the terminal. It replaces unprintable characters, because most of the
// text comes from the request.
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
