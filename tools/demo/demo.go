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

	"github.com/hashicorp/go-version"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// demo is one run of Terraform through the life of a connection.
type demo struct {
	out     printer
	cli     terraformcli.CLI
	sandbox *sandbox.Sandbox
	// token is what the configuration's variable is set to.
	token string
	// workDir is where Terraform runs, tempDir where it and go build leave their temporary files.
	workDir, tempDir string
	// env is Terraform's, but for the token.
	env []string
}

// step is one thing that the demo shows: a run of Terraform.
type step struct {
	title string
	// before is what somebody does in Recruitee first; it may be nil.
	before func()
	args   []string
	// exitCode and output are what is expected; output is a part of what is printed.
	exitCode int
	output   string
	// check looks at what can't be seen on the terminal; it may be nil.
	check func() error
}

// changes is the exit code of plan -detailed-exitcode if it isn't 0.
const changes = 2

func (d *demo) steps() []step {
	plan := []string{"plan", "-input=false", "-detailed-exitcode"}
	apply := []string{"apply", "-input=false", "-auto-approve"}
	return []step{
		{
			title: "init finds the provider in a local mirror",
			args:  []string{"init", "-input=false"},
		}, {
			title:    "plan asks Recruitee about the token: a wrong one would be an error here already",
			args:     plan,
			exitCode: changes,
		}, {
			title: "apply connects the company to Wintro and waits until the connection works",
			args:  apply,
			check: d.checkState,
		}, {
			title: "The connection works: nothing to change, exit code 0",
			args:  plan,
		}, {
			title:    "Somebody revokes the token in Recruitee: the next plan says so, with exit code 2",
			before:   d.revokeToken,
			args:     plan,
			exitCode: changes,
			output:   "Warning: Recruitee rejected the API token",
		}, {
			title:  "The secret store gets a new token: apply notices it and sends it to Wintro",
			before: d.renewToken,
			args:   apply,
			check:  d.checkState,
		}, {
			title: "The connection works again: nothing to change, exit code 0",
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
	out.heading("This is all that somebody writes; the token comes from a variable")
	out.indented(configuration(hasWriteOnly(cli)))
	steps := d.steps()
	for i, step := range steps {
		out.heading("%d/%d  %s", i+1, len(steps), step.title)
		if err := d.run(ctx, step); err != nil {
			return fmt.Errorf("step %d of %d: %w", i+1, len(steps), err)
		}
	}
	out.heading("That's all. Nothing is left behind. The README says how to install the provider for real.")
	return nil
}

func (d *demo) run(ctx context.Context, s step) error {
	if s.before != nil {
		s.before()
	}
	exitCode, output, err := d.terraform(ctx, s.args)
	if err != nil {
		return err
	}
	if err := s.compare(exitCode, output); err != nil {
		return err
	}
	if s.check != nil {
		return s.check()
	}
	return nil
}

var ansiStyle = regexp.MustCompile("\x1b\\[[0-9;]*m")

// compare fails unless Terraform ended and printed as expected.
func (s step) compare(exitCode int, output string) error {
	if exitCode != s.exitCode {
		return fmt.Errorf("%s ended with exit code %d instead of %d", s.args[0], exitCode, s.exitCode)
	}
	if !strings.Contains(ansiStyle.ReplaceAllString(output, ""), s.output) {
		return fmt.Errorf("%s did not print %q", s.args[0], s.output)
	}
	return nil
}

func (d *demo) revokeToken() {
	d.sandbox.RevokeToken(d.token)
}

func (d *demo) renewToken() {
	d.token = d.sandbox.IssueToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID)
}

// checkState looks for the token in state, where a write-only one must not be.
func (d *demo) checkState() error {
	if !hasWriteOnly(d.cli) {
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

var writeOnlySince = version.Must(version.NewVersion("1.11.0"))

// hasWriteOnly reports whether this Terraform or OpenTofu has write-only attributes.
func hasWriteOnly(cli terraformcli.CLI) bool {
	return cli.Version.Core().GreaterThanOrEqual(writeOnlySince)
}
