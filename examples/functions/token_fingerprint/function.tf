variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

data "wintro_recruitee_connection" "acme" {
  company_id = "816"
}

# Checks that Wintro holds the token that is in the secret store now.
check "acme_has_the_current_token" {
  assert {
    condition     = provider::wintro::token_fingerprint(var.recruitee_api_token) == data.wintro_recruitee_connection.acme.api_token_fingerprint
    error_message = "Wintro holds another token for Acme."
  }
}
