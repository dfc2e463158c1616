package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableIsCurrent(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "templates", "index.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	current, err := withTable(string(page))
	if err != nil {
		t.Fatal(err)
	}
	if current != string(page) {
		t.Error("the table “What works where” isn't what internal/terraformcli/features.go says: run make docs")
	}
}

func TestOnlyTheTableIsReplaced(t *testing.T) {
	t.Parallel()
	page, err := withTable("above\n" + heading + "| old |\n|---|\n| table |\n\n## Next\n\n| another | table |\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"above\n" + heading + "| | Terraform | OpenTofu |\n", "|\n\n## Next\n\n| another | table |\n"} {
		if !strings.Contains(page, kept) {
			t.Errorf("%q isn't in\n%s", kept, page)
		}
	}
	if strings.Contains(page, "old") {
		t.Errorf("the old table is still there:\n%s", page)
	}
	if _, err := withTable("no heading"); err == nil {
		t.Error("a page without the heading is no error")
	}
}
