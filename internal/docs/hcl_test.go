package docs

import (
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A feature is something that an example may need and that not every supported Terraform has.
type feature struct {
	// terraform and tofu are the first versions that have it; tofu is nil where none does.
	terraform, tofu *version.Version
}

var (
	importByIdentity = feature{version.Must(version.NewVersion("1.12.0")), version.Must(version.NewVersion("1.12.0"))}
	actions          = feature{version.Must(version.NewVersion("1.14.0")), nil}
	queries          = feature{version.Must(version.NewVersion("1.14.0")), nil}
)

// hasFeatures reports whether this Terraform has all of the features. If it doesn't, that counts as skipped.
func hasFeatures(t *testing.T, features []feature) bool {
	t.Helper()
	for _, f := range features {
		first := f.terraform
		if cli(t).OpenTofu {
			first = f.tofu
		}
		if first == nil || cli(t).Version.Core().LessThan(first) {
			skipped.Add(1)
			return false
		}
	}
	return true
}

// parse parses any kind of configuration file.
func parse(t *testing.T, name, text string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", name, diags)
	}
	return file.Body.(*hclsyntax.Body)
}

// neededFeatures finds the features that a configuration uses.
func neededFeatures(body *hclsyntax.Body) []feature {
	var needed []feature
	for _, block := range body.Blocks {
		switch block.Type {
		case "list":
			needed = append(needed, queries)
		case "action", "action_trigger":
			needed = append(needed, actions)
		case "import":
			if _, found := block.Body.Attributes["identity"]; found {
				needed = append(needed, importByIdentity)
			}
		}
		needed = append(needed, neededFeatures(block.Body)...)
	}
	return needed
}

// hasBlock reports whether a configuration has a block of this type at its top level.
func hasBlock(body *hclsyntax.Body, blockType string) bool {
	for _, block := range body.Blocks {
		if block.Type == blockType {
			return true
		}
	}
	return false
}
