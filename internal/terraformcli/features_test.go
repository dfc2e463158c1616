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
			t.Errorf("%s, %s: %t", cli, test.feature, !test.expected)
		}
	}
}

func TestFeatureTable(t *testing.T) {
	t.Parallel()
	table := FeatureTable("https://registry.example/")
	for _, row := range []string{
		"| Resource [`wintro_recruitee_connection`](https://registry.example/resources/recruitee_connection) | 1.0 | 1.6 |\n",
		"| Ephemeral resource [`wintro_recruitee_token`](https://registry.example/ephemeral-resources/recruitee_token) | 1.10 | 1.11 |\n",
		" | 1.17 | 1.12.2 |\n",
		" | 1.14 | – |\n",
	} {
		if !strings.Contains(table, row) {
			t.Errorf("%q isn't in\n%s", row, table)
		}
	}
	if plain := DataSources.String(); plain != "Data sources `wintro_recruitee_connection` and `wintro_recruitee_connections`" {
		t.Error(plain)
	}
	if rows := strings.Count(table, "\n|"); rows != 1+len(Features) {
		t.Errorf("%d rows for %d features", rows, len(Features))
	}
}

func TestOlder(t *testing.T) {
	t.Parallel()
	expected := "[{terraform 1.0} {terraform 1.5} {terraform 1.7} {terraform 1.8} {terraform 1.10} {tofu 1.6} {tofu 1.7} {tofu 1.8}]"
	if older := fmt.Sprint(Older()); older != expected {
		t.Errorf("%s instead of %s", older, expected)
	}
}

func TestTestedVersions(t *testing.T) {
	t.Parallel()
	if versions := TestedVersions(); versions != "Terraform 1.11 to 1.17 and OpenTofu 1.11 to 1.13" {
		t.Error(versions)
	}
}
