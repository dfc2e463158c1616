# These tests send no requests, so they need no sandbox. Terraform mocks the provider's resources and data sources, but
# calls its real functions.
mock_provider "wintro" {}

variables {
  recruitee_api_token = "a-token"
}

run "a_company_by_its_id" {
  variables {
    company = "816"
  }

  assert {
    condition     = wintro_recruitee_connection.this.company_id == "816"
    error_message = "The ID has changed."
  }
}

run "a_company_by_its_address" {
  variables {
    company = "https://app.tellent.com/ats/jobs?company=816"
  }

  assert {
    condition     = wintro_recruitee_connection.this.company_id == "816"
    error_message = "The ID was not found in the address."
  }
}

run "no_company" {
  command = plan

  variables {
    company = "https://acme.recruitee.com"
  }

  expect_failures = [var.company]
}
