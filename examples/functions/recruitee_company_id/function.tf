# Users often copy the URL of the page that they see.
output "company_id" {
  value = provider::wintro::recruitee_company_id("https://app.recruitee.com/#/dashboard/overview?company=38422")
}
