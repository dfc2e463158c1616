package transport

import (
	"fmt"
	"runtime"
)

// UserAgent names Terraform and the provider to the remote systems, with their versions, and what a person
// wants to be added, such as the pipeline's name.
func UserAgent(terraformVersion, providerVersion, added string) string {
	agent := fmt.Sprintf("Terraform/%s terraform-provider-wintro/%s (%s; %s)",
		terraformVersion, providerVersion, runtime.GOOS, runtime.GOARCH)
	if added = Printable(added, 200); added != "" {
		agent += " " + added
	}
	return agent
}
