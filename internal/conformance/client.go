package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// The operations of the contract, by their names in openapi.yaml.
const (
	opList      = "listConnections"
	opCreate    = "createConnection"
	opGet       = "getConnection"
	opUpdate    = "updateConnection"
	opDelete    = "deleteConnection"
	opStartSync = "startSync"
	opGetSync   = "getSync"
)

// A call is a request before it is sent.
type call struct {
	// op is the operation, or "" for what isn't one.
	op           string
	method, path string
	query        string
	// token is Wintro's, by default the configured one. noToken leaves it out.
	token   string
	noToken bool
	header  http.Header
	body    []byte
}

// An exchange is a request and its answer.
type exchange struct {
	call
	url    string
	sent   http.Header
	status int
	header http.Header
	answer []byte
	// err is why there is no answer.
	err error
	at  time.Time
}

const (
	// maxAnswer is far above any answer that the contract knows.
	maxAnswer = 8 << 20
	// maxRefusals is how often a request is sent again after the server has refused it for the rate limit.
	maxRefusals = 3
)

// A client sends requests, keeps to the rate limit, and shows what was sent without tokens.
type client struct {
	config  Config
	secrets *secrets

	// mu guards what follows.
	mu      sync.Mutex
	pacers  map[string]*pacer
	sent    int
	refused int
}

func newClient(config Config) *client {
	c := &client{config: config, secrets: newSecrets(), pacers: map[string]*pacer{}}
	for _, token := range config.tokens() {
		if token.value != "" {
			c.secrets.add(token)
		}
	}
	return c
}

// bearer is the token that the call is sent with.
func (c *client) bearer(call call) string {
	switch {
	case call.noToken:
		return ""
	case call.token != "":
		return call.token
	}
	return c.config.APIToken
}

func (c *client) pacer(token string) *pacer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pacers[token] == nil {
		c.pacers[token] = &pacer{}
	}
	return c.pacers[token]
}

func (c *client) onWait(d time.Duration, reason string) {
	if c.config.OnWait != nil && d >= time.Second {
		c.config.OnWait(d, reason)
	}
}

// send waits until the rate limit allows the call, and sends it. A refusal for the rate limit means that
// somebody else uses the token, too: the call is sent again. The error is that of ctx.
func (c *client) send(ctx context.Context, call call) (*exchange, error) {
	for refusals := 0; ; refusals++ {
		exchanges, err := c.sendAtOnce(ctx, call, 1)
		if err != nil {
			return nil, err
		}
		if exchanges[0].status != http.StatusTooManyRequests || refusals == maxRefusals {
			return exchanges[0], nil
		}
	}
}

// sendAtOnce sends a call n times at the same time.
func (c *client) sendAtOnce(ctx context.Context, call call, n int) ([]*exchange, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	pacer := c.pacer(c.bearer(call))
	if err := pacer.wait(ctx, n, c.onWait); err != nil {
		return nil, err
	}
	exchanges := make([]*exchange, n)
	var group sync.WaitGroup
	for i := range exchanges {
		// What is under way when ctx ends is finished: it may make something that must be removed.
		group.Go(func() { exchanges[i] = c.sendNow(context.WithoutCancel(ctx), call) })
	}
	group.Wait()
	for _, exchange := range exchanges {
		if exchange.err == nil {
			pacer.note(exchange)
		}
	}
	return exchanges, nil
}

// sendNow sends a call without regard to the rate limit.
func (c *client) sendNow(ctx context.Context, call call) *exchange {
	e := &exchange{call: call, url: c.config.Endpoint + call.path, at: time.Now()}
	if call.query != "" {
		e.url += "?" + call.query
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, call.method, e.url, bytes.NewReader(call.body))
	if err != nil {
		e.err = err
		return e
	}
	request.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {"wintro-conformance"}}
	if token := c.bearer(call); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range call.header {
		request.Header[name] = values
	}
	e.sent = request.Header.Clone()
	response, err := c.config.Client.Do(request)
	if err == nil {
		e.status, e.header = response.StatusCode, response.Header
		e.answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		_ = response.Body.Close()
	}
	// The error of net/http repeats the URL, which is shown anyway.
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err
	}
	e.err = err
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	if e.status == http.StatusTooManyRequests {
		c.refused++
	}
	return e
}

// An Exchange is a request and its answer as a report shows them: in the place of each token are its name
// and its fingerprint.
type Exchange struct {
	Request string `json:"request"`
	Answer  string `json:"answer"`
}

// maxShown is how much of a body a report shows.
const maxShown = 4000

func (c *client) show(e *exchange) Exchange {
	var request strings.Builder
	_, _ = fmt.Fprintf(&request, "%s %s\n", e.method, e.url)
	writeHeader(&request, e.sent)
	c.writeBody(&request, e.body)
	var answer strings.Builder
	if e.err != nil {
		_, _ = fmt.Fprintf(&answer, "no complete answer: %v", e.err)
	} else {
		_, _ = fmt.Fprintf(&answer, "%d %s\n", e.status, http.StatusText(e.status))
		writeHeader(&answer, e.header)
		c.writeBody(&answer, e.answer)
	}
	return Exchange{Request: c.secrets.redact(request.String()), Answer: c.secrets.redact(answer.String())}
}

func writeHeader(text *strings.Builder, header http.Header) {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			_, _ = fmt.Fprintf(text, "%s: %s\n", name, value)
		}
	}
}

// tokenField matches a field that may hold a token of a connection that isn't the kit's, so that nobody can look
// for its value.
var tokenField = regexp.MustCompile(`("(?i:[a-z_]*(?:token|secret)(?:|s|hint|value))"\s*:\s*)"[^"\[][^"]*"`)

func (c *client) writeBody(text *strings.Builder, body []byte) {
	if len(body) == 0 {
		return
	}
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") != nil {
		indented.Reset()
		indented.Write(body)
	}
	// The cut comes last: it must not leave a piece of a token that is too short to be found.
	shown := c.secrets.redact(strings.ToValidUTF8(strings.TrimSpace(indented.String()), "\uFFFD"))
	shown = tokenField.ReplaceAllString(shown, `$1"[hidden]"`)
	text.WriteString("\n")
	if len(shown) <= maxShown {
		text.WriteString(shown)
		return
	}
	text.WriteString(strings.ToValidUTF8(shown[:maxShown], ""))
	_, _ = fmt.Fprintf(text, "\n... (%d bytes in all)", len(body))
}

// An object is a JSON object of an answer. It is read leniently, so that one mistake of the server's doesn't
// hide the others: whether it is as the contract wants it is for the checks of the subject document.
type object map[string]any

func (e *exchange) decode() (envelope struct {
	Data  any    `json:"data"`
	Meta  object `json:"meta"`
	Error object `json:"error"`
}) {
	decoder := json.NewDecoder(bytes.NewReader(e.answer))
	decoder.UseNumber()
	_ = decoder.Decode(&envelope)
	return envelope
}

// isSuccess reports whether there is an answer that is no refusal.
func (e *exchange) isSuccess() bool { return e.err == nil && e.status >= 200 && e.status < 300 }

// data is the object in the answer, or nil.
func (e *exchange) data() object {
	data, _ := e.decode().Data.(map[string]any)
	return data
}

// items is the list in the answer, and whether there is one.
func (e *exchange) items() (items []object, found bool) {
	list, found := e.decode().Data.([]any)
	for _, item := range list {
		item, _ := item.(map[string]any)
		items = append(items, item)
	}
	return items, found
}

func (e *exchange) errorCode() string { return e.decode().Error.text("code") }

// errorFields are the names in error.fields.
func (e *exchange) errorFields() (names []string) {
	fields, _ := e.decode().Error["fields"].([]any)
	for _, field := range fields {
		field, _ := field.(map[string]any)
		names = append(names, object(field).text("field"))
	}
	return names
}

// pagination is a number in meta.pagination, or -1.
func (e *exchange) pagination(name string) int {
	pagination, _ := e.decode().Meta["pagination"].(map[string]any)
	number, _ := pagination[name].(json.Number)
	n, err := number.Int64()
	if err != nil {
		return -1
	}
	return int(n)
}

// text is a field's value if it is a text or a number, or "".
func (o object) text(name string) string {
	switch value := o[name].(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

func (o object) id() string { return o.text("id") }

func shown(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}
