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

// TestMain prints how many tests were skipped because Terraform is too old for them. If go test ran each test once,
// TestMain also compares these tests with the list of features. It fails if no test needs a feature that the oldest
// version lacks, or if a test still calls needs for a feature that each tested version has.
func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(builtFolder)
	fmt.Printf("%d tests were skipped because Terraform is too old for them\n", gates.skipped)
	if code == 0 && eachTestRanOnce() {
		for _, feature := range terraformcli.Features {
			if tests := gates.tests[feature]; isNewer(feature) != (tests > 0) {
				fmt.Printf("FAIL: %d tests need this feature, and a tested version lacks it: %t: %s\n", tests, isNewer(feature), feature)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// oldest is the oldest version of Terraform and OpenTofu on which CI runs all tests.
var oldest = version.Must(version.NewVersion("1.11.0"))

// isNewer reports whether the oldest Terraform or OpenTofu on which CI runs all tests lacks the feature.
func isNewer(feature *terraformcli.Feature) bool {
	terraform, openTofu := terraformcli.CLI{Version: oldest}, terraformcli.CLI{Version: oldest, OpenTofu: true}
	return !terraform.Has(feature) || !openTofu.Has(feature)
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
