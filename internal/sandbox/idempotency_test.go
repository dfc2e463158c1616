package sandbox_test

import (
	"reflect"
	"testing"
	"time"
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
