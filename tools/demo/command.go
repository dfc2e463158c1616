package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// environment is the environment of a program that may be interrupted. What it leaves behind then, such as a
// socket or half a program, it leaves in tempDir.
func (d *demo) environment(extra ...string) []string {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP", "GOTMPDIR"} {
		extra = append(extra, name+"="+d.tempDir)
	}
	return terraformcli.Environment(extra...)
}

// command is interrupted when ctx ends, and killed if it still runs some seconds later.
func (d *demo) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	inOwnGroup(cmd)
	cmd.Cancel = func() error { return interrupt(cmd) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// terraform shows a run of Terraform. That it can't be run, or is interrupted, is an error.
func (d *demo) terraform(ctx context.Context, args []string) (exitCode int, output string, err error) {
	name := strings.TrimSuffix(filepath.Base(d.cli.Path), ".exe")
	d.out.line(bold, "$ %s %s", name, strings.Join(args, " "))
	if !d.out.color {
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	cmd := d.command(ctx, d.cli.Path, args...)
	cmd.Dir = d.workDir
	cmd.Env = append(d.env, "TF_VAR_recruitee_api_token="+d.token)
	var printed bytes.Buffer
	cmd.Stdout = io.MultiWriter(d.out, &printed)
	cmd.Stderr = cmd.Stdout
	err = cmd.Run()
	if ctx.Err() != nil {
		killGroup(cmd)
		return 0, "", ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), printed.String(), nil
	}
	return 0, printed.String(), err
}
