# The workspace in HCP Terraform that plans and applies the connections. HCP Terraform shows the plan of a pull request
# next to its checks, saves the plan after the merge, and waits until a user confirms it.
terraform {
  required_version = ">= 1.11"

  required_providers {
    tfe = {
      source  = "hashicorp/tfe"
      version = "~> 0.70"
    }
  }
}

variable "github_app_installation_id" {
  description = "The ID of HCP Terraform's GitHub App, under User Settings > Tokens."
  type        = string
}

resource "tfe_workspace" "connections" {
  name                = "connections"
  organization        = "acme"
  terraform_version   = "1.16.4"
  working_directory   = "connections"
  speculative_enabled = true
  auto_apply          = false

  vcs_repo {
    identifier                 = "acme/infrastructure"
    github_app_installation_id = var.github_app_installation_id
  }
}

# HCP Terraform passes variables to each plan and to each apply, so both get an ephemeral variable. You enter the values
# in the workspace, so they are not in this configuration's state.
resource "tfe_variable" "secrets" {
  for_each = {
    WINTRO_API_TOKEN    = "env"
    recruitee_api_token = "terraform"
  }

  workspace_id = tfe_workspace.connections.id
  key          = each.key
  category     = each.value
  value        = "Enter the token in HCP Terraform."
  sensitive    = true

  lifecycle {
    ignore_changes = [value]
  }
}
