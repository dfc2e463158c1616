variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = var.recruitee_api_token

  # Wintro reads the vacancies as soon as the link is made or has changed.
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.wintro_recruitee_connection_sync.acme]
    }
  }
}

# By itself: terraform apply -invoke=action.wintro_recruitee_connection_sync.acme
action "wintro_recruitee_connection_sync" "acme" {
  config {
    connection_id = wintro_recruitee_connection.acme.id
    timeout       = "10m"
  }
}
