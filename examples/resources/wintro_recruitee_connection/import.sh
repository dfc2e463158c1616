# By the ID of the Recruitee company, if the company has only one connection:
terraform import wintro_recruitee_connection.acme company_id=816

# By the ID of the connection in Wintro:
terraform import wintro_recruitee_connection.acme conn_93ceff9b16ab4ea5aa68
