package transport

import (
	"fmt"
	"runtime"
)

// UserAgent returns a user agent with the versions of Terraform and the provider. added is text from the user,
// such as the name of a pipeline.
func UserAgent(terraformVersion, providerVersion, added string) string {
	agent := fmt.Sprintf("Terraform/%s terraform-provider-wintro/%s (%s; %s)",
		terraformVersion, providerVersion, runtime.GOOS, runtime.GOARCH)
	if added = Printable(added, 200); added != "" {
		agent += " " + added
	}
	return agent
}
