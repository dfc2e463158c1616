# Only the connections whose login to Recruitee fails.
list "wintro_recruitee_connection" "invalid" {
  provider = wintro
  limit    = 10000

  config {
    status = "invalid"
  }
}
