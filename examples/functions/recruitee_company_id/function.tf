# People often copy the address of the page that they are on.
output "company_id" {
  value = provider::wintro::recruitee_company_id("https://app.recruitee.com/#/dashboard/overview?company=38422")
}
