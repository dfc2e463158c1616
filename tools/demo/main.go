// Command demo shows the provider at work: the real Terraform (or OpenTofu) against wintro-sandbox,
// in a directory that is gone afterwards. `make demo` runs it from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The statuses that the command ends with.
const (
	succeeded   = 0
	failed      = 1
	misused     = 2
	interrupted = 130
)

func main() {
	// SIGPIPE too: who pipes the output into head is no reason to leave anything behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	screen := newScreen(os.Stdout)
	status := run(ctx, os.Args[1:], screen, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the whole command. It ends when ctx does, and leaves nothing behind in any case.
func run(ctx context.Context, args []string, screen *screen, stderr io.Writer) (status int) {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	wanted := flags.String("terraform", "", "`program` to use, a name or a path (default: terraform or tofu, whichever is there)")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return succeeded
	} else if err != nil {
		return misused
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "demo: unexpected argument %q\n", flags.Arg(0))
		return misused
	}

	err := demonstrate(ctx, screen, stderr, *wanted)
	switch {
	case ctx.Err() != nil && !errors.Is(err, errLeftover):
		_, _ = fmt.Fprintln(stderr, "demo: interrupted; nothing is left behind")
		return interrupted
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "demo:", err)
		return failed
	}
	return succeeded
}

var errLeftover = errors.New("the temporary directory could not be removed")

// demonstrate sets everything up in a temporary directory, plays the script and clears away.
func demonstrate(ctx context.Context, screen *screen, stderr io.Writer, wanted string) (err error) {
	dir, err := os.MkdirTemp("", "wintro-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	defer func() {
		if leftover := os.RemoveAll(dir); leftover != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", errLeftover, leftover))
		}
	}()

	terraform, err := findTerraform(ctx, dir, wanted, screen)
	if err != nil {
		return err
	}
	screen.note("Using %s", terraform)
	stage, err := setUp(ctx, dir, terraform, screen)
	if err != nil {
		return err
	}
	box, err := startSandbox(ctx, stage, stderr)
	if err != nil {
		return err
	}
	defer func() {
		if problem := box.stop(); err == nil && problem != nil {
			err = problem
		}
	}()
	return play(ctx, screen, stage, box)
}
