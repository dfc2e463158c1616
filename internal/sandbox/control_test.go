package sandbox_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

type listedCommand struct {
	Method, Path, Does string
	Example            json.RawMessage
}

func (c *client) control(method, path, body string) reply {
	c.t.Helper()
	answer := c.send(method, sandbox.ControlPath+path, body)
	if got := answer.header.Get("Content-Type"); got != "application/json" {
		c.t.Errorf("content type %q", got)
	}
	return answer
}

// listedCommands requests the list of commands as JSON and decodes it.
func listedCommands(c *client) []listedCommand {
	c.t.Helper()
	return decode[[]listedCommand](c.send(http.MethodGet, sandbox.ControlPath, "", "Accept", "application/json").want(http.StatusOK))
}

// Each command in the list has a description, and an example that works.
func TestControlExamples(t *testing.T) {
	t.Parallel()
	c := start(t)
	// Some commands delete objects that other commands need.
	c.AddToken(816, 1704, "a-token-of-my-choice")
	commands := listedCommands(c)
	if len(commands) < 30 {
		t.Errorf("only %d commands", len(commands))
	}
	id := c.Connect(816, "Recruitee", c.Token)
	for _, command := range commands {
		if _, found := c.Connection(id); !found {
			id = c.Connect(816, "Recruitee", c.Token)
		}
		if command.Path == "/faults/remove" {
			c.Fail(sandbox.Fault{Kind: sandbox.Latency, Latency: 1})
		}
		example := strings.NewReplacer("conn_1", id, "org_1", c.Organisations()[0].ID,
			`"number":1`, `"number":`+strconv.Itoa(lastFault(c))).Replace(string(command.Example))
		answer := c.control(command.Method, command.Path, example)
		if answer.status != http.StatusOK || command.Does == "" {
			t.Errorf("%s %s %s: %d %s", command.Method, command.Path, example, answer.status, answer.body)
		}
	}
}

// lastFault returns the number of the newest fault, or 0 if there is no fault.
func lastFault(c *client) (number int) {
	for _, f := range c.Faults() {
		number = f.Number
	}
	return number
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
	sameJSON(t, post("/recruitee/revoke-token", `{"token":"`+issued.Token+`"}`).body, `{"ok":true}`)
	c.admin("816", issued.Token).want(http.StatusUnauthorized)

	post("/recruitee/set-administrator", `{"owner_id":1704,"administrator":false}`)
	if c.Owners()[0].Administrator {
		t.Error("still an administrator")
	}
	owner := decode[sandbox.Owner](post("/recruitee/add-owner", `{"company_id":816}`))
	if owner.ID == 0 || owner.Email == "" {
		t.Errorf("%+v", owner)
	}

	id := decode[struct{ ID string }](
		post("/wintro/connect", `{"company_id":816,"name":"By hand","token":"`+c.Token+`"}`)).ID
	post("/wintro/relabel", `{"id":"`+id+`","name":"Acme"}`)
	post("/wintro/set-enabled", `{"id":"`+id+`","enabled":false}`)
	listed := decode[[]contract.Connection](c.control(http.MethodGet, "/connections", "").want(http.StatusOK))
	if len(listed) != 1 || listed[0].ID != id || listed[0].Name != "Acme" || listed[0].Enabled {
		t.Errorf("%+v", listed)
	}
	post("/wintro/disconnect", `{"id":"`+id+`"}`)
	sameJSON(t, c.control(http.MethodGet, "/connections", "").body, `[]`)

	fault := `{"number":1,"system":"recruitee","kind":"status","path":"/admin","times":2,"status":503,"latency":"1ms",
		"header":{"Retry-After":"1"},"body":"Out of order"}`
	post("/faults", strings.Replace(fault, `"number":1,`, "", 1))
	sameJSON(t, c.control(http.MethodGet, "/faults", "").body, "["+fault+"]")
	status(http.StatusServiceUnavailable)
	c.control(http.MethodDelete, "/faults", "").want(http.StatusOK)
	status(http.StatusOK)

	fault = `{"kind":"slow","pace":"1us","probability":0.5,"seed":18446744073709551615}`
	post("/faults", fault)
	sameJSON(t, c.control(http.MethodGet, "/faults", "").body,
		"["+strings.NewReplacer("1us", "1µs", "{", `{"number":2,`).Replace(fault)+"]")
	controlRefuses(t, c.control(http.MethodPost, "/faults/remove", `{"number":1}`), http.StatusBadRequest, "no fault with the number 1")
	c.control(http.MethodDelete, "/faults", "").want(http.StatusOK)
	kinds := decode[[]sandbox.FaultKindDescription](c.control(http.MethodGet, "/faults/kinds", "").want(http.StatusOK))
	if !reflect.DeepEqual(kinds, sandbox.FaultKinds()) {
		t.Errorf("%+v", kinds)
	}

	logged := decode[sandbox.RequestLog](c.control(http.MethodGet, "/requests", "").want(http.StatusOK))
	if len(logged) != 4 {
		t.Errorf("%+v", logged)
	}
	c.control(http.MethodDelete, "/requests", "").want(http.StatusOK)
	sameJSON(t, c.control(http.MethodGet, "/requests", "").body, `[]`)
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
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"status":99}`), http.StatusBadRequest, "between 200 and 599")
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"kind":"lost"}`), http.StatusBadRequest, "no kind of fault \"lost\"")
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"latency":"long"}`), http.StatusBadRequest, `latency is wrong: "long" is not a duration such as 1.5s; send something like {"kind":`)
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"latency":1}`), http.StatusBadRequest, "latency can't be 1")
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"probability":"half"}`), http.StatusBadRequest, "probability can't be")
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"seed":-1}`), http.StatusBadRequest, "seed can't be -1")
	controlRefuses(t, c.control(http.MethodPost, "/faults", `{"header":["a"]}`), http.StatusBadRequest, "header can't be")
	controlRefuses(t, c.control(http.MethodPost, "/wintro/set-enabled", `{"id":"x"}`), http.StatusBadRequest, "enabled is missing")
	controlRefuses(t, c.control(http.MethodPost, "/wintro/relabel", `{"id":"x","name":"y"}`), http.StatusBadRequest, `no connection with the ID "x"`)
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
	for _, host := range []string{
		"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "192.168.0.1", "[::2]:1",
	} {
		for _, path := range paths {
			request := c.request(http.MethodGet, path, "")
			request.Host = host
			answer, err := c.do(request)
			if err != nil {
				t.Fatal(err)
			}
			controlRefuses(t, answer, http.StatusForbidden, `rejects the host "`+host)
		}
	}
	for _, header := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", ""}, {"Origin", "http://localhost:1"},
		{"Origin", c.URL, "Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site"},
	} {
		for _, path := range append(paths, sandbox.ControlPath+"/wintro/stay-pending") {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				controlRefuses(t, c.send(method, path, `{"n":1}`, header...), http.StatusForbidden, "rejects requests of other web pages")
			}
		}
	}
	if len(c.Requests()) > 0 || len(c.Faults()) != 1 {
		t.Errorf("%d requests are in the log, and %d faults are left", len(c.Requests()), len(c.Faults()))
	}
	c.ClearFaults()
	for _, host := range []string{"localhost", "localhost:80", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:4", "[::1]", "[::1]:5"} {
		request := c.request(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", "", "Authorization", "Bearer "+c.Token)
		request.Host = host
		answer, err := c.do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.want(http.StatusOK)
	}
	for _, header := range [][]string{
		{"Origin", c.URL}, {"Origin", c.URL, "Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
	} {
		c.send(http.MethodPost, sandbox.ControlPath+"/wintro/stay-pending", `{"n":1}`, header...).want(http.StatusOK)
	}
}

func controlRefuses(t *testing.T, answer reply, status int, words string) {
	t.Helper()
	sentence := decode[struct{ Error string }](answer).Error
	if answer.status != status || !strings.Contains(sentence, words) {
		t.Errorf("%d %q instead of %d with %q", answer.status, sentence, status, words)
	}
}

// The list of commands is plain text, and the commands respond with indented JSON.
func TestControlIsLaidOut(t *testing.T) {
	t.Parallel()
	c := start(t)
	list := c.send(http.MethodGet, sandbox.ControlPath, "", "Accept", "*/*").want(http.StatusOK)
	if got := list.header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	for _, command := range listedCommands(c) {
		if !strings.Contains(list.body, "\n"+command.Method+" ") || !strings.Contains(list.body, " "+command.Path+" ") ||
			!strings.Contains(list.body, "  "+command.Does+"\n") {
			t.Errorf("%s %s is not in the list:\n%s", command.Method, command.Path, list.body)
		}
	}
	if answer := c.control(http.MethodGet, "/recruitee/companies", ""); !strings.HasPrefix(answer.body, "[\n  {\n    \"id\": 816,\n") {
		t.Error(answer.body)
	}
}
