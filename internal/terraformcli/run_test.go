package terraformcli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli/terraformclitest"
)

func TestRunReturnsExitCodeAndOutput(t *testing.T) {
	dir := t.TempDir()
	program := terraformclitest.Install(t, dir, "terraform", `read line; echo "$1 $line $NAME"; echo trouble >&2; exit 2`)
	var copied bytes.Buffer
	result, err := Command{
		Program: program, Arguments: []string{"plan"}, Dir: dir, Env: []string{"NAME=value"},
		Input: strings.NewReader("input\n"), Output: &copied,
	}.Run(t.Context())
	if expected := "plan input value\ntrouble\n"; err != nil || result.ExitCode != 2 || result.Output != expected || copied.String() != expected {
		t.Errorf("the result is %+v, the copied output %q, the error %v", result, copied.String(), err)
	}
	if _, err := (Command{Program: filepath.Join(dir, "not-there")}).Run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program: %v", err)
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
