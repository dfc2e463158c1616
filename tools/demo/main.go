// Command demo shows the provider at work. It runs the real Terraform or OpenTofu against the sandbox, in a
// directory that it removes afterwards. `make demo` runs it from the root of the repository.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

func main() {
	program := flag.String("terraform", "", "`program` to run, a name or a path (default: TF_ACC_TERRAFORM_PATH, or terraform or tofu on PATH)")
	flag.Parse()
	// Catch SIGPIPE as well: the demo must remove its files even if it writes to a pipe whose reader has ended.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	err := run(ctx, *program, newPrinter(os.Stdout))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run runs the demo. When the demo or ctx ends, run removes all files that the demo created.
func run(ctx context.Context, program string, out printer) error {
	dir, err := os.MkdirTemp("", "wintro-demo-")
	if err != nil {
		return err
	}
	cli, err := findTerraform(ctx, dir, program, out)
	if err == nil {
		err = runDemo(ctx, dir, cli, out)
	}
	if leftover := os.RemoveAll(dir); leftover != nil {
		return errors.Join(err, leftover)
	}
	if ctx.Err() != nil {
		return errors.New("interrupted; the demo has removed its files")
	}
	return err
}

var (
	// oldest is the oldest version of Terraform or OpenTofu that the provider works with.
	oldest = version.Must(version.NewVersion("1.0.0"))
	// fetched limits the versions of Terraform that the demo downloads. They must support the write-only token.
	fetched = version.MustConstraints(version.NewConstraint(">= 1.11.0, < 2.0.0"))
)

// findTerraform finds Terraform or OpenTofu. If neither is on PATH and program is empty, findTerraform downloads
// Terraform into dir.
func findTerraform(ctx context.Context, dir, program string, out printer) (terraformcli.CLI, error) {
	cli, err := terraformcli.Find(ctx, program)
	if errors.Is(err, terraformcli.ErrNotFound) {
		out.note("Neither terraform nor tofu is on PATH. Downloading Terraform from releases.hashicorp.com, only for this demo")
		latest := &releases.LatestVersion{Product: product.Terraform, Constraints: fetched, InstallDir: dir, LicenseDir: dir}
		if program, err = latest.Install(ctx); err != nil {
			return cli, fmt.Errorf("downloading Terraform: %w; install Terraform or OpenTofu, or name the program with -terraform", err)
		}
		cli, err = terraformcli.Find(ctx, program)
	}
	if err == nil && cli.Version.Core().LessThan(oldest) {
		err = fmt.Errorf("%s is too old: the provider needs %s", cli, oldest)
	}
	return cli, err
}
