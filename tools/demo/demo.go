package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// demo runs Terraform in each stage of a connection's life: create, repair and destroy.
type demo struct {
	out     printer
	cli     terraformcli.CLI
	sandbox *sandbox.Sandbox
	// token is the value of the variable recruitee_api_token.
	token string
	// workDir is Terraform's working directory. tempDir is the directory for temporary files of Terraform and of
	// go build.
	workDir, tempDir string
	// env is Terraform's environment, except for the token.
	env []string
}

// step is one run of Terraform that the demo shows.
type step struct {
	title string
	// before, if it isn't nil, revokes or replaces the token before the run.
	before func()
	args   []string
	// exitCode and output are the expected exit code and a part of the expected output.
	exitCode int
	output   string
	// check, if it isn't nil, checks results that the terminal doesn't show.
	check func() error
}

// changes is the exit code of plan -detailed-exitcode if the plan contains changes.
const changes = 2

func (d *demo) steps() []step {
	plan := []string{"plan", "-input=false", "-detailed-exitcode"}
	apply := []string{"apply", "-input=false", "-auto-approve"}
	return []step{
		{
			title: "init finds the provider in a local mirror",
			args:  []string{"init", "-input=false"},
		}, {
			title:    "plan verifies the token with Recruitee, and would reject a wrong token",
			args:     plan,
			exitCode: changes,
		}, {
			title: "apply connects the company to Wintro and waits until the connection works",
			args:  apply,
			check: d.checkState,
		}, {
			title: "The connection works: the plan contains no changes, and the exit code is 0",
			args:  plan,
		}, {
			title:    "A user revokes the token in Recruitee: the next plan warns about it, and the exit code is 2",
			before:   func() { d.sandbox.RevokeToken(d.token) },
			args:     plan,
			exitCode: changes,
			output:   "Warning: Recruitee rejected the API token",
		}, {
			title:  "The secret store gets a new token: apply detects it and sends it to Wintro",
			before: func() { d.token = d.sandbox.IssueToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID) },
			args:   apply,
			check:  d.checkState,
		}, {
			title: "The connection works again: the plan contains no changes",
			args:  plan,
		}, {
			title: "destroy removes the connection",
			args:  []string{"destroy", "-input=false", "-auto-approve"},
			check: d.checkNothingLeft,
		},
	}
}

func runDemo(ctx context.Context, dir string, cli terraformcli.CLI, out printer) error {
	d := &demo{out: out, cli: cli, sandbox: sandbox.New(), workDir: filepath.Join(dir, "work"), tempDir: dir}
	d.token = d.sandbox.Seed()
	server := httptest.NewServer(d.sandbox)
	defer server.Close()

	out.note("Using %s (%s)", cli, cli.Path)
	out.note("Building the provider")
	if err := d.install(ctx); err != nil {
		return err
	}
	d.env = d.environment(
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, cliConfigFile),
		"TF_IN_AUTOMATION=1",
		"WINTRO_ENDPOINT="+server.URL+sandbox.WintroPath,
		"WINTRO_API_TOKEN="+d.sandbox.WintroToken(),
		"RECRUITEE_ENDPOINT="+server.URL+sandbox.RecruiteePath,
	)
	out.heading("This is the whole configuration. A variable contains the token")
	out.indented(configuration(cli.Has(terraformcli.WriteOnlyToken)))
	steps := d.steps()
	for i, step := range steps {
		out.heading("%d/%d  %s", i+1, len(steps), step.title)
		if err := d.run(ctx, step); err != nil {
			return fmt.Errorf("step %d of %d: %w", i+1, len(steps), err)
		}
	}
	out.heading("The demo is finished, and removes its files. The README explains how to install the provider.")
	return nil
}

// run runs a step, and compares the results with the expected ones.
func (d *demo) run(ctx context.Context, s step) error {
	if s.before != nil {
		s.before()
	}
	result, err := d.terraform(ctx, s.args)
	if err != nil {
		return err
	}
	if result.ExitCode != s.exitCode {
		return fmt.Errorf("%s ended with exit code %d instead of %d", s.args[0], result.ExitCode, s.exitCode)
	}
	if !strings.Contains(ansiStyle.ReplaceAllString(result.Output, ""), s.output) {
		return fmt.Errorf("%s did not print %q", s.args[0], s.output)
	}
	if s.check != nil {
		return s.check()
	}
	return nil
}

var ansiStyle = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkState returns an error if state contains the token. It does nothing if Terraform lacks write-only tokens,
// because state then always contains the token.
func (d *demo) checkState() error {
	if !d.cli.Has(terraformcli.WriteOnlyToken) {
		return nil
	}
	state, err := os.ReadFile(filepath.Join(d.workDir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	if bytes.Contains(state, []byte(d.token)) {
		return errors.New("the token is in terraform.tfstate")
	}
	d.out.note("(The token is not in terraform.tfstate.)")
	return nil
}

func (d *demo) checkNothingLeft() error {
	if left := len(d.sandbox.Connections()); left > 0 {
		return fmt.Errorf("%d connections are left in Wintro", left)
	}
	return nil
}
