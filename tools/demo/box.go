package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// The variables that wintro-sandbox exports.
const (
	wintroEndpoint    = "WINTRO_ENDPOINT"
	wintroToken       = "WINTRO_API_TOKEN"
	recruiteeEndpoint = "RECRUITEE_ENDPOINT"
	controlEndpoint   = "WINTRO_SANDBOX_CONTROL"
	recruiteeToken    = "TF_VAR_recruitee_api_token"
)

// startTime is far more than wintro-sandbox needs to start.
const startTime = 15 * time.Second

// A box is a running wintro-sandbox.
type box struct {
	command *exec.Cmd
	output  io.Closer
	// exports are the variables that it wants terraform to have.
	exports map[string]string
}

// startSandbox runs wintro-sandbox on a free port. It goes on when ctx ends, until it is stopped:
// terraform may need it to end well.
func startSandbox(ctx context.Context, stage stage, stderr io.Writer) (*box, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command := child(context.WithoutCancel(ctx), stage.sandbox)
	command.Env = environment(os.Environ(), stage.temporary, nil)
	command.Stdout, command.Stderr = writer, stderr
	err = command.Start()
	_ = writer.Close()
	if err != nil {
		_ = reader.Close()
		return nil, fmt.Errorf("starting wintro-sandbox: %w", err)
	}
	b := &box{command: command, output: reader}

	_ = reader.SetReadDeadline(time.Now().Add(startTime))
	b.exports, err = readExports(reader, wintroEndpoint, wintroToken, recruiteeEndpoint, controlEndpoint, recruiteeToken)
	if err != nil {
		_ = b.stop()
		return nil, fmt.Errorf("starting wintro-sandbox: %w", err)
	}
	return b, nil
}

// stop ends it. That it has not lasted until now, or does not end by itself, is an error.
func (b *box) stop() error {
	defer func() { _ = b.output.Close() }()
	asked := askToEnd(b.command)
	patience := time.AfterFunc(endTime, func() { _ = b.command.Process.Kill() })
	defer patience.Stop()
	if err := b.command.Wait(); err != nil && asked {
		return fmt.Errorf("wintro-sandbox did not end well: %w", err)
	}
	return nil
}
