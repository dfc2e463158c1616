# The token is in AWS Secrets Manager, as the text of a secret.
terraform {
  required_version = ">= 1.11"

  required_providers {
    wintro = {
      source  = "wintro-ai/wintro"
      version = "~> 0.1"
    }
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "wintro" {}

provider "aws" {
  region = "eu-west-1"
}

ephemeral "aws_secretsmanager_secret_version" "recruitee" {
  secret_id = "wintro/recruitee/acme"
}

resource "wintro_recruitee_connection" "acme" {
  company_id   = "816"
  api_token_wo = ephemeral.aws_secretsmanager_secret_version.recruitee.secret_string
}
