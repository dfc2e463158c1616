package main

import (
	"os"
	"testing"
)

// asCommand makes the test's own program the command, so that a test can send it signals.
const asCommand = "WINTRO_CONFORMANCE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}
