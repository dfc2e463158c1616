package docstest

import (
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// hasFeatures reports whether the Terraform or OpenTofu of these tests has all of the features. If a feature is
// missing, hasFeatures increments skipped.
func hasFeatures(t *testing.T, features []*terraformcli.Feature) bool {
	t.Helper()
	for _, f := range features {
		if !cli(t).Has(f) {
			skipped.Add(1)
			return false
		}
	}
	return true
}

// parse parses a file in HCL, such as a .tf or a .tftest.hcl file.
func parse(t *testing.T, name, text string) *hclsyntax.Body {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", name, diags)
	}
	return file.Body.(*hclsyntax.Body)
}

// neededFeatures returns the features that a configuration uses and that some supported versions lack.
func neededFeatures(body *hclsyntax.Body) []*terraformcli.Feature {
	var needed []*terraformcli.Feature
	for _, block := range body.Blocks {
		switch block.Type {
		case "list":
			needed = append(needed, terraformcli.ListResource)
		case "action":
			needed = append(needed, terraformcli.SyncAction)
		case "action_trigger":
			needed = append(needed, terraformcli.SyncAction)
			if _, found := block.Body.Attributes["on_failure"]; found || isAbout(block.Body.Attributes["events"], "before_destroy", "after_destroy") {
				needed = append(needed, terraformcli.ActionOnDestroy)
			}
		case "config":
			for _, attribute := range block.Body.Attributes {
				if isAbout(attribute, "caller") {
					needed = append(needed, terraformcli.ActionOnDestroy)
				}
			}
		case "import":
			if _, found := block.Body.Attributes["identity"]; found {
				needed = append(needed, terraformcli.ImportByIdentity)
			}
		case "resource":
			for _, inner := range block.Body.Blocks {
				if _, found := inner.Body.Attributes["destroy"]; found && inner.Type == "lifecycle" {
					needed = append(needed, terraformcli.KeepOnDestroy)
				}
			}
		case "mock_ephemeral", "override_ephemeral":
			needed = append(needed, terraformcli.MockedEphemeral)
		}
		needed = append(needed, neededFeatures(block.Body)...)
	}
	return needed
}

// isAbout reports whether an attribute's expression contains a reference that begins with one of these names. attribute
// can be nil.
func isAbout(attribute *hclsyntax.Attribute, names ...string) bool {
	return attribute != nil && slices.ContainsFunc(attribute.Expr.Variables(), func(reference hcl.Traversal) bool {
		return slices.Contains(names, reference.RootName())
	})
}

// hasBlock reports whether a configuration has a top-level block of this type.
func hasBlock(body *hclsyntax.Body, blockType string) bool {
	return slices.ContainsFunc(body.Blocks, func(block *hclsyntax.Block) bool { return block.Type == blockType })
}
