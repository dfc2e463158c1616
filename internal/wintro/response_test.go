package wintro_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestClientDecodesSuccess(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		for form, contentType := range map[string]string{
			"": "application/json", ", with a character set": "application/json; charset=utf-8", ", in upper case": "Application/JSON",
			", with a parameter twice": "application/json; charset=utf-8; charset=utf-8", ", with an odd parameter": "application/json; =x;;\"",
			", as a list": "application/json, application/json; charset=utf-8",
		} {
			t.Run("to "+name+form, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, name, transporttest.Answer(call.status, contentType, call.body))
				same(t, err, nil)
				same(t, got, call.decoded)
			})
		}
		if name == "Delete" {
			continue
		}
		forms := map[string]string{
			"a byte order mark": "\ufeff" + call.body,
			"unknown fields":    strings.Replace(call.body, `"meta":{`, `"links":{"next":[]},"error":null,"meta":{"requestId":"req_1",`, 1),
		}
		if data, _, _ := strings.Cut(call.body, `,"meta"`); name != "List" && name != "ListPage" {
			forms["no meta"] = data + "}"
		}
		for form, body := range forms {
			t.Run("to "+name+", with "+form, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, name, success(call.status, body))
				same(t, err, nil)
				same(t, got, call.decoded)
			})
		}
	}
}

func TestClientRejectsOtherFormats(t *testing.T) {
	t.Parallel()
	const notJSON = "; its JSON is incomplete or violates the contract"
	good := envelope(connectionJSON)
	for name, test := range map[string]struct {
		contentType, body, want string
	}{
		"as HTML":                       {"text/html", "<html>Welcome</html>", "; this is text/html, not Wintro's documented JSON"},
		"as plain text":                 {"text/plain", good, "; this is text/plain, not Wintro's documented JSON"},
		"without a content type":        {"", good, "; its Content-Type is missing or invalid, not Wintro's documented JSON"},
		"without a body":                {"application/json", "", notJSON},
		"with incomplete JSON":          {"application/json", good[:len(good)-1], notJSON},
		"with more text after the JSON": {"application/json", good + "{}", notJSON},
		"as a text":                     {"application/json", `"` + recruiteeToken + `"`, notJSON},
		"with an empty object":          {"application/json", `{}`, "; it has no data"},
		"with null as data":             {"application/json", envelope(`null`), "; it has no data"},
		"without the envelope":          {"application/json", connectionJSON, "; it has no data"},
		"as an error":                   {"application/json", `{"error":{"code":"NOT_FOUND","message":"There is no such connection."}}`, "; it has no data"},
		"with a text as data":           {"application/json", envelope(`"` + recruiteeToken + `"`), "; its JSON has an invalid value for data"},
	} {
		for to, call := range calls {
			if to == "Delete" {
				continue
			}
			t.Run(name+" to "+to, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, to, transporttest.Answer(call.status, test.contentType, test.body))
				failure := typed[*transport.UnavailableError](t, err)
				if failure.System != "Wintro" || failure.Host == "" || failure.Status != call.status || failure.Attempts != call.attempts {
					t.Errorf("error %+v", failure)
				}
				if want := http.StatusText(call.status) + test.want; !strings.HasSuffix(failure.Reason, want) {
					t.Errorf("%q doesn't end with %q", failure.Reason, want)
				}
				isNothing(t, got)
			})
		}
	}
}

func TestResponseMustBeAboutRequestedConnection(t *testing.T) {
	t.Parallel()
	other := envelope(connectionWith(t, `"con_1-A"`, `"con_2"`))
	for _, name := range []string{"Get", "Update"} {
		got, err := callWith(t, name, success(200, other))
		same(t, typed[*transport.UnavailableError](t, err).Reason, "it returned 200 OK; it is about another connection")
		isNothing(t, got)
	}
	got, err := callWith(t, "Create", success(201, other))
	want := connected()
	want.ID = "con_2"
	same(t, err, nil)
	same(t, got, want)
	for name, replaced := range map[string][]string{"company": {`"816"`, `"999"`}, "system": {`"recruitee"`, `"greenhouse"`}} {
		t.Run("Create with another "+name, func(t *testing.T) {
			t.Parallel()
			got, err := callWith(t, "Create", success(201, envelope(connectionWith(t, replaced...))))
			same(t, typed[*transport.UnavailableError](t, err).Reason, "it returned 201 Created; it is about the connection of another company")
			isNothing(t, got)
		})
	}
}

func TestSuccessNeedsDocumentedStatus(t *testing.T) {
	t.Parallel()
	for name, call := range calls {
		for _, status := range []int{200, 201, 202, 203, 204} {
			if status == call.status {
				continue
			}
			t.Run(name+" with "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				body := call.body
				if status == http.StatusNoContent {
					body = ""
				}
				got, err := callWith(t, name, success(status, body))
				same(t, typed[*transport.UnavailableError](t, err).Status, status)
				isNothing(t, got)
			})
		}
	}
}
