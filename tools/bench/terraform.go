package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// terraform runs Terraform in a folder with one subject's configuration and state.
type terraform struct {
	settings settings
	folder   string
	env      []string
}

// newTerraform writes the configuration into the folder, and a CLI configuration that overrides the provider. Because
// of the override, Terraform uses the subject's program without `terraform init`. With -http-state, newTerraform also
// initialises the backend.
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

// useBackend initialises a backend. Call useBackend while the folder contains no other configuration, because
// `terraform init` tries to install even an overridden provider.
func (t *terraform) useBackend(ctx context.Context, address string) error {
	backend := fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", address)
	if err := os.WriteFile(filepath.Join(t.folder, "backend.tf"), []byte(backend), 0o600); err != nil {
		return err
	}
	_, err := t.execute(ctx, 0, t.env, "init")
	return err
}

func (t *terraform) run(ctx context.Context, o operation) (measurement, error) {
	env := t.env
	if o.drifted {
		env = append(slices.Clip(env), "TF_VAR_drift=drifted") // lets the resources of a floor drift
	}
	began := time.Now()
	result, err := t.execute(ctx, o.exitCode, env, append(slices.Clone(o.arguments), fmt.Sprint("-parallelism=", t.settings.parallelism))...)
	return measurement{wall: time.Since(began), cpu: result.CPU}, err
}

// execute runs Terraform, and returns an error if Terraform doesn't end with exitCode.
func (t *terraform) execute(ctx context.Context, exitCode int, env []string, arguments ...string) (terraformcli.Result, error) {
	result, err := terraformcli.Command{
		Program: t.settings.cli.Path, Arguments: append(arguments, "-no-color", "-input=false"), Dir: t.folder, Env: env,
	}.Run(ctx)
	if err == nil && result.ExitCode != exitCode {
		err = fmt.Errorf("%s: exit code %d instead of %d: %s", arguments[0], result.ExitCode, exitCode, result.Output)
	}
	return result, err
}
