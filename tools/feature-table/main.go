// Command feature-table writes the table *What works where* into a template of the documentation. The table and the
// tests, which skip themselves on older versions, use the same list of features. `make docs` runs the command.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

const (
	heading     = "\n## What works where\n\n"
	nextHeading = "\n## "
	// pages is the start of the links' addresses. The links are absolute, because the two registries resolve relative
	// links in an index page differently.
	pages = "https://registry.terraform.io/providers/wintro-ai/wintro/latest/docs/"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: feature-table TEMPLATE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "feature-table:", err)
		os.Exit(1)
	}
}

func write(file string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	after, err := withTable(string(before))
	if err != nil || after == string(before) {
		return err
	}
	return os.WriteFile(file, []byte(after), 0o600)
}

// withTable returns the page with a new section *What works where*. It returns an error if the page doesn't contain
// this section, followed by another.
func withTable(page string) (string, error) {
	above, section, found := strings.Cut(page, heading)
	_, below, ends := strings.Cut(section, nextHeading)
	if !found || !ends {
		return "", errors.New("the template has no section “What works where” that another section follows")
	}
	return above + heading + featureTable() + nextHeading + below, nil
}

// featureTable returns the section *What works where*: the table, and the tested versions.
func featureTable() string {
	var table strings.Builder
	table.WriteString("| | Terraform | OpenTofu |\n|---|---|---|\n")
	for _, f := range terraformcli.Features {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", terraformcli.Link.ReplaceAllString(f.Title, "[$1]("+pages+"$2)"), short(f.Terraform), short(f.OpenTofu))
	}
	fmt.Fprintf(&table, "\nCI runs all tests on %s, except tests of features that a version lacks.\n"+
		"OpenTofu 1.11 has been out of support since 2026-08-01.\n"+
		"On older versions, from Terraform 1.0 and OpenTofu 1.6, a test creates, changes and destroys a connection with `api_token`.\n", terraformcli.TestedVersions)
	return table.String()
}

// short returns a version as users write it, such as 1.11 instead of 1.11.0.
func short(first *version.Version) string {
	if first == nil {
		return "–"
	}
	return strings.TrimSuffix(first.String(), ".0")
}
