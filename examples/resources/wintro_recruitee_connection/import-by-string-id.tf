# id is the Recruitee company, if it has only one connection, or the ID of the connection in Wintro, such as
# conn_93ceff9b16ab4ea5aa68.
import {
  to = wintro_recruitee_connection.acme
  id = "company_id=816"
}
