# All connections of the Wintro organisation.
list "wintro_recruitee_connection" "all" {
  provider = wintro
}

# Those whose login to Recruitee fails.
list "wintro_recruitee_connection" "invalid" {
  provider = wintro

  config {
    status = "invalid"
  }
}
