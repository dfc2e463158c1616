package terraformcli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Command is one run of Terraform, or of a program that runs Terraform.
type Command struct {
	Program   string
	Arguments []string
	// Dir is the working directory.
	Dir string
	// Env is the complete environment: see [Environment].
	Env []string
	// Input is standard input. Nil: empty.
	Input io.Reader
	// Output gets a copy of the output while the program runs. Nil: no copy.
	Output io.Writer
}

// Result is the result of a program that ran to its end.
type Result struct {
	ExitCode int
	// Output is standard output and standard error.
	Output string
	// CPU is the processor time of the program and of its children.
	CPU time.Duration
}

// Run runs the program. A non-zero exit code isn't an error. When ctx ends, Run interrupts the program, as Ctrl-C does,
// kills it ten seconds later, and returns ctx's error.
func (c Command) Run(ctx context.Context) (Result, error) {
	cmd := exec.CommandContext(ctx, c.Program, c.Arguments...)
	inOwnGroup(cmd)
	cmd.Cancel = func() error { return interrupt(cmd) }
	cmd.WaitDelay = 10 * time.Second
	var printed bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout = c.Dir, c.Env, c.Input, &printed
	if c.Output != nil {
		cmd.Stdout = io.MultiWriter(c.Output, &printed)
	}
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	if ctx.Err() != nil {
		killGroup(cmd)
		err = ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		err = nil
	}
	result := Result{Output: printed.String()}
	if state := cmd.ProcessState; state != nil {
		result.ExitCode, result.CPU = state.ExitCode(), state.UserTime()+state.SystemTime()
	}
	return result, err
}

// MirrorConfig returns a CLI configuration with which Terraform installs providers only from a local folder.
func MirrorConfig(folder string) string {
	return "provider_installation {\n  filesystem_mirror {\n    path = " + hclString(folder) + "\n  }\n}\n"
}

// MirrorPath returns the path of a provider's program in a local folder. source is for instance wintro-ai/wintro.
func (c CLI) MirrorPath(source, version string) string {
	registry, file := "registry.terraform.io", "terraform-provider-"+filepath.Base(source)+"_v"+version
	if c.OpenTofu {
		registry = "registry.opentofu.org"
	}
	if c.GOOS == "windows" {
		file += ".exe"
	}
	return filepath.Join(registry, filepath.FromSlash(source), version, c.GOOS+"_"+c.GOARCH, file)
}

// OverrideConfig returns a CLI configuration with which Terraform takes one provider from a local folder, without init.
func OverrideConfig(source, folder string) string {
	return "provider_installation {\n  dev_overrides {\n    " + hclString(source) + " = " + hclString(folder) + "\n  }\n  direct {}\n}\n"
}

// hclString quotes a string for HCL, in which some sequences start a template.
func hclString(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(text))
}
