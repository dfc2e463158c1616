package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// environment returns the environment of a program that the user may interrupt. Temporary files that the program
// leaves then are in tempDir.
func (d *demo) environment(extra ...string) []string {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP", "GOTMPDIR"} {
		extra = append(extra, name+"="+d.tempDir)
	}
	return terraformcli.Environment(extra...)
}

// terraform runs Terraform and shows its output.
func (d *demo) terraform(ctx context.Context, args []string) (terraformcli.Result, error) {
	name := strings.TrimSuffix(filepath.Base(d.cli.Path), ".exe")
	d.out.line(bold, "$ %s %s", name, strings.Join(args, " "))
	if !d.out.color {
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	return terraformcli.Command{
		Program: d.cli.Path, Arguments: args, Dir: d.workDir, Output: d.out,
		Env: append(slices.Clip(d.env), "TF_VAR_recruitee_api_token="+d.token),
	}.Run(ctx)
}
