package main

import (
	"fmt"
	"path/filepath"
	"strings"

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
	// limited tells whether the limit is one for it: it makes the calls that the limit counts.
	limited bool
}

const floorName = "empty resource"

func (s settings) contenders() []contender {
	ours := func(name, program, attribute string) contender {
		return contender{
			name: name, program: program, source: "wintro-ai/wintro", linked: true, limited: true,
			configuration: func(w *world, size int) string { return links(w, size, attribute) },
		}
	}
	all := []contender{
		{name: floorName, program: s.floor, source: "wintro-ai/floor", configuration: empties},
		ours("api_token_wo", s.provider, "api_token_wo"),
		ours("api_token", s.provider, "api_token"),
	}
	switch name := filepath.Base(s.vs); {
	case s.vs == "":
	case strings.Contains(name, "restapi"):
		all = append(all, contender{
			name: "restapi_object", program: s.vs, source: "mastercard/restapi", linked: true, configuration: objects,
		})
	default:
		all = append(all, ours("api_token_wo, "+name, s.vs, "api_token_wo"), ours("api_token, "+name, s.vs, "api_token"))
	}
	return all
}

// The number of the first company. Large values are left out of all configurations: Terraform would take
// longer to find its way through these than any provider takes.
const firstCompany = 10_000

func empties(_ *world, size int) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    floor = { source = "wintro-ai/floor" }
  }
}

variable "drift" {
  default = ""
}

resource "floor_example" "all" {
  count                  = %d
  configurable_attribute = "${count.index}${var.drift}"
}
`, size)
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

func objects(w *world, size int) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    restapi = { source = "mastercard/restapi" }
  }
}

provider "restapi" {
  uri                  = "%s%s"
  headers              = { Authorization = "Bearer %s", Idempotency-Key = "none" }
  write_returns_object = true
  update_method        = "PATCH"
}

resource "restapi_object" "all" {
  count = %d
  path  = "/ats-connections"
  data = jsonencode({
    ats        = "recruitee"
    name       = "Recruitee"
    company_id = tostring(%d + count.index)
    api_token  = "%s${%[5]d + count.index}"
    enabled    = true
  })
}
`, w.url, sandbox.WintroPath, w.WintroToken(), size, firstCompany, tokenOf)
}
