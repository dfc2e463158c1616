package sandbox_test

import (
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

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
