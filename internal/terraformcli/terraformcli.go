// Package terraformcli finds and runs Terraform or OpenTofu, for tests and tools.
package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/go-version"
)

// ErrNotFound is the error that Find returns if no program is named, and neither terraform nor tofu is on PATH.
var ErrNotFound = errors.New("neither terraform nor tofu is on PATH")

// CLI describes an installed Terraform or OpenTofu.
type CLI struct {
	// Path is the absolute path of the program.
	Path     string
	OpenTofu bool
	Version  *version.Version
	// GOOS and GOARCH are the platform of the program and of the providers that it installs.
	GOOS, GOARCH string
}

func (c CLI) String() string {
	product := "Terraform"
	if c.OpenTofu {
		product = "OpenTofu"
	}
	return product + " " + c.Version.String()
}

// Find finds Terraform or OpenTofu, and reads its version. If program contains no directory, it must be on PATH. If
// program is empty, Find uses the environment variable TF_ACC_TERRAFORM_PATH. If that variable is empty, too, Find
// looks for terraform on PATH, and then for tofu.
func Find(ctx context.Context, program string) (CLI, error) {
	candidates := []string{"terraform", "tofu"}
	if program == "" {
		program = os.Getenv("TF_ACC_TERRAFORM_PATH")
	}
	if program != "" {
		candidates = []string{program}
	}
	for _, candidate := range candidates {
		path, err := exec.LookPath(candidate)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err == nil {
			return readVersion(ctx, path)
		}
		if program != "" {
			return CLI{}, err
		}
	}
	return CLI{}, ErrNotFound
}

// versionOutput matches the text that the version command prints. The JSON that the command can print isn't enough,
// because it doesn't tell Terraform from OpenTofu.
var versionOutput = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\r?\non ([a-z0-9]+)_([a-z0-9]+)\r?$`)

func readVersion(ctx context.Context, path string) (CLI, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = Environment()
	output, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			output = exit.Stderr
		}
		return CLI{}, fmt.Errorf("%s version: %w\n%s", path, err, output)
	}
	match := versionOutput.FindSubmatch(output)
	if match == nil {
		return CLI{}, fmt.Errorf("the output of %s version has an unexpected format:\n%s", path, output)
	}
	number, err := version.NewVersion(string(match[2]))
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	return CLI{
		Path: path, OpenTofu: string(match[1]) == "OpenTofu", Version: number,
		GOOS: string(match[3]), GOARCH: string(match[4]),
	}, nil
}

// Environment returns this process's environment plus extra variables. It leaves out the inherited variables of
// Terraform and of the provider, because with them a test could send real tokens to the real systems. It also turns off
// Terraform's check for new versions.
func Environment(extra ...string) []string {
	inherited := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc([]string{"TF_", "TOFU_", "WINTRO_", "RECRUITEE_"}, func(prefix string) bool {
			// On Windows, names of environment variables are case-insensitive.
			return strings.HasPrefix(strings.ToUpper(variable), prefix)
		})
	})
	// If a variable occurs twice, os/exec uses the last value.
	return append(append(inherited, "CHECKPOINT_DISABLE=1"), extra...)
}
