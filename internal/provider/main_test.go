package provider

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// TestMain reports how many tests were skipped because Terraform is too old for them. Another number than the
// expected one is a failure: otherwise nobody would notice that a test is never run.
func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	fmt.Printf("%d tests were skipped because Terraform is too old for them\n", gates.skipped)
	if code == 0 && eachTestRanOnce() {
		code = checkGates()
	}
	os.Exit(code)
}

// gatedTests is how many tests need a feature that not each Terraform has on which the tests are run.
var gatedTests = map[*terraformcli.Feature]int{
	terraformcli.ImportByIdentity: 2,
	terraformcli.ListResource:     2,
	terraformcli.SyncAction:       2,
	terraformcli.KeepOnDestroy:    2,
	terraformcli.ImportInModule:   1,
	terraformcli.ActionOnDestroy:  5,
	terraformcli.MinimalRefresh:   2,
	terraformcli.MockedEphemeral:  1,
}

// expectedSkips is how many tests need what this Terraform or OpenTofu doesn't have.
func expectedSkips(on terraformcli.CLI) (number int) {
	for feature, tests := range gatedTests {
		if !on.Has(feature) {
			number += tests
		}
	}
	return number
}

func checkGates() (code int) {
	found, err := findCLI()
	if err != nil {
		fmt.Println("FAIL:", err)
		return 1
	}
	if expected := expectedSkips(found); expected != gates.skipped {
		fmt.Printf("FAIL: with %s it should be %d\n", found, expected)
		code = 1
	}
	for feature, tests := range gatedTests {
		if asked := gates.tests[feature]; asked != tests {
			fmt.Printf("FAIL: %d tests need this feature, but it should be %d: %s\n", asked, tests, feature.Title)
			code = 1
		}
	}
	return code
}

// oldest is the oldest Terraform and OpenTofu that the tests are run on.
var oldest = version.Must(version.NewVersion("1.11.0"))

func TestEachNewerFeatureHasATest(t *testing.T) {
	t.Parallel()
	for _, feature := range terraformcli.Features {
		isNewer := false
		for _, openTofu := range []bool{false, true} {
			isNewer = isNewer || !(terraformcli.CLI{OpenTofu: openTofu, Version: oldest}).Has(feature)
		}
		if isGated := gatedTests[feature] > 0; isNewer != isGated {
			t.Errorf("not in each version since %s: %t, and has tests that are skipped there: %t: %s", oldest, isNewer, isGated, feature.Title)
		}
	}
}

// The workflow runs each of these versions: what a test there needs is skipped on none that has it.
func TestExpectedSkips(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		openTofu bool
		version  string
		expected int
	}{
		{false, "1.11.4", 17}, {false, "1.12.2", 15}, {false, "1.13.5", 15}, {false, "1.14.9", 11}, {false, "1.15.9", 11},
		{false, "1.16.6", 3}, {false, "1.17.1", 0},
		{true, "1.11.9", 17}, {true, "1.12.6", 12}, {true, "1.13.0", 12},
	} {
		cli := terraformcli.CLI{OpenTofu: test.openTofu, Version: version.Must(version.NewVersion(test.version))}
		if is := expectedSkips(cli); is != test.expected {
			t.Errorf("%s: %d instead of %d", cli, is, test.expected)
		}
	}
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
