# The endpoints, Wintro's API token and var.recruitee_api_token come from the environment variables that wintro-sandbox
# prints:
#
#   wintro-sandbox >sandbox.env
#   . ./sandbox.env && terraform test

variables {
  company = "https://app.recruitee.com/#/dashboard/overview?company=816"
}

run "the_connection_works" {
  assert {
    condition     = output.status == "active"
    error_message = "The connection is ${output.status}."
  }

  assert {
    condition     = wintro_recruitee_connection.this.company_name == "Acme"
    error_message = "This isn't the sandbox's company."
  }
}

# The sandbox's control API changes the connection, as a user could do in Wintro's settings.
run "wintro_loses_the_login" {
  module {
    source = "./tests/sandbox"
  }

  variables {
    command = "wintro/set-status"
    body    = jsonencode({ id = run.the_connection_works.id, status = "invalid" })
  }
}

run "the_check_says_so" {
  command         = plan
  expect_failures = [check.wintro_can_log_in]
}

run "apply_fixes_it" {
  assert {
    condition     = output.status == "active"
    error_message = "The connection is ${output.status}."
  }
}
