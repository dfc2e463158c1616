# The token is in 1Password, as an item of the category API Credential.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
    onepassword = {
      source  = "1Password/onepassword"
      version = ">= 3.2"
    }
  }
}

provider "wintro" {}

provider "onepassword" {}

variable "vault_id" {
  description = "UUID of the 1Password vault."
  type        = string
  default     = "7turaasywpymt3jecxoxk5roli"
}

ephemeral "onepassword_item" "recruitee" {
  vault = var.vault_id
  title = "Recruitee API token (Acme)"
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = ephemeral.onepassword_item.recruitee.credential
}
