// Command wintro-sandbox simulates Recruitee and Wintro's connections API on a local address. Use it to try the provider
// out, and to test Terraform modules, without an account with either company. -h prints the usage.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is the release's version. The release build sets it with -ldflags.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	exitCode := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode)
}
