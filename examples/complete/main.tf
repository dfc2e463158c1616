# Links one company with Wintro, and checks that Wintro reads its vacancies. sync.tf needs Terraform 1.14 or later, so
# remove that file if you use an older version or OpenTofu. This file needs Terraform 1.11 or OpenTofu 1.11, or later.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

# Wintro's own API token comes from WINTRO_API_TOKEN. The addresses of a sandbox come from WINTRO_ENDPOINT
# and RECRUITEE_ENDPOINT.
provider "wintro" {}

variable "company_id" {
  description = "Numeric ID of the Recruitee company."
  type        = string
  default     = "816"
}

variable "recruitee_api_token" {
  description = "Personal API token of an Administrator of the Recruitee company."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = var.company_id
  name         = "Recruitee (Acme)"
  api_token_wo = var.recruitee_api_token

  timeouts {
    create = "15m"
  }
}

# Set id, because Terraform would look for the connection before creating it if you set company_id instead.
data "wintro_recruitee_connection" "acme" {
  id = wintro_recruitee_connection.acme.id
}

check "acme_syncs" {
  assert {
    condition = timecmp(plantimestamp(), timeadd(coalesce(
      data.wintro_recruitee_connection.acme.last_synced_at,
      data.wintro_recruitee_connection.acme.created_at,
    ), "24h")) < 0
    error_message = "Wintro has not read Acme's vacancies for a day."
  }
}

output "connection" {
  description = "The connection, its company and its token."
  value = {
    id      = wintro_recruitee_connection.acme.id
    status  = wintro_recruitee_connection.acme.status
    company = wintro_recruitee_connection.acme.company_name
    token   = wintro_recruitee_connection.acme.api_token_fingerprint
  }
}
