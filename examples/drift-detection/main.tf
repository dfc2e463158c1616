# Creates a connection that the pipelines in this folder watch: github-workflow.yml or gitlab-ci.yml runs drift.sh each
# night.
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

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = var.recruitee_api_token
}

# The check fails if Wintro doesn't sync, which can happen even if the connection works. Keep the data source outside
# the check block, because Terraform would otherwise read it again at each apply, and every plan would end with exit
# code 2.
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
