// Command wintro-conformance checks whether a server keeps the contract for ATS connections that
// terraform-provider-wintro relies on. Start it with -h.
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
	// A second interrupt ends the command at once, without waiting until everything is removed.
	context.AfterFunc(ctx, stop)
	exitCode := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode)
}
