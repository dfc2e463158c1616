package provider

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"go.yaml.in/yaml/v4"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// TestMain prints how many tests were skipped because Terraform is too old for them. It fails if that number isn't the
// expected one, because otherwise nobody would notice a test that never runs.
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

// gatedTests maps each feature that some tested versions lack to the number of tests that need it.
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

// expectedSkips returns the number of tests that need a feature which this Terraform or OpenTofu lacks.
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
			fmt.Printf("FAIL: %d tests need this feature, but it should be %d: %s\n", asked, tests, feature)
			code = 1
		}
	}
	return code
}

// oldest is the oldest version of Terraform and OpenTofu on which CI runs the tests.
var oldest = version.Must(version.NewVersion("1.11.0"))

func TestEachNewerFeatureHasATest(t *testing.T) {
	t.Parallel()
	for _, feature := range terraformcli.Features {
		isNewer := false
		for _, openTofu := range []bool{false, true} {
			isNewer = isNewer || !(terraformcli.CLI{OpenTofu: openTofu, Version: oldest}).Has(feature)
		}
		if isGated := gatedTests[feature] > 0; isNewer != isGated {
			t.Errorf("not in each version since %s: %t, and has tests that are skipped there: %t: %s", oldest, isNewer, isGated, feature)
		}
	}
}

func TestWorkflowRunsTheTestsOnEachRelease(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Strategy struct {
				Matrix struct {
					Include []struct{ CLI, Version string }
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	for job, expected := range map[string][]terraformcli.Release{"acceptance": terraformcli.Tested, "lifecycle": terraformcli.Older} {
		var is []terraformcli.Release
		for _, on := range workflow.Jobs[job].Strategy.Matrix.Include {
			is = append(is, terraformcli.Release{Program: on.CLI, Version: strings.TrimSuffix(strings.TrimPrefix(on.Version, "~"), ".0")})
		}
		if !slices.Equal(is, expected) {
			t.Errorf("the matrix of %s is %v instead of %v", job, is, expected)
		}
	}
}

// eachTestRanOnce reports whether go test was called without flags that leave out or repeat tests.
func eachTestRanOnce() bool {
	for name, value := range map[string]string{"run": "", "skip": "", "list": "", "short": "false", "count": "1", "cpu": ""} {
		if flag.Lookup("test."+name).Value.String() != value {
			return false
		}
	}
	return true
}
