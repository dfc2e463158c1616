terraform {
  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
  }
}

# Wintro's own API token comes from the environment variable WINTRO_API_TOKEN.
provider "wintro" {}
