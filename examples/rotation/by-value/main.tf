# The usual way: you pass the token, and an apply sends the token if it is new. You don't have to maintain a version,
# because the provider compares the value's fingerprint with the fingerprint of the token that Wintro stores.
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

# Without ephemeral = true, the value would be in every saved plan file.
variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = var.recruitee_api_token
}
