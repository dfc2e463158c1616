package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

const (
	providerPackage = "github.com/wintro-ai/terraform-provider-wintro"
	// providerVersion is the version of the provider that the demo builds.
	providerVersion = "0.1.0"
	cliConfigFile   = "cli.tfrc"
)

// install builds the provider into a mirror, and writes the CLI configuration and main.tf.
func (d *demo) install(ctx context.Context) error {
	if err := os.Mkdir(d.workDir, 0o700); err != nil {
		return err
	}
	mirror := filepath.Join(d.tempDir, "plugins")
	built, err := d.execute(ctx, terraformcli.Command{
		Program: "go",
		Arguments: []string{
			"build", "-buildvcs=false", "-trimpath", "-ldflags=-X main.version=" + providerVersion,
			"-o", filepath.Join(mirror, pluginPath(d.cli)), providerPackage,
		},
		Env: d.environment("GOOS="+d.cli.GOOS, "GOARCH="+d.cli.GOARCH),
	})
	if err != nil || built.ExitCode != 0 {
		return fmt.Errorf("go build %s: %w\n%s", providerPackage, cmp.Or(err, errors.New("failed")), built.Output)
	}
	for path, text := range map[string]string{
		filepath.Join(d.tempDir, cliConfigFile): terraformcli.MirrorConfig(mirror),
		filepath.Join(d.workDir, "main.tf"):     configuration(d.cli.Has(terraformcli.WriteOnlyToken)),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// pluginPath returns the path of the provider binary in a filesystem mirror.
func pluginPath(cli terraformcli.CLI) string {
	registry, file := "registry.terraform.io", "terraform-provider-wintro_v"+providerVersion
	if cli.OpenTofu {
		registry = "registry.opentofu.org"
	}
	if cli.GOOS == "windows" {
		file += ".exe"
	}
	return filepath.Join(registry, "wintro-ai", "wintro", providerVersion, cli.GOOS+"_"+cli.GOARCH, file)
}

// configuration returns main.tf. The file doesn't configure the provider, because environment variables do that.
func configuration(writeOnly bool) string {
	ephemeral, argument := "", "api_token "
	if writeOnly {
		ephemeral, argument = "  ephemeral = true\n", "api_token_wo"
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    wintro = {
      source = "wintro-ai/wintro"
    }
  }
}

variable "recruitee_api_token" {
  type      = string
  sensitive = true
%s}

resource "wintro_recruitee_connection" "acme" {
  %-*s = "%d"
  %s = var.recruitee_api_token
}
`, ephemeral, len(argument), "company_id", sandbox.SeedCompanyID, argument)
}
