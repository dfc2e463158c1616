package sandbox_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Every fault ends when its caller gives up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
