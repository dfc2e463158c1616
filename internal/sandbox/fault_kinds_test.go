package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// atMost is the maximum number of bytes that a test reads from a response.
const atMost = 1 << 20

func (c *client) newConnectionRequest() *http.Request {
	c.t.Helper()
	return c.request(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("816", c.Token),
		"Authorization", "Bearer "+c.WintroToken(), "Content-Type", "application/json", "Idempotency-Key", "connect")
}

// An outcome contains the response or the error that a client gets for a request.
type outcome struct {
	response reply
	// noResponse is the error if the client got no response. notRead is the error if the client can't read the whole body.
	noResponse, notRead error
}

func (c *client) outcome(request *http.Request) outcome {
	c.t.Helper()
	client := *c.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return outcome{noResponse: err}
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return outcome{response: reply{c.t, response.StatusCode, response.Header, ""}}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, atMost))
	return outcome{response: reply{c.t, response.StatusCode, response.Header, string(body)}, notRead: err}
}

// A check reports whether the outcome of a request to url is as expected.
type check func(o outcome, url string) bool

// complete returns a check for a complete response whose body contains text. The body must be valid JSON if isJSON is
// true, and invalid JSON otherwise.
func complete(status int, contentType string, isJSON bool, text string) check {
	return func(o outcome, _ string) bool {
		return o.noResponse == nil && o.notRead == nil && o.response.status == status &&
			strings.HasPrefix(o.response.header.Get("Content-Type"), contentType) &&
			json.Valid([]byte(o.response.body)) == isJSON && strings.Contains(o.response.body, text)
	}
}

var isCreated = complete(http.StatusCreated, "application/json", true, "")

// lost returns a check that expects err instead of a response.
func lost(err error) check {
	return func(o outcome, _ string) bool { return errors.Is(o.noResponse, err) }
}

// cut returns a check that expects the beginning of a 201 response, and err while the client reads the body.
func cut(err error) check {
	return func(o outcome, _ string) bool {
		return o.noResponse == nil && errors.Is(o.notRead, err) && o.response.status == http.StatusCreated &&
			strings.HasPrefix(o.response.body, `{"`) && !json.Valid([]byte(o.response.body))
	}
}

// tooMany returns a check for a 429 response whose Retry-After and X-RateLimit-Reset satisfy the functions. If a
// function is nil, the header field must be missing.
func tooMany(retryAfter, reset func(value string, o outcome) bool) check {
	fits := func(name string, expected func(string, outcome) bool, o outcome) bool {
		value := o.response.header.Get(name)
		if expected == nil {
			return value == ""
		}
		return expected(value, o)
	}
	return func(o outcome, url string) bool {
		return fits("Retry-After", retryAfter, o) && fits("X-RateLimit-Reset", reset, o) &&
			complete(http.StatusTooManyRequests, "application/json", true, "")(o, url)
	}
}

func equals(want string) func(string, outcome) bool {
	return func(value string, _ outcome) bool { return value == want }
}

// redirects returns a check for a redirect to the URL of the request, with host instead of 127.0.0.1.
func redirects(host string) check {
	return func(o outcome, url string) bool {
		return o.response.status == http.StatusTemporaryRedirect &&
			o.response.header.Get("Location") == strings.Replace(url, "127.0.0.1", host, 1)
	}
}

// data returns the decoded field data of the response, or nil if the response contains no such object.
func (o outcome) data() map[string]any {
	var body struct{ Data map[string]any }
	_ = json.Unmarshal([]byte(o.response.body), &body)
	return body.Data
}

// outcomes contains an example of each kind of fault, with a check of the outcome.
var outcomes = map[sandbox.FaultKind]struct {
	fault sandbox.Fault
	seen  check
}{
	sandbox.Latency:    {sandbox.Fault{Latency: 1}, isCreated},
	sandbox.LateAnswer: {sandbox.Fault{Latency: 1}, isCreated},
	sandbox.Status:     {sandbox.Fault{Status: http.StatusBadGateway}, complete(http.StatusBadGateway, "", false, "")},
	sandbox.Edit: {sandbox.Fault{Edit: map[string]any{"data.name": "Edited", "data.status": nil}}, func(o outcome, url string) bool {
		_, hasStatus := o.data()["status"]
		return isCreated(o, url) && o.data()["name"] == "Edited" && !hasStatus
	}},
	sandbox.Hang:               {seen: lost(context.DeadlineExceeded)},
	sandbox.SwitchingProtocols: {seen: func(o outcome, _ string) bool { return o.response.status == http.StatusSwitchingProtocols }},
	sandbox.ResetBefore:        {seen: lost(syscall.ECONNRESET)},
	sandbox.CloseBefore:        {seen: lost(io.EOF)},
	sandbox.AnswerLost:         {seen: lost(syscall.ECONNRESET)},
	sandbox.CloseAfter:         {seen: lost(io.EOF)},
	sandbox.ResetMidway:        {seen: cut(syscall.ECONNRESET)},
	sandbox.CloseMidway:        {seen: cut(io.ErrUnexpectedEOF)},
	sandbox.Truncated:          {seen: complete(http.StatusCreated, "application/json", false, `{"`)},
	sandbox.WrongShape:         {seen: func(o outcome, url string) bool { return isCreated(o, url) && o.response.body == "[]" }},
	sandbox.EmptyObject:        {seen: func(o outcome, url string) bool { return isCreated(o, url) && o.response.body == "{}" }},
	sandbox.WrongJSONTypes: {seen: func(o outcome, url string) bool {
		_, isList := o.data()["id"].([]any)
		return isCreated(o, url) && len(o.data()) == 10 && isList && o.data()["enabled"] == "true" && o.data()["lastSyncedAt"] == false
	}},
	sandbox.WrongContentType: {seen: complete(http.StatusCreated, "text/plain", true, `"atsCompanyId":"816"`)},
	sandbox.HTML:             {seen: complete(http.StatusOK, "text/html", false, "<h1>")},
	sandbox.Endless: {seen: func(o outcome, url string) bool {
		return complete(http.StatusCreated, "application/json", false, "")(o, url) && len(o.response.body) == atMost &&
			json.Valid([]byte(o.response.body+`"}}`))
	}},
	sandbox.Slow:           {sandbox.Fault{Pace: 1}, isCreated},
	sandbox.TooManySeconds: {seen: tooMany(equals("1"), nil)},
	sandbox.TooManyDate: {seen: tooMany(func(value string, _ outcome) bool {
		at, err := http.ParseTime(value)
		left := time.Until(at)
		return err == nil && left > -time.Minute && left <= 2*time.Second
	}, nil)},
	sandbox.TooManyNonsense: {seen: tooMany(equals("soon"), nil)},
	sandbox.TooManyDay:      {seen: tooMany(equals("86400"), nil)},
	sandbox.TooManyResetOnly: {seen: tooMany(nil, func(value string, o outcome) bool {
		at, err := strconv.ParseInt(value, 10, 64)
		date, dateErr := http.ParseTime(o.response.header.Get("Date"))
		left := time.Unix(at, 0).Sub(date)
		return err == nil && dateErr == nil && left >= time.Second && left <= 2*time.Second
	})},
	sandbox.TooManyBare:       {seen: tooMany(nil, nil)},
	sandbox.KeyInUse:          {seen: complete(http.StatusConflict, "application/json", true, contract.CodeIdempotencyKeyInUse)},
	sandbox.RedirectSameHost:  {seen: redirects("127.0.0.1")},
	sandbox.RedirectElsewhere: {seen: redirects("localhost")},
}

// A fault of each kind hits a create request and a delete request, over HTTP and over TLS.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.FaultKinds() {
		t.Run(string(kind.Kind), func(t *testing.T) {
			t.Parallel()
			// These kinds make the client wait until it times out, which takes no real time in a synctest bubble.
			if kind.Kind == sandbox.Hang || kind.Kind == sandbox.SwitchingProtocols {
				inBubble(t, func(_ *testing.T, c *client) { testFaultKind(c, kind) })
				return
			}
			testFaultKind(start(t), kind)
			testFaultKind(startTLS(t), kind)
		})
	}
}

func testFaultKind(c *client, kind sandbox.FaultKindDescription) {
	t := c.t
	expected, found := outcomes[kind.Kind]
	if !found {
		t.Fatal("outcomes has no example of this kind of fault")
	}
	expected.fault.Kind, expected.fault.Times = kind.Kind, 1
	c.Fail(expected.fault)
	request := c.newConnectionRequest()
	o := c.outcome(request)
	if !expected.seen(o, request.URL.String()) {
		t.Errorf("the create request to %s has the outcome %+v", c.URL, o)
	}

	made := c.Connections()
	if (len(made) == 1) != kind.CarriesOut {
		t.Errorf("Wintro has %d connections, but CarriesOut is %t", len(made), kind.CarriesOut)
	}
	logged := c.Requests()[0]
	if logged.Fault != kind.Kind || logged.CarriedOut != kind.CarriesOut || logged.Status != o.response.status {
		t.Errorf("the log contains %+v", logged)
	}
	// In a synctest bubble, whose URL has no port, the request takes no time.
	if logged.Duration <= 0 && c.URL != "http://localhost" {
		t.Errorf("the log contains the duration %s", logged.Duration)
	}
	if unread := kind.Kind == sandbox.ResetBefore; (len(logged.Body) == 0) != unread {
		t.Errorf("the log contains the fields %v", logged.Body)
	}

	again := c.connect()
	if kind.CarriesOut && again.ID != made[0].ID {
		t.Errorf("the first request created %s, but the repeated request returned %s", made[0].ID, again.ID)
	}
	if n := len(c.Connections()); n != 1 {
		t.Errorf("Wintro has %d connections after the repeated request", n)
	}
	if logged := c.Requests()[1]; logged.Fault != "" || !logged.CarriedOut {
		t.Errorf("the log contains %+v for the repeated request", logged)
	}

	// The response to a delete request has no body, but every kind of fault except a delay still changes the response.
	c.Fail(expected.fault)
	o = c.outcome(c.request(http.MethodDelete, sandbox.WintroPath+"/ats-connections/"+again.ID, "", "Authorization", "Bearer "+c.WintroToken()))
	isUnchanged := o.noResponse == nil && o.notRead == nil && o.response.status == http.StatusNoContent
	if isDelay := kind.Kind == sandbox.Latency || kind.Kind == sandbox.LateAnswer; isUnchanged != isDelay {
		t.Errorf("the delete request to %s has the outcome %+v", c.URL, o)
	}
	if _, exists := c.Connection(again.ID); exists == kind.CarriesOut {
		t.Errorf("the connection exists: %t, but CarriesOut is %t", exists, kind.CarriesOut)
	}
}

func startTLS(t *testing.T) *client {
	t.Helper()
	s := sandbox.New()
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	c := newClient(t, &sandboxtest.Server{Sandbox: s, URL: server.URL, Token: s.Seed()})
	c.http = server.Client()
	c.http.Transport.(*http.Transport).DisableKeepAlives = true
	return c
}

func TestWrongJSONTypes(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Kind: sandbox.WrongJSONTypes})
	response := decode[struct {
		Admin struct {
			ID        string
			FirstName []string `json:"first_name"`
			Companies map[string]struct{ ID int }
			Admin     string `json:"role_admin"`
		}
	}](c.admin("816", c.Token).want(http.StatusOK))
	if a := response.Admin; a.ID != "1704" || len(a.FirstName) != 1 || a.Companies["0"].ID != 816 || a.Admin != "true" {
		t.Errorf("the fault did not change all JSON types: %+v", response)
	}
	c.SetRecruiteeRateLimit(1)
	c.admin("816", c.Token).want(http.StatusOK)
	if response := c.admin("816", c.Token).want(http.StatusTooManyRequests); response.body != `[""]` {
		t.Errorf("the fault changed the 429, which isn't JSON, to %s", response.body)
	}
}

func TestTooManyAtRecruitee(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Kind: sandbox.TooManyResetOnly, Times: 1})
	faulted := c.admin("816", c.Token).want(http.StatusTooManyRequests)
	c.SetRecruiteeRateLimit(1)
	c.admin("816", c.Token).want(http.StatusOK)
	limited := c.admin("816", c.Token).want(http.StatusTooManyRequests)
	if faulted.body != limited.body || faulted.header.Get("Content-Type") != limited.header.Get("Content-Type") {
		t.Errorf("the fault returned %+v\nthe rate limit returned %+v", faulted, limited)
	}
}
