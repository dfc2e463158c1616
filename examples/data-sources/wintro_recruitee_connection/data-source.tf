# Set company_id for a connection that is created elsewhere. For a connection in the same configuration, set id =
# wintro_recruitee_connection.acme.id: with company_id, Terraform would look for the connection before creating it.
data "wintro_recruitee_connection" "acme" {
  company_id = "816"
}

# Keep the data source outside the check block, because Terraform would otherwise read it again at each apply, and every
# plan would end with exit code 2.
check "acme_is_linked" {
  assert {
    condition     = data.wintro_recruitee_connection.acme.status == "active"
    error_message = "Acme's connection to Wintro is ${data.wintro_recruitee_connection.acme.status}."
  }

  assert {
    condition = timecmp(plantimestamp(), timeadd(coalesce(
      data.wintro_recruitee_connection.acme.last_synced_at,
      data.wintro_recruitee_connection.acme.created_at,
    ), "24h")) < 0
    error_message = "Wintro has not read Acme's vacancies for a day."
  }
}
