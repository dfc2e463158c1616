package sandbox_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a fault does, nothing of it goes on after its caller has gone.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
