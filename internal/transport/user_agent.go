package transport

import (
	"fmt"
	"runtime"
)

// UserAgent names Terraform and the provider to the remote systems, with their versions.
func UserAgent(terraformVersion, providerVersion string) string {
	return fmt.Sprintf("Terraform/%s terraform-provider-wintro/%s (%s; %s)",
		terraformVersion, providerVersion, runtime.GOOS, runtime.GOARCH)
}
