package terraformcli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
)

func TestHas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		openTofu bool
		version  string
		feature  *Feature
		expected bool
	}{
		{false, "1.11.4", ImportByIdentity, false},
		{false, "1.12.0", ImportByIdentity, true},
		{true, "1.11.9", ImportByIdentity, false},
		{true, "1.12.6", ImportByIdentity, true},
		{false, "1.14.0-beta1", ListResource, true},
		{true, "1.99.0", ListResource, false},
		{true, "1.12.1", MockedEphemeral, false},
		{true, "1.12.2", MockedEphemeral, true},
	} {
		cli := CLI{OpenTofu: test.openTofu, Version: version.Must(version.NewVersion(test.version))}
		if cli.Has(test.feature) != test.expected {
			t.Errorf("for %s and %q, Has returns %t", cli, test.feature, !test.expected)
		}
	}
}

func TestFeatureStringHasNoLinks(t *testing.T) {
	t.Parallel()
	if name := DataSources.String(); name != "Data sources `wintro_recruitee_connection` and `wintro_recruitee_connections`" {
		t.Errorf("the name is %q", name)
	}
}

func TestOlderReleasesAreTheFirstWithAFeature(t *testing.T) {
	t.Parallel()
	expected := map[Release]bool{}
	for _, f := range Features {
		for program, first := range map[string]*version.Version{"terraform": f.Terraform, "tofu": f.OpenTofu} {
			if first != nil && first.LessThan(since("1.11")) {
				expected[Release{program, strings.TrimSuffix(first.String(), ".0")}] = true
			}
		}
	}
	for _, release := range Older {
		if !expected[release] {
			t.Errorf("no feature first appeared in %s", release)
		}
	}
	if len(Older) != len(expected) {
		t.Errorf("Older is %v instead of %v", Older, expected)
	}
}

func TestTestedVersionsNamesFirstAndLast(t *testing.T) {
	t.Parallel()
	versions := map[string][]string{}
	for _, release := range Tested {
		versions[release.Program] = append(versions[release.Program], release.Version)
	}
	terraform, tofu := versions["terraform"], versions["tofu"]
	expected := fmt.Sprintf("Terraform %s to %s and OpenTofu %s to %s", terraform[0], terraform[len(terraform)-1], tofu[0], tofu[len(tofu)-1])
	if TestedVersions != expected {
		t.Errorf("TestedVersions is %q instead of %q", TestedVersions, expected)
	}
}
