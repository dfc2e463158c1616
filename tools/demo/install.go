package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

const (
	providerPackage = "github.com/wintro-ai/terraform-provider-wintro"
	// providerVersion is the version that the provider is built as.
	providerVersion = "0.1.0"
	cliConfigFile   = "cli.tfrc"
)

// install builds the provider into a mirror, and writes Terraform's settings and the configuration.
func (d *demo) install(ctx context.Context) error {
	if err := os.Mkdir(d.workDir, 0o700); err != nil {
		return err
	}
	mirror := filepath.Join(d.tempDir, "plugins")
	provider := filepath.Join(mirror, pluginPath(d.cli))
	build := d.command(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-X main.version="+providerVersion, "-o", provider, providerPackage)
	build.Env = d.environment("GOOS="+d.cli.GOOS, "GOARCH="+d.cli.GOARCH)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", providerPackage, err, output)
	}
	for path, text := range map[string]string{
		filepath.Join(d.tempDir, cliConfigFile): cliConfig(mirror),
		filepath.Join(d.workDir, "main.tf"):     configuration(hasWriteOnly(d.cli)),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// pluginPath is where Terraform or OpenTofu looks for the provider in a filesystem mirror.
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

// cliConfig makes Terraform take providers from a directory, and from nowhere else.
func cliConfig(mirror string) string {
	return "provider_installation {\n  filesystem_mirror {\n    path = " + hclString(mirror) + "\n  }\n}\n"
}

// hclString quotes a string for HCL, where some sequences begin a template.
func hclString(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(text))
}

// configuration is main.tf. The provider's own settings come from the environment.
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
