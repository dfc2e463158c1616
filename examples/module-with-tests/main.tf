# A small module whose tests, in tests/, run against wintro-sandbox.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

variable "company" {
  description = "The Recruitee company: its ID, or any address of the app with company= in it."
  type        = string

  validation {
    condition     = can(provider::wintro::recruitee_company_id(var.company))
    error_message = "This is neither a company ID nor an address with company= in it."
  }
}

variable "recruitee_api_token" {
  description = "Personal API token of an Administrator of the company."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "wintro_recruitee_connection" "this" {
  company_id   = provider::wintro::recruitee_company_id(var.company)
  name         = "Recruitee (managed by Terraform)"
  api_token_wo = var.recruitee_api_token
}

data "wintro_recruitee_connection" "this" {
  id = wintro_recruitee_connection.this.id
}

check "wintro_can_log_in" {
  assert {
    condition     = data.wintro_recruitee_connection.this.status != "invalid"
    error_message = "Wintro can't log in to Recruitee."
  }
}

output "id" {
  description = "ID of the connection in Wintro."
  value       = wintro_recruitee_connection.this.id
}

output "status" {
  description = "Whether the connection works."
  value       = wintro_recruitee_connection.this.status
}
