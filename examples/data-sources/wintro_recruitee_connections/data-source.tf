# All links of the Wintro organisation, and those that Wintro can't log in with.
data "wintro_recruitee_connections" "all" {}

data "wintro_recruitee_connections" "invalid" {
  status = "invalid"
}

output "links_by_company" {
  value = { for link in data.wintro_recruitee_connections.all.connections : link.company_id => link.id... }
}

output "links_that_do_not_work" {
  value = data.wintro_recruitee_connections.invalid.connections[*].name
}
