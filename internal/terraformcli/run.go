package terraformcli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Command describes one run of a program, usually of Terraform.
type Command struct {
	Program   string
	Arguments []string
	// Dir is the working directory.
	Dir string
	// Env is the complete environment. Use [Environment] to build it: if Env is nil, the program inherits all
	// variables, which may contain real tokens.
	Env []string
	// Input is the program's standard input. If Input is nil, the program gets no input.
	Input io.Reader
	// Output, if it isn't nil, receives a copy of the output while the program runs.
	Output io.Writer
	// Prepare, if it isn't nil, changes the command before the program starts.
	Prepare func(*exec.Cmd)
	// Started, if it isn't nil, gets the process after the program has started.
	Started func(*os.Process)
}

// Result contains the exit code, the output and the cost of a run.
type Result struct {
	ExitCode int
	// Output contains both standard output and standard error.
	Output string
	// CPU is the processor time of the program and its child processes.
	CPU time.Duration
}

// Run runs the program until it ends. When ctx ends, Run kills the program, unless Prepare changes how the program is
// cancelled, and returns ctx's error. A non-zero exit code isn't an error.
func (c Command) Run(ctx context.Context) (Result, error) {
	cmd := exec.CommandContext(ctx, c.Program, c.Arguments...)
	var printed bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout = c.Dir, c.Env, c.Input, &printed
	if c.Output != nil {
		cmd.Stdout = io.MultiWriter(c.Output, &printed)
	}
	cmd.Stderr = cmd.Stdout
	if c.Prepare != nil {
		c.Prepare(cmd)
	}
	err := cmd.Start()
	if err == nil {
		if c.Started != nil {
			c.Started(cmd.Process)
		}
		err = cmd.Wait()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		err = nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	result := Result{Output: printed.String()}
	if state := cmd.ProcessState; state != nil {
		result.ExitCode, result.CPU = state.ExitCode(), state.UserTime()+state.SystemTime()
	}
	return result, err
}

// MirrorConfig returns a CLI configuration that makes Terraform install providers only from a local folder.
func MirrorConfig(folder string) string {
	// In an HCL string, ${ and %{ start a template, so escape them.
	path := strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(folder))
	return "provider_installation {\n  filesystem_mirror {\n    path = " + path + "\n  }\n}\n"
}
