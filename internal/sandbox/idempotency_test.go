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
	c := start(t, sandbox.WithClock(clock.Now))
	body := newConnection("816", c.Token)
	first := c.create(body, "first").want(http.StatusCreated)
	same := func(body, key string, want reply) {
		t.Helper()
		if got := c.create(body, key); got.status != want.status || got.body != want.body {
			t.Errorf("%d %s the second time, %d %s the first", got.status, got.body, want.status, want.body)
		}
	}
	same(body, "first", first)
	same(strings.NewReplacer(":", " : ", ",", "\n,").Replace(body), "first", first)

	conflict := c.create(body, "second").want(http.StatusConflict)
	refused := c.create(newConnection("acme", c.Token), "third").want(http.StatusUnprocessableEntity)
	p := c.create(newConnection("817", c.Token), "first").problem(http.StatusUnprocessableEntity)
	if p.Errors == nil || (*p.Errors)[0].Field != "Idempotency-Key" {
		t.Errorf("another body under the same key: %v", p.Errors)
	}
	c.create(newConnection("816", "another token"), "first").problem(http.StatusUnprocessableEntity)

	// The answer stays the first one whatever has become of the connection.
	c.Disconnect(c.Connections()[0].ID)
	clock.pass(24*time.Hour - 1)
	same(body, "first", first)
	same(body, "second", conflict)
	same(newConnection("acme", c.Token), "third", refused)
	if n := len(c.Connections()); n != 0 {
		t.Errorf("%d connections", n)
	}

	clock.pass(1)
	if again := c.create(body, "first").want(http.StatusCreated); again.body == first.body {
		t.Error("the key still counts after 24 hours")
	}
}
