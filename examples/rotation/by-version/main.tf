# For a source that yields another value at each run, or for who wants to say when a new value is taken:
# only another version applies the value. It is a part of state, so it can't come from an ephemeral value.
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
  description = "Any text. Change it to apply another token."
  type        = string
  default     = "2026-11"
}

resource "wintro_recruitee_connection" "acme" {
  company_id           = "816"
  api_token_wo         = var.recruitee_api_token
  api_token_wo_version = var.recruitee_api_token_version
}
