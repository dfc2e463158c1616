// Command wintro-sandbox serves Recruitee and Wintro's connections API on a local address, for trying
// the provider out and for testing Terraform modules without an account at either. Start it with -h.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the release's ldflags.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	exitCode := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode)
}
