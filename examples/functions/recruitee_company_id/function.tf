# Returns 38422. The function also accepts the ID itself, and other URLs of the app that contain company=.
output "company_id" {
  value = provider::wintro::recruitee_company_id("https://app.recruitee.com/#/dashboard/overview?company=38422")
}
