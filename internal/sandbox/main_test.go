package sandbox_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a goroutine is still running after the tests, for example in a fault that doesn't end when its
// caller gives up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
