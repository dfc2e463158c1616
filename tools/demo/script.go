package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A step is one thing that the demo shows: a run of terraform.
type step struct {
	// shows is the line that says it, in advance.
	shows string
	// happens is what somebody does outside before; nil where nobody does anything.
	happens func(context.Context) error
	args    []string
	// status is the one that terraform has to end with, says is what it has to print.
	status int
	says   string
	// check looks at the result; nil where the status says enough.
	check func(context.Context) error
}

// The statuses of a plan with -detailed-exitcode.
const (
	planClean   = 0
	planChanges = 2
)

// script is the whole demo.
func (p *player) script() []step {
	plan := []string{"plan", "-input=false", "-detailed-exitcode"}
	apply := []string{"apply", "-input=false", "-auto-approve"}
	return []step{
		{
			shows: "init finds the provider in a local mirror",
			args:  []string{"init", "-input=false"},
		}, {
			shows:  "plan asks Recruitee about the token: a wrong one would be an error here already",
			args:   plan,
			status: planChanges,
		}, {
			shows: "apply links the company with Wintro and waits until the link works",
			args:  apply,
			check: p.checkState,
		}, {
			shows:  "The link works: nothing to change, exit status 0",
			args:   plan,
			status: planClean,
		}, {
			shows:   "Somebody revokes the token in Recruitee: the next plan says so, with exit status 2",
			happens: p.revokeToken,
			args:    plan,
			status:  planChanges,
			says:    "Warning: Recruitee rejected the API token",
		}, {
			shows:   "The secret store gets a new token: apply notices it and sends it to Wintro",
			happens: p.renewToken,
			args:    apply,
			check:   p.checkState,
		}, {
			shows:  "The link works again: nothing to change, exit status 0",
			args:   plan,
			status: planClean,
		}, {
			shows: "destroy unlinks the company",
			args:  []string{"destroy", "-input=false", "-auto-approve"},
			check: p.checkNothingLeft,
		},
	}
}

// A player plays the script.
type player struct {
	screen  *screen
	stage   stage
	control control
	// variables are those that terraform gets beside the environment's.
	variables map[string]string
}

func play(ctx context.Context, screen *screen, stage stage, box *box) error {
	p := &player{
		screen: screen, stage: stage,
		control: control{box.exports[controlEndpoint]},
		variables: map[string]string{
			wintroEndpoint:       box.exports[wintroEndpoint],
			wintroToken:          box.exports[wintroToken],
			recruiteeEndpoint:    box.exports[recruiteeEndpoint],
			recruiteeToken:       box.exports[recruiteeToken],
			"TF_CLI_CONFIG_FILE": stage.cliConfig,
			"TF_IN_AUTOMATION":   "1",
			"CHECKPOINT_DISABLE": "1",
		},
	}
	main, err := os.ReadFile(filepath.Join(stage.dir, "main.tf"))
	if err != nil {
		return err
	}
	screen.heading("This is all that somebody writes; the token comes from a variable")
	screen.indented(string(main))
	steps := p.script()
	for i, step := range steps {
		screen.heading("%d/%d  %s", i+1, len(steps), step.shows)
		if err := p.play(ctx, step); err != nil {
			return fmt.Errorf("step %d of %d: %w", i+1, len(steps), err)
		}
	}
	screen.heading("That's all, and nothing of it stays behind. The README says how to install the provider for real.")
	return nil
}

// play plays one step. An error is a surprise.
func (p *player) play(ctx context.Context, s step) error {
	if s.happens != nil {
		if err := s.happens(ctx); err != nil {
			return err
		}
	}
	result, err := p.terraform(ctx, s.args)
	if err != nil {
		return err
	}
	if err := s.judge(p.stage.terraform.name(), result); err != nil {
		return err
	}
	if s.check != nil {
		return s.check(ctx)
	}
	return nil
}

func (p *player) revokeToken(ctx context.Context) error {
	return p.control.revokeToken(ctx, p.variables[recruiteeToken])
}

func (p *player) renewToken(ctx context.Context) error {
	token, err := p.control.issueToken(ctx)
	p.variables[recruiteeToken] = token
	return err
}

// checkState looks for the token in state, where a write-only one must not be.
func (p *player) checkState(context.Context) error {
	if !p.stage.terraform.writeOnly() {
		return nil
	}
	state, err := os.ReadFile(filepath.Join(p.stage.dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	if bytes.Contains(state, []byte(p.variables[recruiteeToken])) {
		return errors.New("the token is in terraform.tfstate")
	}
	p.screen.note("(The token is not in terraform.tfstate.)")
	return nil
}

func (p *player) checkNothingLeft(ctx context.Context) error {
	left, err := p.control.connections(ctx)
	if err == nil && left > 0 {
		return fmt.Errorf("Wintro still has %d connections", left) //nolint:staticcheck // a name
	}
	return err
}
