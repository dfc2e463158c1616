variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = var.recruitee_api_token

  # Wintro reads the vacancies as soon as the connection has been created or changed.
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.wintro_recruitee_connection_sync.acme]
    }
  }
}

# To start one by hand: terraform apply -invoke=action.wintro_recruitee_connection_sync.acme
action "wintro_recruitee_connection_sync" "acme" {
  config {
    connection_id = wintro_recruitee_connection.acme.id
    timeout       = "10m"
  }
}
