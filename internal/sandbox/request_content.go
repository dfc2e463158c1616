package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A RequestContent is a request with its headers and bodies, and those of its response. Fingerprints stand for the
// tokens in the header Authorization and in the field apiToken.
type RequestContent struct {
	Request
	Sent     Message `json:"sent"`
	Answered Message `json:"answered"`
	// Forgotten is whether headers and bodies are no longer kept. Only the newest requests have theirs.
	Forgotten bool `json:"forgotten"`
}

// A Message is the kept part of a request or a response, without tokens.
type Message struct {
	Header []HeaderField `json:"header"`
	Body   string        `json:"body"`
	// CutOff is whether there was more of the body than is kept.
	CutOff bool `json:"cut_off"`
}

// A HeaderField is one line of a header.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// RequestContent returns a request of the log by its number.
func (s *Sandbox) RequestContent(number int) (content RequestContent, found bool) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	i, found := slices.BinarySearchFunc(s.log.entries, number, func(e *logEntry, number int) int {
		return e.Number - number
	})
	if !found {
		return RequestContent{}, false
	}
	content = s.log.entries[i].RequestContent
	content.Sent.indent()
	content.Answered.indent()
	return content, true
}

const (
	// maxBodyKept is above all bodies except those of long lists.
	maxBodyKept = 16 << 10
	// maxHeaderFields is far above the number of fields in a usual header.
	maxHeaderFields = 50
)

// newMessage copies a header and a body, with fingerprints in place of the tokens in Authorization and apiToken.
func newMessage(header http.Header, body []byte) Message {
	body = redactAPIToken(body)
	m := Message{
		Header: []HeaderField{},
		Body:   strings.ToValidUTF8(string(body[:min(len(body), maxBodyKept)]), "\uFFFD"),
		CutOff: len(body) > maxBodyKept,
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			switch {
			case len(m.Header) == maxHeaderFields:
				continue
			case name != "Authorization":
				value = cut(value)
			case bearerToken(header) != "":
				value = "Bearer " + Fingerprint(bearerToken(header))
			default:
				value = "(not a bearer token)"
			}
			m.Header = append(m.Header, HeaderField{cut(name), value})
		}
	}
	return m
}

var apiTokenField = regexp.MustCompile(`(?i)("apiToken"\s*:\s*)("(?:[^"\\]|\\.)*"?)`)

// redactAPIToken replaces the text in each field apiToken with its fingerprint, even if the rest isn't JSON.
func redactAPIToken(body []byte) []byte {
	return apiTokenField.ReplaceAllFunc(body, func(field []byte) []byte {
		parts := apiTokenField.FindSubmatch(field)
		shown := "(token)"
		var token string
		if json.Unmarshal(parts[2], &token) == nil {
			shown = Fingerprint(token)
		}
		return fmt.Appendf(nil, "%s%q", parts[1], shown)
	})
}

// indent writes JSON in the body on several lines.
func (m *Message) indent() {
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(m.Body), "", "  ") == nil {
		m.Body = strings.TrimSpace(indented.String())
	}
}
