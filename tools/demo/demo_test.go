package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli/terraformclitest"
)

// newDemo returns a demo that runs a shell script instead of Terraform 1.11.
func newDemo(t *testing.T, script string) (*demo, *bytes.Buffer) {
	t.Helper()
	var printed bytes.Buffer
	cli := terraformcli.CLI{Path: terraformclitest.Install(t, t.TempDir(), "terraform", script), Version: version.Must(version.NewVersion("1.11.0"))}
	d := &demo{out: printer{Writer: &printed}, cli: cli, sandbox: sandbox.New(), workDir: t.TempDir(), tempDir: t.TempDir()}
	d.token = d.sandbox.Seed()
	d.env = d.environment()
	return d, &printed
}

func TestRunComparesExitCodeAndOutput(t *testing.T) {
	d, printed := newDemo(t, `echo "$@ with $TF_VAR_recruitee_api_token in $TMPDIR"; printf '\033[33mtr\033[0mouble\n' >&2; exit 2`)
	for _, c := range []struct {
		exitCode     int
		output, want string
	}{
		{2, "trouble", ""},
		{0, "trouble", "plan ended with exit code 2 instead of 0"},
		{2, "Error", `plan did not print "Error"`},
	} {
		printed.Reset()
		checked := false
		err := d.run(t.Context(), step{
			args: []string{"plan", "-input=false"}, exitCode: c.exitCode, output: c.output,
			before: func() { d.token = "another" },
			check:  func() error { checked = true; return nil },
		})
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want || checked != (c.want == "") {
			t.Errorf("with the expected exit code %d and output %q, the step was checked: %t, and the error is %v", c.exitCode, c.output, checked, err)
		}
		want := "$ terraform plan -input=false\nplan -no-color -input=false with another in " + d.tempDir + "\n"
		if !strings.HasPrefix(printed.String(), want) {
			t.Errorf("%q doesn't begin with %q", printed, want)
		}
	}
}

// cancelOnWrite cancels a context when the script prints "started".
type cancelOnWrite context.CancelFunc

func (cancel cancelOnWrite) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("started")) {
		cancel()
	}
	return len(p), nil
}

func TestInterruptLetsTerraformCleanUp(t *testing.T) {
	// A shell handles a signal during wait, but not while a program runs in the foreground, so sleep runs in the
	// background.
	d, _ := newDemo(t, `trap 'touch ended-well; kill $!; exit 1' INT; sleep 60 & echo started; wait`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.out.Writer = cancelOnWrite(cancel)
	if err := d.run(ctx, step{args: []string{"apply"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("run returned %v instead of context.Canceled", err)
	}
	if _, err := os.Stat(filepath.Join(d.workDir, "ended-well")); err != nil {
		t.Errorf("the script did not end after the interrupt: %v", err)
	}
}

func TestCheckStateFindsToken(t *testing.T) {
	d, printed := newDemo(t, "")
	if err := d.checkState(); err == nil {
		t.Error("checkState returned no error without a state file")
	}
	state := filepath.Join(d.workDir, "terraform.tfstate")
	for content, good := range map[string]bool{`{"api_token_wo":null}`: true, `{"api_token_wo":"` + d.token + `"}`: false} {
		if err := os.WriteFile(state, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		printed.Reset()
		if err := d.checkState(); (err == nil) != good || strings.Contains(printed.String(), "not in") != good {
			t.Errorf("for the state %s, checkState returned %v and printed %s", content, err, printed)
		}
	}
}

func TestRunRemovesFilesAfterError(t *testing.T) {
	old := terraformclitest.Install(t, t.TempDir(), "terraform", `printf 'Terraform v0.15.5\non linux_amd64\n'`)
	t.Setenv("TMPDIR", t.TempDir())
	for program, want := range map[string]string{
		old:           "Terraform 0.15.5 is too old: the provider needs 1.0.0",
		"./not-there": "./not-there",
	} {
		if err := run(t.Context(), program, printer{Writer: &bytes.Buffer{}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %s, the error is %v", program, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, old, printer{Writer: &bytes.Buffer{}}); err == nil || err.Error() != "interrupted; the demo has removed its files" {
		t.Errorf("after an interrupt, the error is %v", err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("these files are left: %v, %v", left, err)
	}
}

func TestConfigurationUsesWriteOnlyToken(t *testing.T) {
	t.Parallel()
	for writeOnly, want := range map[bool]string{
		true:  "  ephemeral = true\n}\n\nresource \"wintro_recruitee_connection\" \"acme\" {\n  company_id   = \"816\"\n  api_token_wo = var.recruitee_api_token\n}\n",
		false: "  sensitive = true\n}\n\nresource \"wintro_recruitee_connection\" \"acme\" {\n  company_id = \"816\"\n  api_token  = var.recruitee_api_token\n}\n",
	} {
		if text := configuration(writeOnly); !strings.HasSuffix(text, want) {
			t.Errorf("write-only %t: the configuration doesn't end with\n%s\nbut is\n%s", writeOnly, want, text)
		}
	}
}

func TestPluginPathDependsOnProgram(t *testing.T) {
	t.Parallel()
	for expected, cli := range map[string]terraformcli.CLI{
		"registry.terraform.io/wintro-ai/wintro/0.1.0/linux_amd64/terraform-provider-wintro_v0.1.0":       {GOOS: "linux", GOARCH: "amd64"},
		"registry.opentofu.org/wintro-ai/wintro/0.1.0/windows_arm64/terraform-provider-wintro_v0.1.0.exe": {OpenTofu: true, GOOS: "windows", GOARCH: "arm64"},
	} {
		if path := filepath.ToSlash(pluginPath(cli)); path != expected {
			t.Errorf("the path is %s instead of %s", path, expected)
		}
	}
}
