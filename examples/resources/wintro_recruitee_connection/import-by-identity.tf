import {
  to = wintro_recruitee_connection.acme
  identity = {
    id = "conn_93ceff9b16ab4ea5aa68"
  }
}
