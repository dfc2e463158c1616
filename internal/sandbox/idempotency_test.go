package sandbox_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := start(t, sandbox.WithClock(clock.Now))
	body := newConnection("816", c.Token)
	create := func(body string) contract.Connection {
		t.Helper()
		return decodeData[contract.Connection](c.create(body, "first").want(http.StatusCreated))
	}
	first := create(body)
	same := func(body string) {
		t.Helper()
		if again := create(body); !reflect.DeepEqual(again, first) {
			t.Errorf("%+v the second time, %+v the first", again, first)
		}
	}
	same(body)
	same(strings.NewReplacer(":", " : ", ",", "\n,").Replace(body))
	for _, other := range []string{newConnection("817", c.Token), newConnection("816", "another token"), newConnection("acme", c.Token)} {
		c.create(other, "first").wantError(http.StatusConflict, contract.CodeIdempotencyKeyReused)
	}

	// The answer stays the first one whatever has become of the connection.
	c.Disconnect(first.ID)
	clock.pass(24*time.Hour - 1)
	same(body)
	if n := len(c.Connections()); n != 0 {
		t.Errorf("%d connections", n)
	}
	clock.pass(1)
	if again := create(body); again.ID == first.ID {
		t.Error("the key still counts after 24 hours")
	}
}

// What failed may be sent again, and even something else, with the same key.
func TestIdempotencyForgetsErrors(t *testing.T) {
	t.Parallel()
	c := start(t)
	first := c.connect()
	c.create(newConnection("816", c.Token), "key").wantError(http.StatusConflict, contract.CodeAlreadyLinked)
	c.create(newConnection("acme", c.Token), "key").wantError(http.StatusBadRequest, contract.CodeBadRequest)
	c.Disconnect(first.ID)
	c.create(newConnection("816", c.Token), "key").want(http.StatusCreated)
}

// A key counts within its organisation.
func TestIdempotencyKeyOfAnotherOrganisation(t *testing.T) {
	t.Parallel()
	c := start(t)
	other := c.AddOrganisation("Other")
	c.connect()
	answer := c.send(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("817", "a token"),
		"Authorization", "Bearer "+other.Token, "Content-Type", "application/json", "Idempotency-Key", "connect")
	answer.want(http.StatusCreated)
}
