package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// terraform is a folder with one subject's configuration and state.
type terraform struct {
	settings settings
	folder   string
	env      []string
}

// newTerraform fills the folder. Terraform takes the provider from there, without terraform init.
func newTerraform(ctx context.Context, s settings, subject subject, folder, configuration string, remote *remote) (*terraform, error) {
	overrides, cliConfig := filepath.Join(folder, "provider"), filepath.Join(folder, "cli.tfrc")
	if err := os.MkdirAll(overrides, 0o750); err != nil {
		return nil, err
	}
	program, err := filepath.Abs(subject.program)
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(program, filepath.Join(overrides, "terraform-provider-"+path.Base(subject.source))); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", subject.source, overrides)
	if err := os.WriteFile(cliConfig, []byte(text), 0o600); err != nil {
		return nil, err
	}
	t := &terraform{settings: s, folder: folder, env: terraformcli.Environment("TF_CLI_CONFIG_FILE=" + cliConfig)}
	if s.httpState {
		if err := t.useBackend(ctx, remote.URL+statePath); err != nil {
			return nil, err
		}
	}
	return t, os.WriteFile(filepath.Join(folder, "main.tf"), []byte(configuration), 0o600)
}

// useBackend makes a backend known. While there is nothing else in the configuration, no provider is looked for:
// terraform init would want to install one that is overridden, too.
func (t *terraform) useBackend(ctx context.Context, address string) error {
	backend := fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", address)
	if err := os.WriteFile(filepath.Join(t.folder, "backend.tf"), []byte(backend), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.settings.cli.Path, "init", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = t.folder, t.env
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("init: %w: %s", err, output)
	}
	return nil
}

func (t *terraform) run(ctx context.Context, o operation) (measurement, error) {
	arguments := append(slices.Clone(o.arguments), "-no-color", "-input=false", fmt.Sprint("-parallelism=", t.settings.parallelism))
	cmd := exec.CommandContext(ctx, t.settings.cli.Path, arguments...)
	cmd.Dir, cmd.Env = t.folder, slices.Clone(t.env)
	if o.drifted {
		cmd.Env = append(cmd.Env, "TF_VAR_drift=drifted") // for the floors, which nobody can rename
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return measurement{}, err
	}
	if code := cmd.ProcessState.ExitCode(); code != o.exitCode {
		return measurement{}, fmt.Errorf("exit code %d instead of %d: %s", code, o.exitCode, &stderr)
	}
	return measurement{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}
