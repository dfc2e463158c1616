package terraformcli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunReturnsExitCodeAndOutput(t *testing.T) {
	dir := t.TempDir()
	program := install(t, dir, "terraform", `read line; echo "$1 $line $NAME"; echo trouble >&2; exit 2`)
	var copied bytes.Buffer
	result, err := Command{
		Program: program, Arguments: []string{"plan"}, Dir: dir, Env: []string{"NAME=value"},
		Input: strings.NewReader("input\n"), Output: &copied,
	}.Run(t.Context())
	if expected := "plan input value\ntrouble\n"; err != nil || result.ExitCode != 2 || result.Output != expected || copied.String() != expected {
		t.Errorf("%+v, copied %q, %v", result, copied.String(), err)
	}
	if _, err := (Command{Program: filepath.Join(dir, "not-there")}).Run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program: %v", err)
	}
}

// cancelOnWrite cancels a context when the program prints something.
type cancelOnWrite context.CancelFunc

func (cancel cancelOnWrite) Write(p []byte) (int, error) {
	cancel()
	return len(p), nil
}

func TestRunInterruptsTheProgramWhenItsContextEnds(t *testing.T) {
	dir := t.TempDir()
	// A shell runs a trap during wait, but not while a program in the foreground runs.
	program := install(t, dir, "terraform", `trap 'touch interrupted; kill $!; exit 1' INT; sleep 60 & echo started; wait`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := (Command{Program: program, Dir: dir, Env: os.Environ(), Output: cancelOnWrite(cancel)}).Run(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "interrupted")); err != nil {
		t.Error(err)
	}
}

func TestMirrorPath(t *testing.T) {
	t.Parallel()
	for expected, cli := range map[string]CLI{
		"registry.terraform.io/wintro-ai/wintro/0.1.0/linux_amd64/terraform-provider-wintro_v0.1.0":       {GOOS: "linux", GOARCH: "amd64"},
		"registry.opentofu.org/wintro-ai/wintro/0.1.0/windows_arm64/terraform-provider-wintro_v0.1.0.exe": {OpenTofu: true, GOOS: "windows", GOARCH: "arm64"},
	} {
		if path := filepath.ToSlash(cli.MirrorPath("wintro-ai/wintro", "0.1.0")); path != expected {
			t.Errorf("%s instead of %s", path, expected)
		}
	}
}

func TestMirrorConfigQuotesThePath(t *testing.T) {
	t.Parallel()
	for path, expected := range map[string]string{`C:\tmp\x`: `path = "C:\\tmp\\x"`, `a"${b}%{c}`: `path = "a\"$${b}%%{c}"`} {
		if config := MirrorConfig(path); !strings.Contains(config, expected) {
			t.Errorf("%s isn't in %s", expected, config)
		}
	}
}
