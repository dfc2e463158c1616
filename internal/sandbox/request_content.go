package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A RequestContent is the headers and bodies of a request and of its answer. It holds fingerprints in place of tokens.
type RequestContent struct {
	Request
	Sent     Message `json:"sent"`
	Answered Message `json:"answered"`
	// Forgotten is whether headers and bodies are no longer kept: only those of the newest requests are.
	Forgotten bool `json:"forgotten"`
}

// A Message is a request or an answer.
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
		return e.request.Number - number
	})
	if !found {
		return RequestContent{}, false
	}
	entry := s.log.entries[i]
	token := bearerToken(&http.Request{Header: entry.content.sent.header})
	m := masker{
		replace: s.store.secrets.fingerprinter(token),
		longest: max(s.store.secrets.longest(), len(url.QueryEscape(token))),
		bearer:  token,
	}
	return RequestContent{
		Request:   entry.shown(),
		Sent:      m.message(entry.content.sent, m.sentBody(entry.content.sent)),
		Answered:  m.message(entry.content.answered, m.answeredBody(entry.content.answered)),
		Forgotten: entry.content.forgotten,
	}, true
}

// requestContent is what is kept of a request and its answer, as they were: tokens are masked when somebody looks.
type requestContent struct {
	sent, answered message
	forgotten      bool
}

func (c requestContent) size() int { return c.sent.size() + c.answered.size() }

type message struct {
	header http.Header
	body   []byte
	cutOff bool
}

// maxBodyKept is above all bodies but those of long lists.
const maxBodyKept = 16 << 10

func (m message) withBody(body []byte) message {
	m.cutOff = len(body) > maxBodyKept
	m.body = bytes.Clone(body[:min(len(body), maxBodyKept)])
	return m
}

func (m message) size() int {
	size := len(m.body)
	for name, values := range m.header {
		size += len(name)
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}

// masker puts fingerprints in the place of secrets.
type masker struct {
	replace func(string) string
	// longest is the length of the longest secret.
	longest int
	bearer  string
}

func (m masker) message(kept message, body string) Message {
	shown := Message{Header: []HeaderField{}, Body: body, CutOff: kept.cutOff}
	for name, values := range kept.header {
		for _, value := range values {
			shown.Header = append(shown.Header, HeaderField{name, m.headerValue(name, value)})
		}
	}
	slices.SortFunc(shown.Header, func(a, b HeaderField) int { return strings.Compare(a.Name, b.Name) })
	return shown
}

func (m masker) headerValue(name, value string) string {
	switch name {
	case "Authorization":
		if m.bearer == "" {
			return redacted
		}
		return "Bearer " + Fingerprint(m.bearer)
	case "Cookie", "Proxy-Authorization":
		return redacted
	}
	return m.replace(value)
}

// sentBody shows nothing but complete JSON: elsewhere nobody knows what a token is that neither system has seen before.
func (m masker) sentBody(kept message) string {
	if laidOut, ok := m.laidOut(kept); ok {
		return laidOut
	}
	return ""
}

func (m masker) answeredBody(kept message) string {
	if laidOut, ok := m.laidOut(kept); ok {
		return laidOut
	}
	text := m.replace(string(kept.body))
	if kept.cutOff {
		// At the end there could be a part of a token.
		text = text[:max(0, len(text)-m.longest)]
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// laidOut is the body as JSON on several lines, and whether it is JSON.
func (m masker) laidOut(kept message) (text string, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(kept.body))
	decoder.UseNumber()
	var value any
	if kept.cutOff || decoder.Decode(&value) != nil || decoder.More() {
		return "", false
	}
	var laidOut bytes.Buffer
	encoder := json.NewEncoder(&laidOut)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(m.json(value))
	return strings.TrimSuffix(laidOut.String(), "\n"), err == nil
}

func (m masker) json(value any) any {
	switch value := value.(type) {
	case string:
		return m.replace(value)
	case []any:
		for i, element := range value {
			value[i] = m.json(element)
		}
		return value
	case map[string]any:
		masked := make(map[string]any, len(value))
		for name, field := range value {
			// Whatever is sent as a token is one, be it as short or as wrong as it may.
			if token, isText := field.(string); isText && name == "apiToken" {
				masked[name] = Fingerprint(token)
				continue
			}
			masked[m.replace(name)] = m.json(field)
		}
		return masked
	}
	return value
}
