package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func (c *client) control(method, path, body string) reply {
	c.t.Helper()
	response := c.send(method, sandbox.ControlPath+path, body)
	if got := response.header.Get("Content-Type"); got != "application/json" {
		c.t.Errorf("the content type is %q", got)
	}
	return response
}

// The list of commands contains a description of each command, as text and as JSON. The sandbox accepts all examples in
// the list.
func TestControlExamples(t *testing.T) {
	t.Parallel()
	c := start(t)
	text := c.send(http.MethodGet, sandbox.ControlPath, "", "Accept", "*/*").want(http.StatusOK)
	if got := text.header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("the content type is %q", got)
	}
	type listed struct {
		Method, Path, Does string
		Example            json.RawMessage
	}
	commands := decode[[]listed](c.send(http.MethodGet, sandbox.ControlPath, "", "Accept", "application/json"))
	if len(commands) < 30 {
		t.Errorf("the list has only %d commands", len(commands))
	}
	// The examples need this token and a connection. Some examples delete the connection.
	c.AddToken(816, 1704, "a-token-of-my-choice")
	id := c.Connect(816, "Recruitee", c.Token)
	for _, command := range commands {
		if !strings.Contains(text.body, "\n"+command.Method+" ") || !strings.Contains(text.body, " "+command.Path+" ") ||
			!strings.Contains(text.body, "  "+command.Does+"\n") || command.Does == "" {
			t.Errorf("the list does not contain %s %s:\n%s", command.Method, command.Path, text.body)
		}
		if _, found := c.Connection(id); !found {
			id = c.Connect(816, "Recruitee", c.Token)
		}
		example := strings.NewReplacer("conn_1", id, "org_1", c.Organisations()[0].ID).Replace(string(command.Example))
		if command.Path == "/faults/remove" {
			c.Fail(sandbox.Fault{Kind: sandbox.Latency, Latency: 1})
			faults := c.Faults()
			example = fmt.Sprintf(`{"number":%d}`, faults[len(faults)-1].Number)
		}
		c.control(command.Method, command.Path, example).want(http.StatusOK)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	c := start(t)
	post := func(path, body string) reply {
		t.Helper()
		return c.control(http.MethodPost, path, body).want(http.StatusOK)
	}
	status := func(want int) {
		t.Helper()
		c.admin("816", c.Token).want(want)
	}

	issued := decode[struct{ Token string }](post("/recruitee/issue-token", `{"company_id":816,"owner_id":1704}`))
	c.admin("816", issued.Token).want(http.StatusOK)
	post("/recruitee/revoke-token", `{"token":"`+issued.Token+`"}`).wantJSON(`{"ok":true}`)
	c.admin("816", issued.Token).want(http.StatusUnauthorized)

	post("/recruitee/set-administrator", `{"owner_id":1704,"administrator":false}`)
	if c.Owners()[0].Administrator {
		t.Error("the user is still an Administrator")
	}
	owner := decode[sandbox.Owner](post("/recruitee/add-owner", `{"company_id":816}`))
	if owner.ID == 0 || owner.Email == "" {
		t.Errorf("the new user has no ID or no email address: %+v", owner)
	}

	id := decode[struct{ ID string }](
		post("/wintro/connect", `{"company_id":816,"name":"By hand","token":"`+c.Token+`"}`)).ID
	post("/wintro/relabel", `{"id":"`+id+`","name":"Acme"}`)
	post("/wintro/set-enabled", `{"id":"`+id+`","enabled":false}`)
	listed := decode[[]contract.Connection](c.control(http.MethodGet, "/connections", "").want(http.StatusOK))
	if len(listed) != 1 || listed[0].ID != id || listed[0].Name != "Acme" || listed[0].Enabled {
		t.Errorf("the connections are %+v", listed)
	}
	post("/wintro/disconnect", `{"id":"`+id+`"}`)
	c.control(http.MethodGet, "/connections", "").wantJSON(`[]`)

	fault := `{"number":1,"system":"recruitee","kind":"status","path":"/admin","times":2,"status":503,"latency":"1ms",
		"header":{"Retry-After":"1"},"body":"Out of order"}`
	post("/faults", strings.Replace(fault, `"number":1,`, "", 1))
	c.control(http.MethodGet, "/faults", "").wantJSON("[" + fault + "]")
	status(http.StatusServiceUnavailable)
	c.control(http.MethodDelete, "/faults", "").want(http.StatusOK)
	status(http.StatusOK)

	fault = `{"kind":"slow","pace":"1us","probability":0.5,"seed":18446744073709551615}`
	post("/faults", fault)
	c.control(http.MethodGet, "/faults", "").wantJSON(
		"[" + strings.NewReplacer("1us", "1µs", "{", `{"number":2,`).Replace(fault) + "]")
	controlRefuses(t, c.control(http.MethodPost, "/faults/remove", `{"number":1}`), http.StatusBadRequest, "no fault with the number 1")
	c.control(http.MethodDelete, "/faults", "").want(http.StatusOK)
	kinds := decode[[]sandbox.FaultKindDescription](c.control(http.MethodGet, "/faults/kinds", "").want(http.StatusOK))
	if !reflect.DeepEqual(kinds, sandbox.FaultKinds()) {
		t.Errorf("the kinds of faults are %+v", kinds)
	}

	logged := decode[sandbox.RequestLog](c.control(http.MethodGet, "/requests", "").want(http.StatusOK))
	if len(logged) != 4 {
		t.Errorf("the log has %d requests: %+v", len(logged), logged)
	}
	c.control(http.MethodDelete, "/requests", "").want(http.StatusOK)
	if response := c.control(http.MethodGet, "/recruitee/companies", ""); !strings.HasPrefix(response.body, "[\n  {\n    \"id\": 816,\n") {
		t.Errorf("the response is not indented JSON: %s", response.body)
	}
	c.control(http.MethodGet, "/requests", "").wantJSON(`[]`)
}

func TestControlErrors(t *testing.T) {
	t.Parallel()
	c := start(t)
	for body, words := range map[string]string{
		"":     "the body isn't a JSON object; send something like {",
		"[]":   "the body isn't a JSON object",
		"null": "the body isn't a JSON object",
		`{"company_id":816,"owner_id":1704,"token":"t"}`: `unknown field "token"; use company_id, owner_id; send something like {`,
		`{"company_id":816}`:                             "owner_id is missing",
		`{"company_id":"816","owner_id":1}`:              `company_id can't be "816"; send something like {"company_id":816`,
		`{"company_id":816,"owner_id":1.5}`:              "owner_id can't be 1.5",
		`{"company_id":816,"owner_id":null}`:             "owner_id can't be null",
		`{"company_id":816,"owner_id":1}`:                "there is no owner with the ID 1",
		`{"company_id":817,"owner_id":1704}`:             "there is no company with the ID 817",
	} {
		controlRefuses(t, c.control(http.MethodPost, "/recruitee/issue-token", body), http.StatusBadRequest, words)
	}
	for _, test := range []struct{ path, body, words string }{
		{"/faults", `{"status":99}`, "between 200 and 599"},
		{"/faults", `{"latency":"long"}`, `latency is wrong: "long" is not a duration such as 1.5s; send something like {"kind":`},
		{"/faults", `{"latency":1}`, "latency can't be 1"},
		{"/faults", `{"seed":-1}`, "seed can't be -1"},
		{"/faults", `{"header":["a"]}`, "header can't be"},
		{"/wintro/relabel", `{"id":"x","name":"y"}`, `no connection with the ID "x"`},
	} {
		controlRefuses(t, c.control(http.MethodPost, test.path, test.body), http.StatusBadRequest, test.words)
	}
	controlRefuses(t, c.control(http.MethodGet, "/elsewhere", ""), http.StatusNotFound, "GET /control lists")
	controlRefuses(t, c.control(http.MethodGet, "/wintro/relabel", ""), http.StatusNotFound, "GET /control lists")
}

// The sandbox rejects a request from a web page of another site before the request uses up a fault or appears in the
// log.
func TestOtherCallersAreRejected(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Status: http.StatusTeapot, Times: 1})
	paths := []string{
		sandbox.ControlPath + "/connections", sandbox.WintroPath + "/ats-connections", sandbox.RecruiteePath + "/c/816/admin", "/",
	}
	for _, host := range []string{"evil.example:80", "127.0.0.1.evil.example", "192.168.0.1", "[::2]:1"} {
		for _, path := range paths {
			controlRefuses(t, c.send(http.MethodGet, path, "", "Host", host), http.StatusForbidden, `rejects the host "`+host)
		}
	}
	for _, header := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", ""}, {"Origin", "http://localhost:1"},
		{"Origin", c.URL, "Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site"},
	} {
		for _, path := range append(paths, sandbox.ControlPath+"/wintro/stay-pending") {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				controlRefuses(t, c.send(method, path, `{"n":1}`, header...), http.StatusForbidden, "rejects requests from other web pages")
			}
		}
	}
	if len(c.Requests()) > 0 || len(c.Faults()) != 1 {
		t.Errorf("%d requests are in the log, and %d faults are left", len(c.Requests()), len(c.Faults()))
	}
	c.ClearFaults()
	for _, host := range []string{"localhost", "LOCALHOST:1", "127.1.2.3:4", "[::1]", "[::1]:5"} {
		c.send(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", "", "Authorization", "Bearer "+c.Token, "Host", host).
			want(http.StatusOK)
	}
	for _, header := range [][]string{
		{"Origin", c.URL}, {"Origin", c.URL, "Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
	} {
		c.send(http.MethodPost, sandbox.ControlPath+"/wintro/stay-pending", `{"n":1}`, header...).want(http.StatusOK)
	}
}

func controlRefuses(t *testing.T, response reply, status int, words string) {
	t.Helper()
	sentence := decode[struct{ Error string }](response).Error
	if response.status != status || !strings.Contains(sentence, words) {
		t.Errorf("the response has the status %d and the error %q instead of %d and %q", response.status, sentence, status, words)
	}
}
