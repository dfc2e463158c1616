# The connections of one Wintro organisation.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

variable "companies" {
  description = "The Recruitee companies to link."
  type = map(object({
    company_id = string
    name       = string
    enabled    = optional(bool, true)
  }))
}

variable "recruitee_api_tokens" {
  description = "A Recruitee API token for each key of companies. Other keys are ignored."
  type        = map(string)
  sensitive   = true
  ephemeral   = true
}

resource "wintro_recruitee_connection" "company" {
  for_each = var.companies

  company_id   = each.value.company_id
  name         = each.value.name
  enabled      = each.value.enabled
  api_token_wo = var.recruitee_api_tokens[each.key]
}

output "status" {
  description = "The status of each connection."
  value       = { for key, connection in wintro_recruitee_connection.company : key => connection.status }
}
