// Package terraform is empty, because only Terraform's own tests import it.
package terraform
