# By the ID of the connection, which stands in its address in Wintro's settings.
terraform import wintro_recruitee_connection.acme conn_93ceff9b16ab4ea5aa68
