package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := start(t, sandbox.WithClock(clock.Now))
	body := newConnection("816", r.token)
	first := r.create(body, "first").want(http.StatusCreated)
	same := func(body, key string, want reply) {
		t.Helper()
		if got := r.create(body, key); got.status != want.status || got.body != want.body {
			t.Errorf("%d %s the second time, %d %s the first", got.status, got.body, want.status, want.body)
		}
	}
	same(body, "first", first)
	same(strings.NewReplacer(":", " : ", ",", "\n,").Replace(body), "first", first)

	conflict := r.create(body, "second").want(http.StatusConflict)
	refused := r.create(newConnection("acme", r.token), "third").want(http.StatusUnprocessableEntity)
	p := r.create(newConnection("817", r.token), "first").problem(http.StatusUnprocessableEntity)
	if p.Errors == nil || (*p.Errors)[0].Field != "Idempotency-Key" {
		t.Errorf("another body under the same key: %v", p.Errors)
	}
	r.create(newConnection("816", "another token"), "first").problem(http.StatusUnprocessableEntity)

	// The answer stays the first one whatever has become of the connection.
	r.box.Disconnect(r.box.Connections()[0].ID)
	clock.pass(24*time.Hour - 1)
	same(body, "first", first)
	same(body, "second", conflict)
	same(newConnection("acme", r.token), "third", refused)
	if n := len(r.box.Connections()); n != 0 {
		t.Errorf("%d connections", n)
	}

	clock.pass(1)
	if again := r.create(body, "first").want(http.StatusCreated); again.body == first.body {
		t.Error("the key still counts after 24 hours")
	}
}
