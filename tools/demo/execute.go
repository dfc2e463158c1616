package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// stepTime is far more than one run of terraform needs here.
const stepTime = 2 * time.Minute

// A result is what a run of terraform has come to.
type result struct {
	status int
	output string
}

// terraform runs it before the viewer's eyes.
func (p *player) terraform(ctx context.Context, args []string) (result, error) {
	name := p.stage.terraform.name()
	p.screen.line(bold, "$ %s %s", name, strings.Join(args, " "))
	if !p.screen.colour {
		args = append(args[:1:1], append([]string{"-no-color"}, args[1:]...)...)
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	var output bytes.Buffer
	command := child(ctx, p.stage.terraform.path, args...)
	command.Dir = p.stage.dir
	command.Env = environment(os.Environ(), p.stage.temporary, p.variables)
	command.Stdout = io.MultiWriter(p.screen, &output)
	command.Stderr = command.Stdout
	status, err := finish(ctx, command)
	return result{status, output.String()}, err
}

// style matches what changes a terminal's style.
var style = regexp.MustCompile("\x1b\\[[0-9;]*m")

// judge compares a result with what the step should have come to.
func (s step) judge(name string, is result) error {
	if is.status != s.status {
		return fmt.Errorf("%s %s ended with status %d instead of %d", name, s.args[0], is.status, s.status)
	}
	if text := style.ReplaceAllString(is.output, ""); !strings.Contains(text, s.says) {
		return fmt.Errorf("%s %s did not print %q", name, s.args[0], s.says)
	}
	return nil
}
