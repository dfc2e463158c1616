# All connections of the Wintro organisation.
list "wintro_recruitee_connection" "all" {
  provider = wintro

  # Without a limit, Terraform returns 100 connections and doesn't mention the rest.
  limit = 10000
}
