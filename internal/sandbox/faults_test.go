package sandbox_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestFaultStatus(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.box.Fail(sandbox.Fault{
		System: sandbox.Recruitee, Times: 2, Status: http.StatusBadGateway,
		Header: http.Header{"Retry-After": {"7"}, "Content-Type": {"text/html"}}, Body: "<h1>Bad Gateway</h1>",
	})
	r.box.Fail(sandbox.Fault{Method: http.MethodGet, PathContains: "/admin", Status: http.StatusTeapot})
	r.connect()
	for range 2 {
		answer := r.admin("816", r.token).want(http.StatusBadGateway)
		if answer.body != "<h1>Bad Gateway</h1>" || answer.header.Get("Retry-After") != "7" ||
			answer.header.Get("Content-Type") != "text/html" {
			t.Errorf("%s with %v", answer.body, answer.header)
		}
	}
	if left := r.box.Faults(); len(left) != 1 {
		t.Errorf("%d faults are left", len(left))
	}
	for range 3 {
		r.admin("816", r.token).want(http.StatusTeapot)
	}
	r.box.ClearFaults()
	r.admin("816", r.token).want(http.StatusOK)
	if got := r.box.Requests().To(sandbox.Recruitee)[0].Status; got != http.StatusBadGateway {
		t.Errorf("the log says %d", got)
	}
}

func TestFaultDrops(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   sandbox.Fault
		created int
	}{
		"before":               {sandbox.Fault{DropBefore: true}, 0},
		"after":                {sandbox.Fault{DropAfter: true}, 1},
		"in place of a status": {sandbox.Fault{DropAfter: true, Status: 503}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			test.fault.Times = 1
			r.box.Fail(test.fault)
			answer, err := r.do(r.request(http.MethodPost, sandbox.WintroPath+"/ats-connections",
				newConnection("816", r.token), "Authorization", "Bearer "+r.box.WintroToken(),
				"Content-Type", "application/json", "Idempotency-Key", "connect"))
			if err == nil {
				t.Errorf("the answer came through: %+v", answer)
			}
			if n := len(r.box.Connections()); n != test.created {
				t.Errorf("%d connections instead of %d", n, test.created)
			}
			r.connect()
			if n := len(r.box.Connections()); n != 1 {
				t.Errorf("%d connections after all", n)
			}
			if got := r.box.Requests()[0]; got.Status != 0 || got.Duration <= 0 {
				t.Errorf("the log says %+v", got)
			}
		})
	}
}

func TestFaultLatency(t *testing.T) {
	t.Parallel()
	r := start(t)
	const latency = 20 * time.Millisecond
	r.box.Fail(sandbox.Fault{Latency: latency, Times: 1})
	r.admin("816", r.token).want(http.StatusOK)
	if got := r.box.Requests()[0].Duration; got < latency {
		t.Errorf("it took %s", got)
	}
	// Who does not wait for the answer keeps nobody waiting: the server could not close otherwise.
	r.box.Fail(sandbox.Fault{Latency: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), latency)
	defer cancel()
	request := r.request(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", "").WithContext(ctx)
	if answer, err := r.do(request); err == nil {
		t.Errorf("answered %d", answer.status)
	}
}

func TestFaultMistakes(t *testing.T) {
	t.Parallel()
	box := sandbox.New()
	expectPanic(t, "nothing is wrong", func() { box.Fail(sandbox.Fault{System: sandbox.Wintro}) })
	expectPanic(t, `not "Wintro"`, func() { box.Fail(sandbox.Fault{System: "Wintro", Status: 500}) })
	expectPanic(t, "between 200 and 599", func() { box.Fail(sandbox.Fault{Status: 100}) })
	expectPanic(t, "-1 times", func() { box.Fail(sandbox.Fault{Status: 500, Times: -1}) })
	expectPanic(t, "negative", func() { box.Fail(sandbox.Fault{Latency: -1}) })
	if left := box.Faults(); len(left) != 0 {
		t.Errorf("faults %+v", left)
	}
}
