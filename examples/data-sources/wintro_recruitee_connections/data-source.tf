# Reads all connections of the Wintro organisation, and those that can't log in to Recruitee.
data "wintro_recruitee_connections" "all" {}

data "wintro_recruitee_connections" "invalid" {
  status = "invalid"
}

output "connections_by_company" {
  value = { for connection in data.wintro_recruitee_connections.all.connections : connection.company_id => connection.id... }
}

output "invalid_connections" {
  value = data.wintro_recruitee_connections.invalid.connections[*].name
}
