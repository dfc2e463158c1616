package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// contender is a provider that is measured, with the way in which it is used.
type contender struct {
	name string
	// program is the provider's, and source the address by which a configuration asks for it.
	program, source string
	// configuration is that of size resources.
	configuration func(w *world, size int) string
	// linked tells whether its resources are links in the sandbox.
	linked bool
	// limited tells whether the limits apply to it: it makes the calls that they count.
	limited bool
}

// The contenders that ask nobody anything. The limits begin with their times.
const (
	emptyResource = "empty resource"
	inertLink     = "inert link"
)

func (s settings) contenders() ([]contender, error) {
	ours := func(name, program, attribute string) contender {
		return contender{
			name: name, program: program, source: "wintro-ai/wintro", linked: true, limited: true,
			configuration: func(w *world, size int) string { return links(w, size, attribute) },
		}
	}
	all := []contender{
		{name: emptyResource, program: s.floor, source: "wintro-ai/floor", configuration: empties},
		{name: inertLink, program: s.floor, source: "wintro-ai/floor", configuration: inertLinks},
		ours("api_token_wo", s.provider, "api_token_wo"),
		ours("api_token", s.provider, "api_token"),
	}
	switch {
	case s.vs == "":
	case s.vsConfig == "":
		name := filepath.Base(filepath.Dir(s.vs)) + "/" + filepath.Base(s.vs)
		all = append(all, ours("api_token_wo, "+name, s.vs, "api_token_wo"), ours("api_token, "+name, s.vs, "api_token"))
	default:
		other, err := templated(s.vs, s.vsConfig)
		if err != nil {
			return nil, err
		}
		all = append(all, other)
	}
	return all, nil
}

var sourceIn = regexp.MustCompile(`source\s*=\s*"([^"]+)"`)

// templated is another provider, with a template of its configuration. What the template can use are the
// fields of the struct below.
func templated(program, file string) (contender, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return contender{}, err
	}
	parsed, err := template.New(file).Parse(string(text))
	if err != nil {
		return contender{}, err
	}
	source := sourceIn.FindSubmatch(text)
	if source == nil {
		return contender{}, fmt.Errorf("%s names no source of a provider", file)
	}
	return contender{
		name: filepath.Base(program), program: program, source: string(source[1]), linked: true,
		configuration: func(w *world, size int) string {
			var text strings.Builder
			if err := parsed.Execute(&text, struct {
				// Wintro and Recruitee are base URLs, WintroToken is Wintro's own token.
				Wintro, Recruitee, WintroToken string
				// Links is how many, FirstCompany the ID of the first one's company.
				Links, FirstCompany int
				// TokenOf is what the token of each company begins with, before the company's ID.
				TokenOf string
			}{w.url + sandbox.WintroPath, w.url + sandbox.RecruiteePath, w.WintroToken(), size, firstCompany, tokenOf}); err != nil {
				// Terraform says where it is wrong.
				return text.String() + err.Error()
			}
			return text.String()
		},
	}, nil
}

// The number of the first company. Large values are left out of all configurations: Terraform would take
// longer to find its way through these than any provider takes.
const firstCompany = 10_000

const floorProvider = `
terraform {
  required_providers {
    floor = { source = "wintro-ai/floor" }
  }
}
`

func empties(_ *world, size int) string {
	return floorProvider + fmt.Sprintf(`
variable "drift" {
  default = ""
}

resource "floor_example" "all" {
  count                  = %d
  configurable_attribute = "${count.index}${var.drift}"
}
`, size)
}

func inertLinks(_ *world, size int) string {
	return floorProvider + fmt.Sprintf(`
resource "floor_link" "all" {
  count        = %d
  company_id   = %d + count.index
  api_token_wo = "%s${%[2]d + count.index}"
}
`, size, firstCompany, tokenOf)
}

func links(w *world, size int, attribute string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    wintro = { source = "wintro-ai/wintro" }
  }
}

provider "wintro" {
  endpoint           = "%s%s"
  recruitee_endpoint = "%s%s"
  api_token          = %q
}

resource "wintro_recruitee_connection" "all" {
  count      = %d
  company_id = %d + count.index
  %s = "%s${%[7]d + count.index}"
}
`, w.url, sandbox.WintroPath, w.url, sandbox.RecruiteePath, w.WintroToken(), size, firstCompany, attribute, tokenOf)
}
