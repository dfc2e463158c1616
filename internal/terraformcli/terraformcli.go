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

// ErrNotFound is Find's error if neither Terraform nor OpenTofu is installed.
var ErrNotFound = errors.New("neither terraform nor tofu is on PATH")

// CLI is an installed Terraform or OpenTofu.
type CLI struct {
	// Path is absolute.
	Path     string
	OpenTofu bool
	Version  *version.Version
	// GOOS and GOARCH are its platform, and the platform of its providers.
	GOOS, GOARCH string
}

func (c CLI) String() string {
	product := "Terraform"
	if c.OpenTofu {
		product = "OpenTofu"
	}
	return product + " " + c.Version.String()
}

// Find finds program, a name on PATH or a path. If program is empty, Find takes the program in TF_ACC_TERRAFORM_PATH, or
// else terraform or tofu from PATH.
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

// versionOutput matches the text output: the output of version -json doesn't name the program.
var versionOutput = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\r?\non ([a-z0-9]+)_([a-z0-9]+)\r?$`)

func readVersion(ctx context.Context, path string) (CLI, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = Environment()
	output, err := cmd.Output()
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			output = exit.Stderr
		}
		return CLI{}, fmt.Errorf("%s version: %w\n%s", path, err, output)
	}
	match := versionOutput.FindSubmatch(output)
	if match == nil {
		return CLI{}, fmt.Errorf("%s version has an unexpected format:\n%s", path, output)
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

// Environment returns this process's environment with extra variables, and without the variables of Terraform and the
// provider, which could lead to the real systems with real tokens.
func Environment(extra ...string) []string {
	inherited := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc([]string{"TF_", "TOFU_", "WINTRO_", "RECRUITEE_"}, func(prefix string) bool {
			// Windows ignores case here.
			return strings.HasPrefix(strings.ToUpper(variable), prefix)
		})
	})
	// If a variable has two values, os/exec takes the last.
	return append(append(inherited, "CHECKPOINT_DISABLE=1"), extra...)
}
