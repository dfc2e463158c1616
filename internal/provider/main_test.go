package provider

import (
	"fmt"
	"os"
	"testing"
)

// TestMain reports how many tests were skipped because Terraform is too old for them. Where
// EXPECTED_SKIPS is set, another number is a failure: otherwise nobody would notice.
func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	fmt.Printf("%d tests were skipped because Terraform is too old for them\n", skipped.Load())
	if expected := os.Getenv("EXPECTED_SKIPS"); code == 0 && expected != "" && expected != fmt.Sprint(skipped.Load()) {
		fmt.Printf("FAIL: EXPECTED_SKIPS is %s\n", expected)
		code = 1
	}
	os.Exit(code)
}
