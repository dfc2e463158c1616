// Command feature-table writes the table *What works where* into a template of the documentation, from the same list
// that tests take their version gates from: `make docs` runs it.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

const (
	heading = "\n## What works where\n\n"
	// pages is absolute: links in an index page that are relative lead to different places in the two registries.
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

// withTable replaces the lines of the table below its heading.
func withTable(page string) (string, error) {
	above, below, found := strings.Cut(page, heading)
	if !found {
		return "", errors.New("there is no heading “What works where”")
	}
	for strings.HasPrefix(below, "|") {
		_, below, _ = strings.Cut(below, "\n")
	}
	return above + heading + terraformcli.FeatureTable(pages) + below, nil
}
