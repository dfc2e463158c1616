# All links of the Wintro organisation.
list "wintro_recruitee_connection" "all" {
  provider = wintro
}

# Those that Wintro can't log in with.
list "wintro_recruitee_connection" "invalid" {
  provider = wintro

  config {
    status = "invalid"
  }
}
