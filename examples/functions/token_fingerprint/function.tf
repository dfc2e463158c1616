variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

data "wintro_recruitee_connection" "acme" {
  company_id = "816"
}

# Fails if Wintro stores a token other than the one in the variable.
check "acme_has_the_current_token" {
  assert {
    condition     = provider::wintro::token_fingerprint(var.recruitee_api_token) == data.wintro_recruitee_connection.acme.api_token_fingerprint
    error_message = "Wintro has another token for Acme."
  }
}
