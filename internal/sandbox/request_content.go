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

// A RequestContent is a logged request with the headers and bodies of the request and its response. Fingerprints
// replace the tokens in the header Authorization and in the field apiToken.
type RequestContent struct {
	Request
	Sent, Received Message
	// Forgotten reports whether the sandbox has dropped the headers and bodies, which it keeps only for the newest
	// requests.
	Forgotten bool
}

// A Message contains the header and body of a request or a response. The log redacts tokens and cuts off long texts.
type Message struct {
	Header []HeaderField
	Body   string
	// CutOff reports whether Body contains only the beginning of the body.
	CutOff bool
}

// A HeaderField is one line of a header.
type HeaderField struct{ Name, Value string }

// RequestContent returns the logged request with the given number.
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
	content.Received.indent()
	return content, true
}

const (
	// maxBodyKept is the number of bytes that the log keeps of a body. Among the responses of Recruitee and Wintro,
	// only long lists are larger.
	maxBodyKept = 16 << 10
	// maxHeaderFields is the number of fields that the log keeps of a header. Usual headers have far fewer.
	maxHeaderFields = 50
)

// newMessage copies a header and a body, and replaces the tokens in Authorization and apiToken with fingerprints.
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

// redactAPIToken replaces the string in each field apiToken with its fingerprint. It doesn't decode the body, because
// it must also find a token in invalid JSON. If the string itself is invalid, it inserts "(token)" instead.
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

// indent indents the body if it is JSON.
func (m *Message) indent() {
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(m.Body), "", "  ") == nil {
		m.Body = strings.TrimSpace(indented.String())
	}
}
