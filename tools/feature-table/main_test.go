package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

func TestCommittedTableIsCurrent(t *testing.T) {
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
		t.Error("the table “What works where” differs from internal/terraformcli/features.go: run make docs")
	}
}

func TestPagesNameTheTestedVersions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "CHANGELOG.md", ".changes/0.1.0/Added-newer.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), terraformcli.TestedVersions) {
			t.Errorf("%s doesn't name %s", name, terraformcli.TestedVersions)
		}
	}
}

func TestWithTableReplacesOnlyTable(t *testing.T) {
	t.Parallel()
	page, err := withTable("above\n" + heading + "| old |\n|---|\n| table |\n\nTested with old ones.\n\n## Next\n\n| another | table |\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"above\n" + heading + "| | Terraform | OpenTofu |\n", "\n\n## Next\n\n| another | table |\n"} {
		if !strings.Contains(page, kept) {
			t.Errorf("%q isn't in\n%s", kept, page)
		}
	}
	if strings.Contains(page, "| old |") {
		t.Errorf("the page still contains the old table:\n%s", page)
	}
	if _, err := withTable("no heading"); err == nil {
		t.Error("withTable returned no error for a page without the heading")
	}
}
