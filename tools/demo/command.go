package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// environment returns the environment for a program. The program creates its temporary files in tempDir, so the demo
// removes them even if the user interrupts the program.
func (d *demo) environment(extra ...string) []string {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP", "GOTMPDIR"} {
		extra = append(extra, name+"="+d.tempDir)
	}
	return terraformcli.Environment(extra...)
}

// terraform shows a command line, runs Terraform with it, and shows the output.
func (d *demo) terraform(ctx context.Context, args []string) (terraformcli.Result, error) {
	name := strings.TrimSuffix(filepath.Base(d.cli.Path), ".exe")
	d.out.line(bold, "$ %s %s", name, strings.Join(args, " "))
	if !d.out.color {
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	return d.execute(ctx, terraformcli.Command{
		Program: d.cli.Path, Arguments: args, Dir: d.workDir, Output: d.out,
		Env: append(slices.Clip(d.env), "TF_VAR_recruitee_api_token="+d.token),
	})
}

// execute runs a program. When ctx ends, execute interrupts the program. If the program hasn't ended ten seconds later,
// execute kills it. Afterwards, it also kills the children that the program left running.
func (d *demo) execute(ctx context.Context, command terraformcli.Command) (terraformcli.Result, error) {
	var process *exec.Cmd
	command.Prepare = func(cmd *exec.Cmd) {
		inOwnGroup(cmd)
		cmd.Cancel = func() error { return interrupt(cmd) }
		cmd.WaitDelay = 10 * time.Second
		process = cmd
	}
	result, err := command.Run(ctx)
	if ctx.Err() != nil {
		killGroup(process)
	}
	return result, err
}
