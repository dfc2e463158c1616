package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// field returns a field of a header as it is shown.
func field(m sandbox.Message, name string) string {
	for _, f := range m.Header {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func TestRequestContent(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.admin("816", c.Token).want(http.StatusOK)
	c.connect()
	asked, ok := c.RequestContent(1)
	socket, _ := c.PersonalSecrets(sandbox.SeedOwnerID)
	if !ok || asked.Status != http.StatusOK || field(asked.Sent, "Authorization") != "Bearer "+sandbox.Fingerprint(c.Token) ||
		asked.Sent.Body != "" || field(asked.Answered, "Content-Type") != "application/json; charset=utf-8" ||
		!strings.Contains(asked.Answered.Body, "\n    \"first_name\": \"Ada\",\n") ||
		!strings.Contains(asked.Answered.Body, `"socket_token": "`+sandbox.Fingerprint(socket)+`"`) {
		t.Errorf("%+v", asked)
	}
	made, ok := c.RequestContent(2)
	want := `{
  "apiToken": "` + sandbox.Fingerprint(c.Token) + `",
  "ats": "recruitee",
  "atsCompanyId": "816",
  "enabled": true,
  "name": "Recruitee"
}`
	if !ok || made.Sent.Body != want || field(made.Sent, "Idempotency-Key") != "connect" || !strings.Contains(made.Answered.Body, `"status": "active"`) {
		t.Errorf("%+v", made)
	}
	for _, number := range []int{-1, 0, 3} {
		if _, ok := c.RequestContent(number); ok {
			t.Errorf("there is a request %d", number)
		}
	}
	c.ClearRequests()
	if _, ok := c.RequestContent(2); ok {
		t.Error("it is still there after clearing")
	}
}

// Whatever is sent as a token, and however, only its fingerprint is shown.
func TestRequestContentHoldsNoToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	unknown := "unknown+token/of==nobody"
	socket, calendar := c.PersonalSecrets(sandbox.SeedOwnerID)
	secrets := append(c.Secrets(), unknown, socket, calendar)
	for _, secret := range secrets {
		encoded, _ := json.Marshal(secret)
		escaped := ""
		for _, char := range secret {
			escaped += fmt.Sprintf(`\u%04x`, char)
		}
		long := strings.Repeat("x", 16<<10-len(secret)/2-20)
		for _, body := range []string{
			`{"apiToken":` + string(encoded) + `,"more":[` + string(encoded) + `],"` + secret + `":{"a":` + string(encoded) + `}}`,
			`{"apiToken":"` + escaped + `","more":"` + escaped + `"}`,
			`{"apiToken":` + string(encoded),
			`{"name":"` + long + `","apiToken":` + string(encoded) + `}`,
			"apiToken=" + secret,
		} {
			for _, authorization := range []string{"Bearer " + secret, "Basic " + secret, secret} {
				if secret == unknown && !strings.HasPrefix(authorization, "Bearer ") {
					continue // nothing says that it is a secret
				}
				c.send(http.MethodPost, sandbox.WintroPath+"/ats-connections", body, "Content-Type", "application/json",
					"Authorization", authorization, "Cookie", "session="+secret, "X-Other", secret, "Idempotency-Key", secret)
			}
		}
	}
	for _, request := range c.Requests() {
		content, _ := c.RequestContent(request.Number)
		shown, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			encoded, _ := json.Marshal(secret)
			if strings.Contains(string(shown), strings.Trim(string(encoded), `"`)) || strings.Contains(string(shown), secret[:len(secret)/2]) {
				t.Fatalf("%s is in %s", secret, shown)
			}
		}
	}
}

// An answer that is cut off in the middle of a secret doesn't show the half of it.
func TestCutOffContentHoldsNoToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	for i := range 40 {
		// No token has these characters.
		body := strings.Repeat("-", 16<<10-i) + c.Token + strings.Repeat("_", 100)
		c.Fail(sandbox.Fault{Status: http.StatusOK, Body: body, Times: 1})
		c.admin("816", "somebody-else").want(http.StatusOK)
		content, _ := c.RequestContent(i + 1)
		// In the token's place stands its fingerprint, which may be cut off, too.
		end := strings.TrimLeft(content.Answered.Body, "-")
		if !content.Answered.CutOff || !strings.HasPrefix(sandbox.Fingerprint(c.Token), end) || len(content.Answered.Body) < 15<<10 {
			t.Fatalf("%d bytes end in %q", len(content.Answered.Body), content.Answered.Body[15<<10:])
		}
	}
}

// What is kept is bounded, in number and in size.
func TestRequestLogIsBounded(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{Status: http.StatusOK, Body: strings.Repeat("x", 64<<10)})
	handler := http.Handler(c.Sandbox)
	const sent, kept = 10_100, 10_000
	for range sent {
		request := c.request(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", "", "Authorization", "Bearer "+c.Token)
		handler.ServeHTTP(&discard{http.Header{}}, request)
	}
	log := c.Requests()
	if len(log) != kept || log[0].Number != sent-kept+1 {
		t.Fatalf("%d requests from number %d on", len(log), log[0].Number)
	}
	oldest, _ := c.RequestContent(log[0].Number)
	newest, _ := c.RequestContent(sent)
	if !oldest.Forgotten || oldest.Answered.Body != "" || newest.Forgotten || newest.Answered.Body == "" {
		t.Errorf("the oldest %+v, the newest %+v", oldest.Request, newest.Request)
	}
	// 1,024 bodies of 16 KiB are 16 MiB, headers left aside.
	for number, forgotten := range map[int]bool{sent - 900: false, sent - 1_024: true} {
		if content, _ := c.RequestContent(number); content.Forgotten != forgotten {
			t.Errorf("the content of number %d is forgotten: %t", number, content.Forgotten)
		}
	}
	page, total := c.NewestRequests(func(r sandbox.Request) bool { return r.Number%2 == 0 }, 10, 3)
	if total != kept/2 || len(page) != 3 || page[0].Number != sent-20 || page[2].Number != sent-24 {
		t.Errorf("%d in all, %+v", total, page)
	}
}

// discard is a response that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func TestOnRequest(t *testing.T) {
	t.Parallel()
	requests := make(chan sandbox.Request, 2)
	s := sandbox.New(sandbox.OnRequest(func(r sandbox.Request) { requests <- r }))
	s.Seed()
	c := serve(t, s)
	before := s.RequestLogVersion()
	changed := s.Changed()
	c.admin("816", "a-wrong-token").want(http.StatusUnauthorized)
	<-changed
	c.Fail(sandbox.Fault{Kind: sandbox.CloseBefore, Times: 1})
	if _, err := c.do(c.request(http.MethodGet, sandbox.RecruiteePath, "")); err == nil {
		t.Error("it was answered")
	}
	seen := []sandbox.Request{<-requests, <-requests}
	if seen[0].Status != http.StatusUnauthorized || seen[1].Status != 0 || seen[1].Fault != sandbox.CloseBefore {
		t.Errorf("%+v", seen)
	}
	if s.RequestLogVersion() <= before {
		t.Error("the version is the same")
	}
}
