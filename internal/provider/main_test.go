package provider

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// TestMain reports how many tests were skipped because Terraform is too old for them. Another number than the
// expected one is a failure: otherwise nobody would notice that a test is never run.
func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	fmt.Printf("%d tests were skipped because Terraform is too old for them\n", skipped.Load())
	if code == 0 && eachTestRanOnce() {
		code = checkSkips()
	}
	os.Exit(code)
}

func checkSkips() (code int) {
	found, err := findCLI()
	if err != nil {
		fmt.Println("FAIL:", err)
		return 1
	}
	if expected := expectedSkips(found); expected != skipped.Load() {
		fmt.Printf("FAIL: with %s it should be %d\n", found, expected)
		return 1
	}
	return 0
}

// expectedSkips is how many tests need what this Terraform or OpenTofu doesn't have.
func expectedSkips(on terraformcli.CLI) int32 {
	number := on.Version.Core()
	switch {
	case number.LessThan(tfversion.Version1_12_0):
		return 4 // identity, list resources, actions
	case on.OpenTofu, number.LessThan(tfversion.Version1_14_0):
		return 3 // list resources, actions
	}
	return 0
}

// eachTestRanOnce reports whether the flags of go test neither leave a test out nor repeat one.
func eachTestRanOnce() bool {
	for name, value := range map[string]string{"run": "", "skip": "", "list": "", "short": "false", "count": "1", "cpu": ""} {
		if flag.Lookup("test."+name).Value.String() != value {
			return false
		}
	}
	return true
}
