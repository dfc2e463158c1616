package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestRequestLog(t *testing.T) {
	t.Parallel()
	c := start(t)
	began := time.Now()
	c.admin("816", c.Token).want(http.StatusOK)
	id := c.connect().ID
	c.wintro(http.MethodPatch, "/ats-connections/"+id+"?x=1", `{"name":"x","enabled":true}`, "User-Agent", "a test/1").
		want(http.StatusOK)
	c.send(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", "").want(http.StatusUnauthorized)
	c.send(http.MethodGet, sandbox.ControlPath+"/requests", "").want(http.StatusOK)
	c.send(http.MethodGet, "/elsewhere", "").want(http.StatusNotFound)

	recruitee, wintro := sandbox.Fingerprint(c.Token), sandbox.Fingerprint(c.WintroToken())
	connections := sandbox.WintroPath + "/ats-connections"
	want := sandbox.RequestLog{
		{System: "recruitee", Method: "GET", Path: "/recruitee/c/816/admin", Status: 200, BearerFingerprint: recruitee},
		{System: "wintro", Method: "POST", Path: connections, Status: 201, BearerFingerprint: wintro,
			TokenFingerprint: recruitee, IdempotencyKey: "connect",
			Body: []string{"apiToken", "ats", "atsCompanyId", "enabled", "name"}},
		{System: "wintro", Method: "PATCH", Path: connections + "/" + id, Query: "x=1", Status: 200, BearerFingerprint: wintro,
			UserAgent: "a test/1", Body: []string{"enabled", "name"}},
		{System: "recruitee", Method: "GET", Path: "/recruitee/c/816/admin", Status: 401},
	}
	got := c.Requests()
	if len(got) != len(want) {
		t.Fatalf("the log has %d requests: %+v", len(got), got)
	}
	for i := range got {
		if got[i].Number != i+1 || got[i].Time.Before(began) || got[i].Duration <= 0 {
			t.Errorf("the number %d, the time %s or the duration %s is wrong", got[i].Number, got[i].Time, got[i].Duration)
		}
		if i > 0 && (got[i].Overlaps(got[i-1]) || got[i-1].Overlaps(got[i])) {
			t.Errorf("requests %d and %d overlap", i, i+1)
		}
		want[i].Host, want[i].CarriedOut = c.host(), true
		got[i].Number, got[i].Time, got[i].Duration = 0, time.Time{}, 0
		if want[i].Body == nil {
			want[i].Body = []string{}
		}
		if want[i].UserAgent == "" {
			want[i].UserAgent = "Go-http-client/1.1"
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}

	all := c.Requests()
	recruitees, posts, patches := all.To(sandbox.Recruitee), all.With(http.MethodPost), all.At(id)
	if len(recruitees) != 2 || len(posts) != 1 || len(patches) != 1 {
		t.Errorf("the log has %d requests to Recruitee, %d with POST and %d for %s", len(recruitees), len(posts), len(patches), id)
	}
	c.ClearRequests()
	c.admin("816", c.Token)
	if after := c.Requests(); len(after) != 1 || after[0].Number != 5 {
		t.Errorf("after ClearRequests, the log contains %+v", after)
	}
}

// The sandbox logs a request with an incomplete body, but doesn't carry out the request.
func TestRequestWithIncompleteBody(t *testing.T) {
	t.Parallel()
	c := start(t)
	connection, err := net.Dial("tcp", c.host())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(connection, "POST "+sandbox.WintroPath+"/ats-connections HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
	if err != nil {
		t.Fatal(err)
	}
	// After CloseWrite, the server closes the connection without a response.
	_ = connection.(*net.TCPConn).CloseWrite()
	if response, err := io.ReadAll(connection); err != nil || len(response) > 0 {
		t.Errorf("the response is %q, and the error is %v", response, err)
	}
	_ = connection.Close()
	if got := c.Requests(); len(got) != 1 || got[0].CarriedOut || got[0].Status != 0 || got[0].Duration <= 0 {
		t.Errorf("the log contains %+v", got)
	}
}

// TestRequestLogKeepsNoLongRequestLines sends requests with long queries. It isn't parallel, because it measures memory.
func TestRequestLogKeepsNoLongRequestLines(t *testing.T) { //nolint:paralleltest // see above
	c := start(t)
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	const requests, length = 100, 512 << 10
	before := heap()
	for range requests {
		c.wintro(http.MethodGet, "/ats-connections?x="+strings.Repeat("x", length), "")
	}
	if after := heap(); after > before+requests*length/4 {
		t.Errorf("the log keeps %[2]d MB for %[1]d requests", requests, (after-before)>>20)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Connect(sandbox.SeedCompanyID, "By hand", "by hand")
	socket, calendar := personalSecrets(c.admin("816", c.Token))
	for _, secret := range []string{c.Token, c.WintroToken(), c.IssueReadOnlyToken(), socket, calendar, "by hand"} {
		if !slices.Contains(c.Secrets(), secret) {
			t.Errorf("Secrets does not return %s", secret)
		}
	}
}

// field returns the value of a header field, or "" if the message doesn't contain the field.
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
	socket, _ := personalSecrets(c.admin("816", c.Token).want(http.StatusOK))
	c.connect()
	asked, ok := c.RequestContent(1)
	if !ok || asked.Status != http.StatusOK || field(asked.Sent, "Authorization") != "Bearer "+sandbox.Fingerprint(c.Token) ||
		asked.Sent.Body != "" || field(asked.Received, "Content-Type") != "application/json; charset=utf-8" ||
		!strings.Contains(asked.Received.Body, "\n    \"first_name\": \"Ada\",\n") ||
		!strings.Contains(asked.Received.Body, `"socket_token": "`+socket+`"`) {
		t.Errorf("the request to Recruitee is %+v", asked)
	}
	made, ok := c.RequestContent(2)
	want := `{
  "apiToken": "` + sandbox.Fingerprint(c.Token) + `",
  "ats": "recruitee",
  "atsCompanyId": "816",
  "enabled": true,
  "name": "Recruitee"
}`
	if !ok || made.Sent.Body != want || field(made.Sent, "Idempotency-Key") != "connect" || !strings.Contains(made.Received.Body, `"status": "active"`) {
		t.Errorf("the create request is %+v", made)
	}
	for _, number := range []int{-1, 0, 3} {
		if _, ok := c.RequestContent(number); ok {
			t.Errorf("the log has a request with the number %d", number)
		}
	}
	c.ClearRequests()
	if _, ok := c.RequestContent(2); ok {
		t.Error("the log still has a request after ClearRequests")
	}
}

// The log shows fingerprints instead of tokens, no matter how the request encodes a token.
func TestRequestContentHasNoToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	const token = "unknown+token/of==nobody"
	escaped := ""
	for _, char := range token {
		escaped += fmt.Sprintf(`\u%04x`, char)
	}
	for _, body := range []string{
		`{"apiToken":"` + token + `"}`,
		`{"apiToken" : "` + escaped + `"}`,
		`{"APITOKEN":"` + token + `"}`,
		`{"apiToken":"` + token,
		`{"name":"` + strings.Repeat("x", 16<<10-20) + `","apiToken":"` + token + `"}`,
	} {
		for _, authorization := range []string{"Bearer " + token, "bearer  " + token, "Basic " + token, token} {
			c.send(http.MethodPost, sandbox.WintroPath+"/ats-connections", body, "Content-Type", "application/json",
				"Authorization", authorization)
		}
	}
	for _, request := range c.Requests() {
		content, _ := c.RequestContent(request.Number)
		shown := fmt.Sprint(content)
		if strings.Contains(shown, token) || strings.Contains(shown, escaped) {
			t.Errorf("the log contains the token: %s", shown)
		}
		if sent := content.Sent.Body; !content.Sent.CutOff && !strings.Contains(sent, sandbox.Fingerprint(token)) && json.Valid([]byte(sent)) {
			t.Errorf("the body does not contain the fingerprint: %s", sent)
		}
	}
}

// The log shortens long texts, and limits the number of header fields and body fields. Otherwise a caller could fill
// the sandbox's memory.
func TestRequestTextsAreBounded(t *testing.T) {
	t.Parallel()
	c := start(t)
	long := strings.Repeat("ü", 4<<10)
	fields := map[string]string{}
	header := []string{"User-Agent", long, "Idempotency-Key", long, "Host", "localhost:" + strings.Repeat("1", 4<<10), "A-" + strings.Repeat("a", 4<<10), "a"}
	for i := range 100 {
		fields[fmt.Sprint(i, long)] = ""
		header = append(header, fmt.Sprint("X-", i), long)
	}
	body, _ := json.Marshal(fields)
	c.send(http.MethodPost, sandbox.WintroPath+"/"+url.PathEscape(long)+"?"+url.QueryEscape(long), string(body), header...)
	content, _ := c.RequestContent(1)
	texts := append(content.Body, content.Host, content.Path, content.Query, content.IdempotencyKey, content.UserAgent)
	for _, f := range content.Sent.Header {
		texts = append(texts, f.Name, f.Value)
	}
	for _, text := range texts {
		if len(text) > 1<<10+len("…") || !utf8.ValidString(text) {
			t.Errorf("the log keeps %d bytes of the text %.20q", len(text), text)
		}
	}
	if len(content.Body) > 20 || len(content.Sent.Header) > 50 || len(content.Sent.Body) > 16<<10+len("\uFFFD") {
		t.Errorf("the log keeps %d field names, %d header fields, and %d bytes of the body",
			len(content.Body), len(content.Sent.Header), len(content.Sent.Body))
	}
}

// The log keeps at most 10,000 requests, and the headers and bodies of the newest 500.
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
		t.Fatalf("the log has %d requests, the first with the number %d", len(log), log[0].Number)
	}
	oldest, _ := c.RequestContent(log[0].Number)
	newest, _ := c.RequestContent(sent)
	if !oldest.Forgotten || oldest.Received.Body != "" || newest.Forgotten || newest.Received.Body == "" {
		t.Errorf("the oldest request %+v has its content, or the newest request %+v lacks its content", oldest.Request, newest.Request)
	}
	for number, forgotten := range map[int]bool{sent - 499: false, sent - 500: true} {
		if content, _ := c.RequestContent(number); content.Forgotten != forgotten {
			t.Errorf("request %d: Forgotten is %t", number, content.Forgotten)
		}
	}
}

// discard is an http.ResponseWriter that drops the response.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func TestOnRequest(t *testing.T) {
	t.Parallel()
	requests := make(chan sandbox.Request, 2)
	s := sandbox.New()
	s.OnRequest(func(r sandbox.Request) { requests <- r })
	s.Seed()
	c := serve(t, s)
	before := s.RequestLogVersion()
	c.admin("816", "a-wrong-token").want(http.StatusUnauthorized)
	c.Fail(sandbox.Fault{Kind: sandbox.CloseBefore, Times: 1})
	if _, err := c.do(c.request(http.MethodGet, sandbox.RecruiteePath, "")); err == nil {
		t.Error("the request got a response")
	}
	seen := []sandbox.Request{<-requests, <-requests}
	if seen[0].Status != http.StatusUnauthorized || seen[1].Status != 0 || seen[1].Fault != sandbox.CloseBefore {
		t.Errorf("OnRequest got %+v", seen)
	}
	if s.RequestLogVersion() <= before {
		t.Error("the version of the log has not increased")
	}
}
