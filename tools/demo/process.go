package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// endTime is how long a child has to end once it was asked to.
const endTime = 10 * time.Second

// child is a command that doesn't outlive ctx: it is asked to end then, and killed if that's no use.
func child(ctx context.Context, path string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, path, args...)
	inOwnGroup(command)
	command.Cancel = func() error { askToEnd(command); return nil }
	command.WaitDelay = endTime
	return command
}

// finish runs a child to its end. The status is its own; an error means that there is none.
func finish(ctx context.Context, command *exec.Cmd) (status int, err error) {
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		killGroup(command)
		return 0, fmt.Errorf("%s was stopped: %w", filepath.Base(command.Path), ctx.Err())
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode(), nil
	case err != nil:
		return 0, fmt.Errorf("running %s: %w", filepath.Base(command.Path), err)
	}
	return 0, nil
}
