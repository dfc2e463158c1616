# id names the Recruitee company, if the company has only one connection. Otherwise, set id to the ID of the connection
# in Wintro, such as conn_93ceff9b16ab4ea5aa68.
import {
  to = wintro_recruitee_connection.acme
  id = "company_id=816"
}
