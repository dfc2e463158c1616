package conformance

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// The IDs of the operations in openapi.yaml.
const (
	opList      = "listConnections"
	opCreate    = "createConnection"
	opGet       = "getConnection"
	opUpdate    = "updateConnection"
	opDelete    = "deleteConnection"
	opStartSync = "startSync"
	opGetSync   = "getSync"
)

// A call describes a request to the configured endpoint.
type call struct {
	// op is the operation's ID in openapi.yaml, or "" for a request that the contract doesn't describe.
	op           string
	method, path string
	query        string
	// token is the Wintro API token that authenticates the call. If it is empty, the client sends the configured
	// token. If it is noToken, the client sends no token.
	token  string
	header http.Header
	body   []byte
}

const noToken = "no token"

// id returns the ID of the connection in the path, in its escaped form.
func (c call) id() string {
	id, _, _ := strings.Cut(strings.TrimPrefix(c.path, "/ats-connections/"), "/")
	return id
}

// An exchange consists of a request and its response.
type exchange struct {
	call
	url            string
	sentHeader     http.Header
	status         int
	responseHeader http.Header
	responseBody   []byte
	// err is nil if the response is complete.
	err error
	at  time.Time
}

const (
	requestTimeout = 30 * time.Second
	// interruptGrace is the time that a request in flight gets to finish after an interruption. If the request
	// creates a connection, the response tells the cleanup which connection to remove.
	interruptGrace = 2 * time.Second
	// maxRefusals limits the repetitions of a call after the status 429.
	maxRefusals = 3
	// maxHeaderBytes bounds the headers of a response. transport.ReadBody bounds the body.
	maxHeaderBytes = 64 << 10
)

// A client sends calls. Except for sendNow, its methods stay within the rate limit that the server reports.
type client struct {
	config Config
	http   *http.Client

	timeout time.Duration
	pacers  map[string]*pacer
	// sent counts the requests, and refused counts the responses with the status 429.
	sent, refused int
}

func newClient(config Config) *client {
	roundTripper := config.roundTripper
	if roundTripper == nil {
		network := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented
		network.MaxResponseHeaderBytes = maxHeaderBytes
		roundTripper = network
	}
	return &client{
		config: config,
		http: &http.Client{
			Transport: roundTripper,
			// Don't follow redirects, because they could send the tokens to another server. The checks treat a
			// redirect like any other response.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		timeout: requestTimeout,
		pacers:  map[string]*pacer{},
	}
}

// tokenOf returns the token that authenticates the call, or noToken.
func (c *client) tokenOf(call call) string { return cmp.Or(call.token, c.config.APIToken) }

func (c *client) pacer(call call) *pacer {
	token := c.tokenOf(call)
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

// send waits until the rate limit allows the call, and sends the request. If the server returns 429 anyway,
// another program probably uses the same token, so send waits and repeats the request, up to maxRefusals times.
// send returns an error only if ctx ends before the request or a repetition.
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

// sendAtOnce sends n copies of a call concurrently. It returns an error only if ctx ends before the requests.
func (c *client) sendAtOnce(ctx context.Context, call call, n int) ([]*exchange, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.pacer(call).wait(ctx, n, c.onWait); err != nil {
		return nil, err
	}
	exchanges := make([]*exchange, n)
	var group sync.WaitGroup
	for i := range exchanges {
		group.Go(func() { exchanges[i] = c.sendNow(ctx, call) })
	}
	group.Wait()
	for _, e := range exchanges {
		c.record(e)
	}
	return exchanges, nil
}

// record counts the exchange, and updates the pacer of the call's token if the response is complete.
func (c *client) record(e *exchange) {
	c.sent++
	if e.status == http.StatusTooManyRequests {
		c.refused++
	}
	if e.err == nil {
		c.pacer(e.call).note(e)
	}
}

// sendNow sends a call without waiting for the rate limit, and without recording the exchange. After ctx ends, it
// returns within interruptGrace.
func (c *client) sendNow(ctx context.Context, call call) *exchange {
	e := &exchange{call: call, url: c.config.Endpoint + call.path, at: time.Now()}
	if call.query != "" {
		e.url += "?" + call.query
	}
	requestContext, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(interruptGrace, cancel) })()
	request, err := http.NewRequestWithContext(requestContext, call.method, e.url, bytes.NewReader(call.body))
	if err != nil {
		e.err = err
		return e
	}
	request.Header = http.Header{"Accept": {"application/json"}, "User-Agent": {"wintro-conformance"}}
	if token := c.tokenOf(call); token != noToken {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(request.Header, call.header)
	e.sentHeader = request.Header.Clone()
	response, err := c.http.Do(request) //nolint:bodyclose // ReadBody closes it
	if err == nil {
		e.status, e.responseHeader = response.StatusCode, response.Header
		e.responseBody, err = transport.ReadBody(requestContext, response)
	}
	// Remove the URL from the error, because the report shows the URL anyway.
	if urlError, ok := errors.AsType[*url.Error](err); ok {
		err = urlError.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("there was no complete response within %s", c.timeout)
	}
	e.err = err
	return e
}

// A shownExchange describes an exchange in a report. Its texts contain no configured tokens and are safe to print.
type shownExchange struct {
	Request  string `json:"request"`
	Response string `json:"response"`
}

// maxShown is the number of bytes after which a report cuts off a body, or the headers of a message.
const maxShown = 4000

func (e *exchange) show() shownExchange {
	request := fmt.Sprintf("%s %s\n%s%s", e.method, e.url, shownHeader(e.sentHeader), shownBody(e.body))
	response := fmt.Sprintf("%d %s\n%s%s", e.status, http.StatusText(e.status), shownHeader(e.responseHeader), shownBody(e.responseBody))
	if e.err != nil {
		response = fmt.Sprintf("no complete response: %v", e.err)
	}
	return shownExchange{printable(request), printable(response)}
}

func shownHeader(header http.Header) string {
	var text strings.Builder
	_ = header.Write(&text) // a Builder returns no errors
	return cut(transport.Redact(strings.ReplaceAll(text.String(), "\r\n", "\n")), maxShown)
}

// tokenField matches a field that may contain the token of another program's connection. Redact can't find such a
// token, because this run doesn't know the token.
var tokenField = regexp.MustCompile(`("(?i:[a-z_]*(?:token|secret)(?:|s|hint|value))"\s*:\s*)"[^"\[(][^"]*"`)

func shownBody(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") != nil {
		indented.Reset()
		indented.Write(body)
	}
	// Redact first, because cut could leave a piece of a token that is too short for Redact to find.
	shown := transport.Redact(strings.TrimSpace(indented.String()))
	return "\n" + cut(tokenField.ReplaceAllString(shown, `$1"[hidden]"`), maxShown)
}

// An object is a JSON object. Its methods return a zero value if a field is missing or has the wrong type, so that
// one mistake of the server doesn't hide others. The checks of the subject "document" report wrong types.
type object map[string]any

// decodeObject decodes the JSON object at the beginning of body, with numbers as json.Number. It returns nil if
// body doesn't begin with a JSON object.
func decodeObject(body []byte) (decoded object) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	_ = decoder.Decode(&decoded)
	return decoded
}

func (o object) object(name string) object {
	value, _ := o[name].(map[string]any)
	return value
}

// text returns a field's value if it is a string or a number. Otherwise, it returns "".
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

func (e *exchange) decode() object      { return decodeObject(e.responseBody) }
func (e *exchange) data() object        { return e.decode().object("data") }
func (e *exchange) meta() object        { return e.decode().object("meta") }
func (e *exchange) errorObject() object { return e.decode().object("error") }
func (e *exchange) errorCode() string   { return e.errorObject().text("code") }

// serverTime returns the time in the response's Date header. If the header is missing or invalid, it returns the
// local time of the request.
func (e *exchange) serverTime() time.Time {
	if date, err := http.ParseTime(e.responseHeader.Get("Date")); err == nil {
		return date
	}
	return e.at
}

// isSuccess reports whether the response is complete and has a 2xx status.
func (e *exchange) isSuccess() bool { return e.err == nil && e.status >= 200 && e.status < 300 }

// items returns the list in data, and reports whether data is a list. If an item isn't an object, the returned
// item is nil.
func (e *exchange) items() (items []object, found bool) {
	list, found := e.decode()["data"].([]any)
	for _, item := range list {
		item, _ := item.(map[string]any)
		items = append(items, item)
	}
	return items, found
}

// errorFields returns the field names in error.fields.
func (e *exchange) errorFields() (names []string) {
	fields, _ := e.errorObject()["fields"].([]any)
	for _, field := range fields {
		field, _ := field.(map[string]any)
		names = append(names, object(field).text("field"))
	}
	return names
}

// pagination returns a number in meta.pagination, or -1 if the number is missing or isn't an integer.
func (e *exchange) pagination(name string) int {
	number, _ := e.meta().object("pagination")[name].(json.Number)
	n, err := number.Int64()
	if err != nil {
		return -1
	}
	return int(n)
}

func encode(value any) []byte {
	encoded, _ := json.Marshal(value) // Marshal can encode all values that the checks send and receive
	return encoded
}

func asJSON(value any) string { return string(encode(value)) }
