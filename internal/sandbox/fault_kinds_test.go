package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// atMost is the maximum number of bytes that a test reads from a response.
const atMost = 1 << 20

// postConnection sends a create request and returns the response, with any status.
func (c *client) postConnection() reply {
	c.t.Helper()
	answer, err := c.do(c.newConnectionRequest())
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

func (c *client) newConnectionRequest() *http.Request {
	c.t.Helper()
	return c.request(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("816", c.Token),
		"Authorization", "Bearer "+c.WintroToken(), "Content-Type", "application/json", "Idempotency-Key", "connect")
}

// An outcome contains the response or the error that a client gets for a request.
type outcome struct {
	answer reply
	// notAnswered is the error if the client got no response. notRead is the error from reading the response's body.
	notAnswered, notRead error
}

func (c *client) outcome(request *http.Request) outcome {
	c.t.Helper()
	client := *c.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return outcome{notAnswered: err}
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return outcome{answer: reply{c.t, response.StatusCode, response.Header, ""}}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, atMost))
	return outcome{answer: reply{c.t, response.StatusCode, response.Header, string(body)}, notRead: err}
}

// whole reports whether the response is complete and has the given status and content type. Its body must be valid
// JSON if isJSON is true, and invalid JSON if it is false.
func (o outcome) whole(status int, contentType string, isJSON bool) bool {
	return o.notAnswered == nil && o.notRead == nil && o.answer.status == status &&
		strings.HasPrefix(o.answer.header.Get("Content-Type"), contentType) &&
		json.Valid([]byte(o.answer.body)) == isJSON
}

// cut reports whether a 201 response began, and reading its body then failed with err.
func (o outcome) cut(err error) bool {
	return o.notAnswered == nil && errors.Is(o.notRead, err) && o.answer.status == http.StatusCreated &&
		strings.HasPrefix(o.answer.body, `{"`) && !json.Valid([]byte(o.answer.body))
}

func (o outcome) tooMany(header map[string]string) bool {
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset"} {
		if o.answer.header.Get(name) != header[name] {
			return false
		}
	}
	return o.whole(http.StatusTooManyRequests, "application/json", true)
}

// outcomes contains an example of each kind of fault, with a check of its outcome.
var outcomes = map[sandbox.FaultKind]struct {
	fault sandbox.Fault
	// seen reports whether the outcome of a request to url is as expected.
	seen func(o outcome, url string) bool
}{
	sandbox.Latency: {sandbox.Fault{Latency: 1}, func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", true)
	}},
	sandbox.LateAnswer: {sandbox.Fault{Latency: 1}, func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", true)
	}},
	sandbox.Status: {sandbox.Fault{Status: http.StatusBadGateway}, func(o outcome, _ string) bool {
		return o.whole(http.StatusBadGateway, "", false)
	}},
	sandbox.Edit: {sandbox.Fault{Edit: map[string]any{"data.name": "Edited", "data.status": nil}}, func(o outcome, _ string) bool {
		var body struct{ Data map[string]any }
		_ = json.Unmarshal([]byte(o.answer.body), &body)
		_, hasStatus := body.Data["status"]
		return o.whole(http.StatusCreated, "application/json", true) && body.Data["name"] == "Edited" && !hasStatus
	}},
	sandbox.Hang:               {seen: func(o outcome, _ string) bool { return errors.Is(o.notAnswered, context.DeadlineExceeded) }},
	sandbox.SwitchingProtocols: {seen: func(o outcome, _ string) bool { return o.answer.status == http.StatusSwitchingProtocols }},
	sandbox.ResetBefore:        {seen: func(o outcome, _ string) bool { return errors.Is(o.notAnswered, syscall.ECONNRESET) }},
	sandbox.CloseBefore:        {seen: func(o outcome, _ string) bool { return errors.Is(o.notAnswered, io.EOF) }},
	sandbox.AnswerLost:         {seen: func(o outcome, _ string) bool { return errors.Is(o.notAnswered, syscall.ECONNRESET) }},
	sandbox.CloseAfter:         {seen: func(o outcome, _ string) bool { return errors.Is(o.notAnswered, io.EOF) }},
	sandbox.ResetMidway:        {seen: func(o outcome, _ string) bool { return o.cut(syscall.ECONNRESET) }},
	sandbox.CloseMidway:        {seen: func(o outcome, _ string) bool { return o.cut(io.ErrUnexpectedEOF) }},
	sandbox.Truncated: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", false) && strings.HasPrefix(o.answer.body, `{"`)
	}},
	sandbox.WrongShape: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", true) && o.answer.body == "[]"
	}},
	sandbox.EmptyObject: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", true) && o.answer.body == "{}"
	}},
	sandbox.WrongJSONTypes: {seen: func(o outcome, _ string) bool {
		var body struct{ Data map[string]any }
		_ = json.Unmarshal([]byte(o.answer.body), &body)
		_, listed := body.Data["id"].([]any)
		return o.whole(http.StatusCreated, "application/json", true) && len(body.Data) == 10 && listed &&
			body.Data["enabled"] == "true" && body.Data["lastSyncedAt"] == false
	}},
	sandbox.WrongContentType: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "text/plain", true) && strings.Contains(o.answer.body, `"atsCompanyId":"816"`)
	}},
	sandbox.HTML: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusOK, "text/html", false) && strings.Contains(o.answer.body, "<h1>")
	}},
	sandbox.Endless: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", false) && len(o.answer.body) == atMost &&
			json.Valid([]byte(o.answer.body+`"}}`))
	}},
	sandbox.Slow: {sandbox.Fault{Pace: 1}, func(o outcome, _ string) bool {
		return o.whole(http.StatusCreated, "application/json", true)
	}},
	sandbox.TooManySeconds: {seen: func(o outcome, _ string) bool {
		return o.tooMany(map[string]string{"Retry-After": "1"})
	}},
	sandbox.TooManyDate: {seen: func(o outcome, _ string) bool {
		date := o.answer.header.Get("Retry-After")
		at, err := http.ParseTime(date)
		left := time.Until(at)
		return o.tooMany(map[string]string{"Retry-After": date}) && err == nil && left > -time.Minute && left <= 2*time.Second
	}},
	sandbox.TooManyNonsense: {seen: func(o outcome, _ string) bool {
		return o.tooMany(map[string]string{"Retry-After": "soon"})
	}},
	sandbox.TooManyDay: {seen: func(o outcome, _ string) bool {
		return o.tooMany(map[string]string{"Retry-After": "86400"})
	}},
	sandbox.TooManyResetOnly: {seen: func(o outcome, _ string) bool {
		reset := o.answer.header.Get("X-RateLimit-Reset")
		at, err := strconv.ParseInt(reset, 10, 64)
		date, dateErr := http.ParseTime(o.answer.header.Get("Date"))
		left := time.Unix(at, 0).Sub(date)
		return o.tooMany(map[string]string{"X-RateLimit-Reset": reset}) && err == nil && dateErr == nil &&
			left >= time.Second && left <= 2*time.Second
	}},
	sandbox.TooManyBare: {seen: func(o outcome, _ string) bool { return o.tooMany(nil) }},
	sandbox.KeyInUse: {seen: func(o outcome, _ string) bool {
		return o.whole(http.StatusConflict, "application/json", true) &&
			strings.Contains(o.answer.body, contract.CodeIdempotencyKeyInUse)
	}},
	sandbox.RedirectSameHost: {seen: func(o outcome, url string) bool {
		return o.answer.status == http.StatusTemporaryRedirect && o.answer.header.Get("Location") == url
	}},
	sandbox.RedirectElsewhere: {seen: func(o outcome, url string) bool {
		return o.answer.status == http.StatusTemporaryRedirect &&
			o.answer.header.Get("Location") == strings.Replace(url, "127.0.0.1", "localhost", 1)
	}},
}

// inTime runs a test of one kind of fault. If the kind makes the client wait until it times out, the test runs in a
// synctest bubble, where waiting takes no real time.
func inTime(t *testing.T, kind sandbox.FaultKind, test func(c *client)) {
	t.Helper()
	if kind != sandbox.Hang && kind != sandbox.SwitchingProtocols {
		test(start(t))
		return
	}
	inBubble(t, func(_ *testing.T, c *client) { test(c) })
}

// Each kind of fault gives one create request the outcome in the table. The next request with the same
// Idempotency-Key succeeds, and Wintro has only one connection.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.FaultKinds() {
		t.Run(string(kind.Kind), func(t *testing.T) {
			t.Parallel()
			inTime(t, kind.Kind, func(c *client) { testFaultKind(c, kind) })
		})
	}
}

func testFaultKind(c *client, kind sandbox.FaultKindDescription) {
	t := c.t
	expected, found := outcomes[kind.Kind]
	if !found {
		t.Fatal("no test says how it looks")
	}
	expected.fault.Kind, expected.fault.Times = kind.Kind, 1
	c.Fail(expected.fault)
	request := c.newConnectionRequest()
	o := c.outcome(request)
	if !expected.seen(o, request.URL.String()) {
		t.Errorf("%+v", o)
	}

	made := c.Connections()
	if (len(made) == 1) != kind.CarriesOut {
		t.Errorf("%d connections", len(made))
	}
	logged := c.Requests()[0]
	if logged.Fault != kind.Kind || logged.CarriedOut != kind.CarriesOut || logged.Status != o.answer.status {
		t.Errorf("the log says %+v", logged)
	}
	// In a synctest bubble, the request takes no time.
	if logged.Duration <= 0 && c.URL != "http://localhost" {
		t.Errorf("the log says that the request took %s", logged.Duration)
	}
	if unread := kind.Kind == sandbox.ResetBefore; (len(logged.Body) == 0) != unread {
		t.Errorf("the log says that the body had %v", logged.Body)
	}

	again := c.connect()
	if kind.CarriesOut && again.ID != made[0].ID {
		t.Errorf("%s was made, and again %s", made[0].ID, again.ID)
	}
	if n := len(c.Connections()); n != 1 {
		t.Errorf("%d connections after all", n)
	}
	if logged := c.Requests()[1]; logged.Fault != "" || !logged.CarriedOut {
		t.Errorf("the log says %+v", logged)
	}
}

// Every kind of fault except a delay also changes a response that has no body.
func TestFaultKindsWithoutBody(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.FaultKinds() {
		t.Run(string(kind.Kind), func(t *testing.T) {
			t.Parallel()
			inTime(t, kind.Kind, func(c *client) {
				id := c.connect().ID
				fault := outcomes[kind.Kind].fault
				fault.Kind = kind.Kind
				c.Fail(fault)
				o := c.outcome(c.request(http.MethodDelete, sandbox.WintroPath+"/ats-connections/"+id, "",
					"Authorization", "Bearer "+c.WintroToken()))
				well := o.notAnswered == nil && o.notRead == nil && o.answer.status == http.StatusNoContent
				if late := kind.Kind == sandbox.Latency || kind.Kind == sandbox.LateAnswer; well != late {
					c.t.Errorf("%+v", o)
				}
				if _, there := c.Connection(id); there == kind.CarriesOut {
					c.t.Errorf("the connection is there: %t", there)
				}
			})
		})
	}
}

func TestWrongJSONTypes(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Kind: sandbox.WrongJSONTypes})
	answer := decode[struct {
		Admin struct {
			ID        string
			FirstName []string `json:"first_name"`
			Companies map[string]struct{ ID int }
			Admin     string `json:"role_admin"`
		}
	}](c.admin("816", c.Token).want(http.StatusOK))
	if a := answer.Admin; a.ID != "1704" || len(a.FirstName) != 1 || a.Companies["0"].ID != 816 || a.Admin != "true" {
		t.Errorf("%+v", answer)
	}
	c.SetRecruiteeRateLimit(1)
	c.admin("816", c.Token).want(http.StatusOK)
	if answer := c.admin("816", c.Token).want(http.StatusTooManyRequests); answer.body != `[""]` {
		t.Errorf("without JSON: %s", answer.body)
	}
}

func TestTooManyAtRecruitee(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Kind: sandbox.TooManyResetOnly, Times: 1})
	faulted := c.admin("816", c.Token).want(http.StatusTooManyRequests)
	c.SetRecruiteeRateLimit(1)
	c.admin("816", c.Token).want(http.StatusOK)
	limitedAnswer := c.admin("816", c.Token).want(http.StatusTooManyRequests)
	if faulted.body != limitedAnswer.body || faulted.header.Get("Content-Type") != limitedAnswer.header.Get("Content-Type") {
		t.Errorf("fault %+v\nlimit %+v", faulted, limitedAnswer)
	}
}
