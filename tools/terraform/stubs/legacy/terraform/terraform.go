// Package terraform is empty: only tests of Terraform import it.
package terraform
