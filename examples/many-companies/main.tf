# Links companies with two Wintro organisations. Each organisation has its own provider configuration. Each company has
# one connection, and a key, such as acme_poland, that never changes.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

variable "wintro_api_tokens" {
  description = "Wintro's API token of each organisation."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

variable "recruitee_api_tokens" {
  description = "The Recruitee API token of each company, with the same keys as in companies."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

provider "wintro" {
  alias     = "europe"
  api_token = var.wintro_api_tokens["europe"]
}

provider "wintro" {
  alias     = "americas"
  api_token = var.wintro_api_tokens["americas"]
}

module "europe" {
  source    = "./modules/connections"
  providers = { wintro = wintro.europe }

  companies = {
    acme_netherlands = { company_id = "816", name = "Acme Netherlands" }
    acme_poland      = { company_id = "817", name = "Acme Poland" }
  }
  recruitee_api_tokens = var.recruitee_api_tokens
}

module "americas" {
  source    = "./modules/connections"
  providers = { wintro = wintro.americas }

  companies = {
    acme_canada = { company_id = "818", name = "Acme Canada", enabled = false }
  }
  recruitee_api_tokens = var.recruitee_api_tokens
}

output "status" {
  value = merge(module.europe.status, module.americas.status)
}
