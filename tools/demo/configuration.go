package main

import (
	"fmt"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// configuration is the demo's main.tf. The provider's own settings come from the environment.
func configuration(writeOnly bool) string {
	variable := `variable "recruitee_api_token" {
  type      = string
  sensitive = true
}`
	argument := "api_token "
	if writeOnly {
		variable = `variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}`
		argument = "api_token_wo"
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    wintro = {
      source = "wintro-ai/wintro"
    }
  }
}

%s

resource "wintro_recruitee_connection" "acme" {
  %-*s = "%d"
  %s = var.recruitee_api_token
}
`, variable, len(argument), "company_id", sandbox.SeedCompanyID, argument)
}
