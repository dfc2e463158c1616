# A personal API token of an Administrator of the Recruitee company. An ephemeral variable keeps the token out of plan
# and state. Before Terraform 1.11 and OpenTofu 1.11, leave out "ephemeral" and set api_token instead of api_token_wo.
variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  name         = "Recruitee (Acme)"
  api_token_wo = var.recruitee_api_token
}
