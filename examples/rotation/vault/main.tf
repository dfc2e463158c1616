# The token is in HashiCorp Vault, as the key api_token of a KV version 2 secret.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
    vault = {
      source  = "hashicorp/vault"
      version = ">= 5.0"
    }
  }
}

provider "wintro" {}

provider "vault" {}

ephemeral "vault_kv_secret_v2" "recruitee" {
  mount = "secret"
  name  = "wintro/recruitee/acme"
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = ephemeral.vault_kv_secret_v2.recruitee.data["api_token"]
}
