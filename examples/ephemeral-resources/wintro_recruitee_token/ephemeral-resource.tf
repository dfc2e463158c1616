variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

# Fails if the token is wrong, or if its owner has no address at acme.example.
ephemeral "wintro_recruitee_token" "acme" {
  company_id = "816"
  api_token  = var.recruitee_api_token

  lifecycle {
    postcondition {
      # The owner is null if Recruitee could not be reached.
      condition     = try(endswith(self.token_owner.email, "@acme.example"), true)
      error_message = "The token's owner doesn't work at Acme."
    }
  }
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = ephemeral.wintro_recruitee_token.acme.api_token
}
