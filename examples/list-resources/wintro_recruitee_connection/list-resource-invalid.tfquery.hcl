# Only the connections that Wintro can't log into Recruitee with.
list "wintro_recruitee_connection" "invalid" {
  provider = wintro
  limit    = 10000

  config {
    status = "invalid"
  }
}
