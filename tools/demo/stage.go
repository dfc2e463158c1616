package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	module = "github.com/wintro-ai/terraform-provider-wintro"
	// providerVersion is the version that the demo's provider pretends to have.
	providerVersion = "0.1.0"
)

// registries are the hosts that Terraform and OpenTofu take wintro-ai/wintro to be on.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// A stage is where the demo takes place.
type stage struct {
	temporary string
	terraform terraform
	// dir is where terraform is run; main.tf is in it.
	dir string
	// sandbox is the program wintro-sandbox.
	sandbox string
	// cliConfig is the CLI configuration file that makes terraform find the provider.
	cliConfig string
}

// setUp builds the provider and the sandbox, and puts all that terraform needs into dir.
func setUp(ctx context.Context, dir string, terraform terraform, screen *screen) (stage, error) {
	s := stage{
		temporary: dir,
		terraform: terraform,
		dir:       filepath.Join(dir, "work"),
		sandbox:   filepath.Join(dir, "wintro-sandbox"),
		cliConfig: filepath.Join(dir, "cli.tfrc"),
	}
	if terraform.goos == "windows" {
		s.sandbox += ".exe"
	}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return stage{}, err
	}
	screen.note("Building the provider and wintro-sandbox")
	mirror := filepath.Join(dir, "plugins")
	plugin := filepath.Join(mirror, pluginPath(registries[0], terraform))
	if err := build(ctx, terraform, module, plugin, dir); err != nil {
		return stage{}, err
	}
	for _, registry := range registries[1:] {
		if err := copyFile(plugin, filepath.Join(mirror, pluginPath(registry, terraform))); err != nil {
			return stage{}, err
		}
	}
	if err := build(ctx, terraform, module+"/cmd/wintro-sandbox", s.sandbox, dir); err != nil {
		return stage{}, err
	}
	for path, text := range map[string]string{
		s.cliConfig:                     cliConfiguration(mirror),
		filepath.Join(s.dir, "main.tf"): configuration(terraform.writeOnly()),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return stage{}, err
		}
	}
	return s, nil
}

// pluginPath is where in a filesystem mirror terraform looks for the provider.
func pluginPath(registry string, t terraform) string {
	name := "terraform-provider-wintro_v" + providerVersion
	if t.goos == "windows" {
		name += ".exe"
	}
	return filepath.Join(registry, "wintro-ai", "wintro", providerVersion, t.goos+"_"+t.goarch, name)
}

// cliConfiguration makes terraform take its providers from a directory, and from nowhere else.
func cliConfiguration(mirror string) string {
	return "provider_installation {\n  filesystem_mirror {\n    path = " + hclString(mirror) + "\n  }\n}\n"
}

// hclString is a string literal in HCL, where some sequences begin a template.
func hclString(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(text))
}

// build builds a program of this module for the platform that terraform was built for.
func build(ctx context.Context, t terraform, pkg, output, temporary string) error {
	command := child(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-X main.version="+providerVersion, "-o", output, pkg)
	command.Env = environment(os.Environ(), temporary, map[string]string{"GOOS": t.goos, "GOARCH": t.goarch})
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	status, err := finish(ctx, command)
	if err == nil && status != 0 {
		err = fmt.Errorf("go build %s ended with status %d:\n%s", pkg, status, bytes.TrimSpace(said.Bytes()))
	}
	return err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o700)
}
