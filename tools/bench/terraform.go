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
	"strings"
	"time"
)

// terraform is a folder with one contender's configuration and state.
type terraform struct {
	asked        settings
	folder       string
	env          []string
	usage        string
	mayHaveDrift bool
}

// newTerraform makes the folder. The provider's program in it is this one, which measures the real one.
func newTerraform(asked settings, c contender, folder string) (*terraform, error) {
	overrides := filepath.Join(folder, "provider")
	if err := os.MkdirAll(overrides, 0o750); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(overrides, "terraform-provider-"+path.Base(c.source))); err != nil {
		return nil, err
	}
	config, err := cliConfig(overrides, c.source)
	if err != nil {
		return nil, err
	}
	t := &terraform{
		asked: asked, folder: folder,
		usage: filepath.Join(folder, "usage"), mayHaveDrift: c.linked && !c.limited,
	}
	t.env = append(withoutTerraforms(os.Environ()),
		"TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1",
		measuredProvider+"="+c.program, usageFile+"="+t.usage)
	return t, nil
}

// cliConfig makes Terraform take a provider from a folder, without terraform init.
func cliConfig(folder, source string) (path string, err error) {
	path = filepath.Join(folder, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, folder)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

func (t *terraform) write(name, configuration string) error {
	return os.WriteFile(filepath.Join(t.folder, name), []byte(configuration), 0o600)
}

func (t *terraform) localStateSize() (int64, error) {
	is, err := os.Stat(filepath.Join(t.folder, "terraform.tfstate"))
	if err != nil {
		return 0, err
	}
	return is.Size(), nil
}

// withoutTerraforms leaves out what would change Terraform's behaviour, or the provider's.
func withoutTerraforms(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "WINTRO_") || strings.HasPrefix(variable, "RECRUITEE_")
	})
}

// initialize makes a backend known. While there is nothing else in the configuration, no provider is looked
// for: terraform init would want to install one that is overridden, too.
func (t *terraform) initialize(ctx context.Context, backend string) error {
	if err := t.write("backend.tf", backend); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.asked.terraform, "init", "-no-color", "-input=false")
	cmd.Dir, cmd.Env = t.folder, t.env
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("init: %w: %s", err, said)
	}
	return nil
}

func (t *terraform) run(ctx context.Context, o operation, env []string) (measurement, error) {
	if err := os.RemoveAll(t.usage); err != nil {
		return measurement{}, err
	}
	arguments := append(slices.Clone(o.arguments), "-no-color", "-input=false", fmt.Sprint("-parallelism=", t.asked.parallelism))
	cmd := exec.CommandContext(ctx, t.asked.terraform, arguments...)
	cmd.Dir, cmd.Env = t.folder, append(slices.Clone(t.env), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return measurement{}, err
	}
	// Not every contender knows a clean plan.
	if code := cmd.ProcessState.ExitCode(); code != o.exit && (code == 1 || !t.mayHaveDrift) {
		return measurement{}, fmt.Errorf("exit code %d instead of %d: %s", code, o.exit, said.String())
	}
	used, err := usageOf(t.usage)
	if err != nil {
		return measurement{}, err
	}
	// Terraform's own includes those of the processes that it has started.
	all := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return measurement{wall: wall, terraformCPU: all - used.cpu, providerCPU: used.cpu, memory: used.memory}, nil
}
