package sandbox_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// An Idempotency-Key is valid for 24 hours, even if the connection no longer exists. The conformance checks cover the
// other rules for keys.
func TestIdempotencyPeriod(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		first := c.connect()
		c.Disconnect(first.ID)
		time.Sleep(24*time.Hour - 1)
		if again := c.connect(); !reflect.DeepEqual(again, first) || len(c.Connections()) > 0 {
			t.Errorf("the second response is %+v, but the first was %+v", again, first)
		}
		time.Sleep(time.Nanosecond)
		if again := c.connect(); again.ID == first.ID {
			t.Error("the key is still valid after 24 hours")
		}
	})
}

// Two organisations can use the same Idempotency-Key.
func TestIdempotencyKeyOfAnotherOrganisation(t *testing.T) {
	t.Parallel()
	c := start(t)
	other := c.AddOrganisation("Other")
	c.connect()
	response := c.send(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("817", "a token"),
		"Authorization", "Bearer "+other.Token, "Content-Type", "application/json", "Idempotency-Key", "connect")
	response.want(http.StatusCreated)
}
