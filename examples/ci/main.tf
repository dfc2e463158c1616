# A connection that a pipeline plans and applies. Add a backend for the state, because the jobs run on different
# machines.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

provider "wintro" {}

# A saved plan contains no ephemeral values, so the job that applies the plan needs the token again.
variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  name         = "Recruitee (Acme)"
  api_token_wo = var.recruitee_api_token
}
