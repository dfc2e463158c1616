# Sends one command to the sandbox's control API, whose address is in WINTRO_SANDBOX_CONTROL. It needs curl.
variable "command" {
  type = string
}

variable "body" {
  type = string
}

resource "terraform_data" "command" {
  triggers_replace = timestamp()

  provisioner "local-exec" {
    command     = "curl --fail-with-body --silent --show-error \"$WINTRO_SANDBOX_CONTROL/$COMMAND\" --data \"$BODY\""
    environment = { COMMAND = var.command, BODY = var.body }
  }
}
