# For Terraform and OpenTofu before 1.11. The token is in state and in saved plans, so restrict who can read
# them.
terraform {
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
}

resource "wintro_recruitee_connection" "acme" {
  company_id = "816"
  api_token  = var.recruitee_api_token
}
