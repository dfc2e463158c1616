// Command terraform-provider-wintro is the Terraform provider "wintro".
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/wintro-ai/terraform-provider-wintro/internal/provider"
)

// version is set by the release's ldflags.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run as a server that a debugger can attach to, and print how Terraform reaches it")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-wintro", version)
		return
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/wintro-ai/wintro",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
