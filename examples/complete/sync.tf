# With this sync, Wintro reads the vacancies right after the apply creates the connection or sends a new token, instead
# of within four hours. To start a sync by hand: terraform apply -invoke=action.wintro_recruitee_connection_sync.acme
action "wintro_recruitee_connection_sync" "acme" {
  config {
    connection_id = wintro_recruitee_connection.acme.id
  }
}

resource "terraform_data" "sync" {
  triggers_replace = [
    wintro_recruitee_connection.acme.id,
    wintro_recruitee_connection.acme.api_token_fingerprint,
  ]

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.wintro_recruitee_connection_sync.acme]
    }
  }
}
