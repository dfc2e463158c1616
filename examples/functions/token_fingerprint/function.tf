variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

data "wintro_recruitee_connection" "acme" {
  company_id = "816"
}

# Checks that Wintro has the current token of the secret store.
check "acme_has_the_current_token" {
  assert {
    condition     = provider::wintro::token_fingerprint(var.recruitee_api_token) == data.wintro_recruitee_connection.acme.api_token_fingerprint
    error_message = "Wintro has another token for Acme."
  }
}
