variable "recruitee_api_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = var.recruitee_api_token

  # Make Wintro read the vacancies after each create and update.
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.wintro_recruitee_connection_sync.acme]
    }
  }
}

# To start a sync by hand: terraform apply -invoke=action.wintro_recruitee_connection_sync.acme
action "wintro_recruitee_connection_sync" "acme" {
  config {
    # caller is the resource whose action_trigger starts the action. Terraform 1.14 and 1.15 don't have caller. With
    # these versions, write wintro_recruitee_connection.acme.id instead.
    connection_id = caller.id
    timeout       = "10m"
  }
}
