# All connections of the Wintro organisation.
list "wintro_recruitee_connection" "all" {
  provider = wintro

  # Without a limit, Terraform returns at most 100 connections and doesn't say that there are more.
  limit = 10000
}
