package wintro_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

func TestTheDocumentedAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range calls {
		for form, contentType := range map[string]string{"": "application/json", ", with a character set": "application/json; charset=utf-8"} {
			t.Run("to "+name+form, func(t *testing.T) {
				t.Parallel()
				body, want := connectionJSON, connected()
				switch name {
				case "List":
					body = `{"data":[` + body + `],"next_cursor":null}`
				case "Delete":
					body, want = "", wintro.Connection{}
				}
				got, err := test.call(t, answering(t, transporttest.Answer(test.status, contentType, body)))
				if err != nil {
					t.Fatal(err)
				}
				same(t, got, want)
			})
		}
	}
}

func TestAnAnswerThatIsNotTheContracts(t *testing.T) {
	t.Parallel()
	const notJSON = "; its JSON isn't complete or isn't what the contract says"
	for name, test := range map[string]struct {
		contentType, body, want string
	}{
		"as HTML":                        {"text/html", "<html>Welcome</html>", "; this is text/html, not Wintro's documented JSON"},
		"as plain text":                  {"text/plain", connectionJSON, "; this is text/plain, not Wintro's documented JSON"},
		"as a problem":                   {"application/problem+json", `{"title":"Not Found","status":404}`, "; this is application/problem+json, not Wintro's documented JSON"},
		"without a content type":         {"", connectionJSON, "; this is of no known type, not Wintro's documented JSON"},
		"as nothing":                     {"application/json", "", notJSON},
		"that breaks off":                {"application/json", connectionJSON[:len(connectionJSON)-1], notJSON},
		"with something after it":        {"application/json", connectionJSON + "{}", notJSON},
		"as a list":                      {"application/json", `[]`, notJSON},
		"as a text":                      {"application/json", `"` + recruiteeToken + `"`, notJSON},
		"with an escape sequence as key": {"application/json", `{"\u001b[2J":"` + recruiteeToken + `"}`, ""},
	} {
		for call, made := range calls {
			if call == "Delete" {
				continue
			}
			t.Run(name+" to "+call, func(t *testing.T) {
				t.Parallel()
				found, err := made.call(t, answering(t, transporttest.Answer(made.status, test.contentType, test.body)))
				failure := typed[*transport.NoAnswerError](t, err)
				if failure.System != "Wintro" || failure.Host == "" || failure.Status != made.status || failure.Attempts != 3 {
					t.Errorf("%+v", failure)
				}
				if want := http.StatusText(made.status) + test.want; !strings.Contains(failure.Reason, want) {
					t.Errorf("%q doesn't say %q", failure.Reason, want)
				}
				same(t, found, wintro.Connection{})
			})
		}
	}
}

func TestAnEmptyAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `{"connection":` + connectionJSON + `}`} {
		for call, made := range calls {
			want := "; its connection has no valid id"
			switch call {
			case "List":
				want = "; its list has no data"
			case "Delete":
				continue
			}
			t.Run(body[:2]+" to "+call, func(t *testing.T) {
				t.Parallel()
				_, err := made.call(t, answering(t, success(made.status, body)))
				if failure := typed[*transport.NoAnswerError](t, err); !strings.HasSuffix(failure.Reason, want) {
					t.Error(failure)
				}
			})
		}
	}
}

func TestWrongTypesAreNamedWithoutTheirValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ replaced, by, want string }{
		"a number as company_id":        {`"company_id":"816"`, `"company_id":816`, "the JSON's company_id isn't what the contract says"},
		"a text as enabled":             {`"enabled":true`, `"enabled":"` + recruiteeToken + `"`, "the JSON's enabled isn't what the contract says"},
		"an object as name":             {`"name":"Acme's Recruitee"`, `"name":{"` + recruiteeToken + `":1}`, "the JSON's name isn't what the contract says"},
		"a list as status":              {`"status":"active"`, `"status":["active"]`, "the JSON's status isn't what the contract says"},
		"a time that is none":           {`"created_at":"2026-04-21T07:31:15.149395Z"`, `"created_at":"` + recruiteeToken + `"`, "its JSON isn't complete or isn't what the contract says"},
		"a last_synced_at that is none": {`"last_synced_at":"2026-04-21T11:31:15Z"`, `"last_synced_at":""`, "its JSON isn't complete or isn't what the contract says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := connectionWith(t, test.replaced, test.by)
			for call, answer := range map[string]http.HandlerFunc{"Get": success(200, body), "List": success(200, `{"data":[`+connectionJSON+`,`+body+`]}`)} {
				_, err := calls[call].call(t, answering(t, answer))
				same(t, typed[*transport.NoAnswerError](t, err).Reason, "it answered 200 OK; "+test.want)
			}
		})
	}
}

func TestAnotherConnectionThanAskedFor(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]bool{"Get": true, "Update": true, "Create": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := calls[name].call(t, answering(t, success(calls[name].status, connectionWith(t, `"con_1-A"`, `"con_2"`))))
			if !refused {
				if err != nil || got.ID != "con_2" {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			same(t, typed[*transport.NoAnswerError](t, err).Reason, "it answered 200 OK; it is about another connection")
			same(t, got, wintro.Connection{})
		})
	}
}

func TestAnotherSuccessIsNoSuccess(t *testing.T) {
	t.Parallel()
	for name, test := range calls {
		for _, status := range []int{200, 201, 202, 204} {
			if status == test.status {
				continue
			}
			t.Run(name+" answered with "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				body := connectionJSON
				if status == http.StatusNoContent {
					body = ""
				}
				_, err := test.call(t, answering(t, success(status, body)))
				same(t, typed[*transport.NoAnswerError](t, err).Status, status)
			})
		}
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range calls {
		t.Run("to "+name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, transporttest.LoseAnswer)
			_, err := test.call(t, r)
			failure := typed[*transport.NoAnswerError](t, err)
			if failure.System != "Wintro" || failure.Host == "" || failure.Status != 0 || failure.Attempts != 3 || len(r.Requests()) != 3 {
				t.Errorf("%+v", failure)
			}
			same(t, failure.Reason, "the connection was closed before the answer was complete")
		})
	}
}
