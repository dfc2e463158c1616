# Use a version if the source of the token returns a different value at each run, or if you want to decide yourself when
# to apply a new value. A new value alone causes no update, but a new version does. The version is in state, so it can't be
# ephemeral.
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

variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "recruitee_api_token_version" {
  description = "Any text. Change it to apply a new token."
  type        = string
  default     = "2026-11"
}

resource "wintro_recruitee_connection" "acme" {
  company_id           = "816"
  api_token_wo         = var.recruitee_api_token
  api_token_wo_version = var.recruitee_api_token_version
}
