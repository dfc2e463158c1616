# Watches a Recruitee token that was pasted into Wintro by hand. This configuration doesn't call Wintro, and needs no
# state because there is nothing to apply. terraform plan succeeds as long as the token works.
terraform {
  required_version = ">= 1.10"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

provider "wintro" {}

variable "recruitee_api_token" {
  description = "The token that was pasted into Wintro."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "pasted_token_fingerprint" {
  description = "The fingerprint of the token that was pasted into Wintro. Without it, a plan can't notice that the secret store contains a different token."
  type        = string
  default     = null
}

ephemeral "wintro_recruitee_token" "acme" {
  company_id = "816"
  api_token  = var.recruitee_api_token

  lifecycle {
    postcondition {
      condition     = self.token_owner != null
      error_message = "Recruitee could not be reached, so the token was not verified."
    }

    postcondition {
      condition     = var.pasted_token_fingerprint == null || self.api_token_fingerprint == var.pasted_token_fingerprint
      error_message = "The secret store contains a different token from the one that was pasted into Wintro."
    }
  }
}
