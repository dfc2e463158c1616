package docstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/itchyny/gojq"
	"go.yaml.in/yaml/v4"
)

// TestAccEachBlockOfCodeIsValid checks the code blocks that readers copy from the documentation. It skips the HCL
// blocks that are copies of an example, because TestAccExamples runs the examples. It validates the other HCL blocks,
// with stubs for the objects and variables that they don't declare.
func TestAccEachBlockOfCodeIsValid(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	eachFile(t, examples, func(_, text string) { known[strings.TrimSpace(text)] = true })
	ofHCL, formatted := 0, newFolder(t)
	for _, p := range pages(t) {
		blocks, _ := p.split(t)
		for _, b := range blocks {
			name := fmt.Sprintf("%s:%d", p.name, b.line)
			if b.language != "terraform" && b.language != "hcl" {
				if strings.HasPrefix(p.name, "docs/") {
					expectValid(t, name, b)
				}
				continue
			}
			ofHCL++
			if known[strings.TrimSpace(b.text)] {
				continue
			}
			formatted.write(fmt.Sprintf("%d/%s.tf", b.line, strings.ReplaceAll(p.name, "/", "-")), b.text)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				validate(t, name, b.text)
			})
		}
	}
	formatted.terraform(0, "fmt", "-check", "-diff", "-recursive")
	if ofHCL < 30 {
		t.Errorf("only %d blocks of HCL were found", ofHCL)
	}
}

// expectValid parses a block that isn't HCL, and fails if the block is invalid or if there is no parser for its
// language.
func expectValid(t *testing.T, name string, b codeBlock) {
	t.Helper()
	switch b.language {
	case "sh", "shell":
		newFolder(t).run(0, "sh", "-n", "-c", b.text)
	case "yaml":
		var document any
		if err := yaml.Unmarshal([]byte(b.text), &document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	case "jq":
		if _, err := gojq.Parse(b.text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	case "json":
		if !json.Valid([]byte(b.text)) {
			t.Errorf("%s isn't valid JSON", name)
		}
	case "text":
	default:
		t.Errorf("%s: there is no check for the language %q", name, b.language)
	}
}

func validate(t *testing.T, name, text string) {
	t.Helper()
	body := parse(t, name, text)
	if !hasFeatures(t, neededFeatures(body)) {
		t.Skip("this Terraform is too old, or is OpenTofu")
	}
	e := newGuide(t)
	arguments := validateCommand
	if hasBlock(body, "list") {
		e.write("block.tfquery.hcl", text)
		arguments = append(slices.Clone(arguments), "-query")
	} else {
		e.use(text)
	}
	e.init()
	e.terraform(0, arguments...)
}

// settingsFor returns a terraform block that requires only wintro and the providers that the configuration uses,
// because Terraform starts each required provider, which takes time.
func settingsFor(configuration string) string {
	text := "terraform {\n  required_providers {\n"
	for _, p := range providers {
		if name := filepath.Base(p.source); name == "wintro" || strings.Contains(configuration, name+"_") {
			text += fmt.Sprintf("    %s = { source = %q }\n", name, p.source)
		}
	}
	return text + "  }\n}\n"
}

// stubs returns declarations for the variables and connections to which a block refers without declaring them.
func stubs(configuration string, body *hclsyntax.Body) string {
	declared, used := map[string]bool{}, map[string]bool{}
	for _, b := range body.Blocks {
		switch b.Type {
		case "resource":
			declared[strings.Join(b.Labels, ".")] = true
		default:
			declared[strings.Join(append([]string{b.Type}, b.Labels...), ".")] = true
		}
	}
	references(body, used)
	text := ""
	if !declared["terraform"] {
		text = settingsFor(configuration)
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		kind, rest, _ := strings.Cut(name, ".")
		if kind == "var" {
			kind = "variable"
			name = kind + "." + rest
		}
		switch {
		case declared[name]:
		case kind == "variable":
			text += fmt.Sprintf("variable %q {}\n", rest)
		case kind == "wintro_recruitee_connection":
			text += fmt.Sprintf("resource %q %q {\n  company_id = \"816\"\n}\n", kind, rest)
		}
	}
	return text
}

// references adds the first two parts of each reference, such as var.token, to used. It ignores removed and moved
// blocks, because the resources that they name need no declaration.
func references(body *hclsyntax.Body, used map[string]bool) {
	for _, attribute := range body.Attributes {
		for _, traversal := range attribute.Expr.Variables() {
			if len(traversal) < 2 {
				continue
			}
			if second, ok := traversal[1].(hcl.TraverseAttr); ok {
				used[traversal.RootName()+"."+second.Name] = true
			}
		}
	}
	for _, b := range body.Blocks {
		if b.Type != "removed" && b.Type != "moved" {
			references(b.Body, used)
		}
	}
}
