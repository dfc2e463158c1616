package docstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// TestTroubleshootingHasEachMessage compares the guide's headings with the summaries of all messages in
// internal/provider. Each summary needs a heading. Each heading must belong to one of these messages, or to a message
// of Terraform or a library.
func TestTroubleshootingHasEachMessage(t *testing.T) {
	t.Parallel()
	summaries := summariesOfMessages(t)
	if len(summaries) < 40 {
		t.Errorf("only %d summaries were found: %q", len(summaries), summaries)
	}
	_, prose := readPage(t, "docs/guides/troubleshooting.md").split(t)
	_, prose, _ = strings.Cut(prose, "\n## The Recruitee API token\n")
	explained := map[summary]bool{}
	for _, match := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(prose, -1) {
		title := match[1]
		if best, found := bestMatch(summaries, title); found {
			explained[best] = true
		} else if !isForeignTitle(title) {
			t.Errorf("the guide has the heading %q, but there is no such message", title)
		}
	}
	for _, s := range summaries {
		if !explained[s] {
			t.Errorf("the guide doesn't explain %q", s)
		}
	}
}

// summary is the format of a message's summary. It contains hole in place of each value that the provider inserts.
type summary string

const hole = "\x00"

func (s summary) String() string { return strings.ReplaceAll(string(s), hole, "…") }

func (s summary) matches(title string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(string(s)), hole, ".+")
	return regexp.MustCompile("^" + pattern + "$").MatchString(title)
}

// bestMatch returns the longest summary that matches the title.
func bestMatch(summaries []summary, title string) (best summary, found bool) {
	for _, s := range summaries {
		if s.matches(title) && (!found || len(s) > len(best)) {
			best, found = s, true
		}
	}
	return best, found
}

// summariesOfMessages returns the summaries of the message literals in the provider's source.
func summariesOfMessages(t *testing.T) []summary {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "internal", "provider", "messages*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[summary]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(function, func(node ast.Node) bool {
				if e := summaryIn(node); e != nil {
					for _, text := range texts(function, e) {
						// A summary without fixed text only passes on the text of another message.
						if strings.Trim(text, hole) != "" {
							all[summary(text)] = true
						}
					}
				}
				return true
			})
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// summaryIn returns the expression of a summary if the node is a message literal or its field summary, and nil
// otherwise.
func summaryIn(node ast.Node) ast.Expr {
	switch n := node.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "summary" {
			return n.Value
		}
	case *ast.CompositeLit:
		// The literal is message{attribute, summary, detail}. Inside a list of messages, it has no type.
		name, ok := n.Type.(*ast.Ident)
		if len(n.Elts) == 3 && (n.Type == nil || ok && name.Name == "message") {
			if _, keyed := n.Elts[1].(*ast.KeyValueExpr); !keyed {
				return n.Elts[1]
			}
		}
	}
	return nil
}

var verb = regexp.MustCompile(`%[#+]?[a-z]`)

// texts returns the possible values of an expression, with hole in place of each unknown part. For a variable, it
// returns all values that the function assigns to the variable.
func texts(function *ast.FuncDecl, e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.BinaryExpr:
		var all []string
		for _, left := range texts(function, e.X) {
			for _, right := range texts(function, e.Y) {
				all = append(all, left+right)
			}
		}
		return all
	case *ast.CallExpr:
		if called, ok := e.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Sprintf" {
			var all []string
			for _, format := range texts(function, e.Args[0]) {
				all = append(all, verb.ReplaceAllString(format, hole))
			}
			return all
		}
	case *ast.Ident:
		var all []string
		ast.Inspect(function, func(node ast.Node) bool {
			if assigned, ok := node.(*ast.AssignStmt); ok {
				for i, left := range assigned.Lhs {
					if name, ok := left.(*ast.Ident); ok && name.Name == e.Name && len(assigned.Rhs) == len(assigned.Lhs) {
						all = append(all, texts(function, assigned.Rhs[i])...)
					}
				}
			}
			return true
		})
		if len(all) > 0 {
			return all
		}
	}
	return []string{hole}
}

// foreignMessages lists the messages of Terraform and of libraries that the guide explains. For each message, it
// contains a configuration and a command that cause the message.
var foreignMessages = []struct {
	title, configuration string
	command              []string
}{
	{"Invalid Attribute Combination", connectionWith(`api_token = "t"`, `api_token_wo_version = "1"`), validateCommand},
	{"Invalid Attribute Combination", `data "wintro_recruitee_connection" "acme" {}`, validateCommand},
	{"Invalid Attribute Value", providerWith(`max_retries = 99`), planCommand},
	{"Configuration Read Error", providerWith(`max_retries = 1.5`), planCommand},
	{"Invalid Attribute Value Length", connectionWith(`api_token_wo_version = ""`), validateCommand},
	{"Available Write-Only Attribute Alternative", connectionWith(`api_token = "t"`), validateCommand},
	{"Invalid function argument", `output "id" { value = provider::wintro::recruitee_company_id("acme") }`, planCommand},
	{"No value for required variable", connectionWith("api_token_wo = var.missing"), planCommand},
	{"Failed to query available provider packages", `terraform {
  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 9.0"
    }
  }
}`, []string{"init", "-no-color"}},
}

// moreForeignTitles lists the titles of Terraform's messages that one configuration and one command can't cause.
var moreForeignTitles = []string{"Saved plan is stale", "Provider produced inconsistent final plan", "Required plugins are not installed"}

var (
	validateCommand = []string{"validate", "-no-color"}
	planCommand     = []string{"plan", "-no-color", "-input=false"}
)

func connectionWith(lines ...string) string {
	return "resource \"wintro_recruitee_connection\" \"acme\" {\ncompany_id = \"816\"\n" + strings.Join(lines, "\n") + "\n}\n"
}

func providerWith(line string) string {
	return "provider \"wintro\" {\n" + line + "\n}\n" + connectionWith(`api_token_wo = "t"`)
}

func isForeignTitle(title string) bool {
	for _, other := range foreignMessages {
		if other.title == title {
			return true
		}
	}
	return slices.Contains(moreForeignTitles, title)
}

func TestAccTroubleshootingHasTerraformsTitles(t *testing.T) {
	t.Parallel()
	text := readPage(t, "docs/guides/troubleshooting.md").text
	for _, other := range foreignMessages {
		t.Run(other.title, func(t *testing.T) {
			t.Parallel()
			e := newGuide(t, other.configuration)
			if strings.Contains(other.configuration, "var.missing") {
				e.write("stubs.tf", settingsFor("")+"variable \"missing\" {}\n")
			}
			if other.command[0] != "init" {
				e.init()
			}
			_, printed := e.execute(nil, cli(t).Path, other.command...)
			if !strings.Contains(printed, ": "+other.title+"\n") {
				t.Errorf("Terraform printed %s", printed)
			}
			if !strings.Contains(text, "\n### "+other.title+"\n") {
				t.Error("the guide doesn't explain this message")
			}
		})
	}
	t.Run("Saved plan is stale", func(t *testing.T) {
		t.Parallel()
		e := newExample(t, "ci")
		e.init()
		e.terraform(0, "plan", "-no-color", "-out=saved")
		withoutToken := *e.folder
		withoutToken.env = slices.DeleteFunc(slices.Clone(e.env), func(variable string) bool { return strings.HasPrefix(variable, "TF_VAR_recruitee_api_token=") })
		e.expectOutput(withoutToken.terraform(1, "apply", "-no-color", "-input=false", "saved"), "Error: No value for required variable")
		e.apply(0)
		e.expectOutput(e.terraform(1, "apply", "-no-color", "saved"), "Error: Saved plan is stale")
		e.write(".terraform.lock.hcl", strings.ReplaceAll(read(t, filepath.Join(e.dir, ".terraform.lock.hcl")), "h1:", "h1:a"))
		e.expectOutput(e.plan(1), "Error: Required plugins are not installed")
	})
}

// TestAccTroubleshootingShowsTheRequests runs the guide's commands, which make a plan with a log and show the requests
// and the messages in it.
func TestAccTroubleshootingShowsTheRequests(t *testing.T) {
	t.Parallel()
	e := newExample(t, "ci")
	e.init()
	e.apply(0)
	e.SetAdministrator(sandbox.SeedOwnerID, false)
	e.set("PATH", e.commands())
	blocks := guide(t, "troubleshooting", "sh")
	e.run(0, "sh", "-e", "-c", blockWith(t, blocks, "TF_LOG_PATH"))
	table := e.run(0, "sh", "-e", "-c", blockWith(t, blocks, "awk"))
	for _, line := range []string{
		` Wintro GET /ats-connections 200 \d+ ms`,
		` Recruitee GET /c/816/admin 200 \d+ ms`,
	} {
		if !regexp.MustCompile(line).MatchString(table) {
			t.Errorf("no line matches %q: %s", line, table)
		}
	}
	e.expectOutput(e.run(0, "sh", "-e", "-c", blockWith(t, blocks, "@tsv")),
		"warning wintro_recruitee_connection.acme The owner of the API token for company 816 isn't an Administrator")
}
