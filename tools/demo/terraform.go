package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

var (
	// oldest is the first version that the provider works with.
	oldest = version.Must(version.NewVersion("1.0.0"))
	// writeOnlySince is the first version, of Terraform and of OpenTofu, with write-only attributes.
	writeOnlySince = version.Must(version.NewVersion("1.11.0"))
	// fetched is what is fetched where there is neither.
	fetched = version.MustConstraints(version.NewConstraint(">= 1.11.0, < 2.0.0"))
)

// A terraform is the program that is shown: Terraform or OpenTofu.
type terraform struct {
	path    string
	version *version.Version
	// goos and goarch are what it was built for. The provider has to be built for the same.
	goos, goarch string
}

// name is what one types to run it.
func (t terraform) name() string {
	return strings.TrimSuffix(filepath.Base(t.path), ".exe")
}

func (t terraform) String() string {
	return fmt.Sprintf("%s %s (%s)", t.name(), t.version, t.path)
}

// writeOnly tells whether the program has write-only attributes.
func (t terraform) writeOnly() bool {
	return t.version.Core().GreaterThanOrEqual(writeOnlySince)
}

// findTerraform takes the program that is wanted, or else terraform or tofu from PATH, or else it
// fetches Terraform into dir.
func findTerraform(ctx context.Context, dir, wanted string, screen *screen) (terraform, error) {
	path, err := choose(wanted, exec.LookPath)
	if errors.Is(err, errNeither) {
		screen.note("Neither terraform nor tofu is on PATH: fetching Terraform from releases.hashicorp.com, for this demo only")
		path, err = fetchTerraform(ctx, dir)
	}
	if err != nil {
		return terraform{}, err
	}
	return identify(ctx, dir, path)
}

var errNeither = errors.New("neither terraform nor tofu is on PATH")

// choose finds the program with look, which finds a program as exec.LookPath does.
func choose(wanted string, look func(string) (string, error)) (path string, err error) {
	if wanted != "" {
		if path, err = look(wanted); err != nil {
			return "", fmt.Errorf("-terraform %s: %w", wanted, err)
		}
		return filepath.Abs(path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err = look(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", errNeither
}

func fetchTerraform(ctx context.Context, dir string) (path string, err error) {
	dir = filepath.Join(dir, "terraform")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	source := &releases.LatestVersion{Product: product.Terraform, Constraints: fetched, InstallDir: dir, LicenseDir: dir}
	if path, err = source.Install(ctx); err != nil {
		return "", fmt.Errorf("fetching Terraform: %w (install Terraform or OpenTofu yourself, or name one with -terraform)", err)
	}
	return path, nil
}

// identify asks a program which version it is.
func identify(ctx context.Context, dir, path string) (terraform, error) {
	command := child(ctx, path, "version", "-json")
	command.Env = environment(os.Environ(), dir, map[string]string{"CHECKPOINT_DISABLE": "1"})
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	status, err := finish(ctx, command)
	if err != nil {
		return terraform{}, err
	}
	if status != 0 {
		return terraform{}, fmt.Errorf("%s version -json ended with status %d:\n%s", path, status, bytes.TrimSpace(stderr.Bytes()))
	}
	found, err := parseVersion(stdout.Bytes())
	if err != nil {
		return terraform{}, fmt.Errorf("%s version -json: %w", path, err)
	}
	found.path = path
	if found.version.Core().LessThan(oldest) {
		return terraform{}, fmt.Errorf("%s is too old: the provider needs %s", found, oldest)
	}
	return found, nil
}

// parseVersion reads what `terraform version -json` prints.
func parseVersion(output []byte) (terraform, error) {
	var said struct {
		Version  string `json:"terraform_version"`
		Platform string `json:"platform"`
	}
	if err := json.Unmarshal(output, &said); err != nil {
		return terraform{}, fmt.Errorf("this is not what Terraform prints: %w", err)
	}
	number, err := version.NewVersion(said.Version)
	if err != nil {
		return terraform{}, err
	}
	goos, goarch, found := strings.Cut(said.Platform, "_")
	if !found {
		return terraform{}, fmt.Errorf("the platform %q is not of the form linux_amd64", said.Platform)
	}
	return terraform{version: number, goos: goos, goarch: goarch}, nil
}
