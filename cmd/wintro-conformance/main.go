// Command wintro-conformance checks whether a server implements the contract for ATS connections that
// terraform-provider-wintro needs. -h prints the usage.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

// version is the release's version. The release build sets it with -ldflags.
var version = "dev"

func main() {
	// Discard the standard log: net/http logs the beginning of an unexpected response, which may contain a token.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal, stop catching signals, so that a second one ends the command without the cleanup.
	context.AfterFunc(ctx, stop)
	exitCode := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode)
}
