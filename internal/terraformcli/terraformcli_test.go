package terraformcli

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli/terraformclitest"
)

// printing returns a script that prints a version as Terraform and OpenTofu do.
func printing(product, version string) string {
	return "[ \"$*\" = version ] && printf '" + product + " v" + version + `\non linux_amd64\n'`
}

func TestFindOrder(t *testing.T) {
	onPath, otherDir := t.TempDir(), t.TempDir()
	terraform := terraformclitest.Install(t, onPath, "terraform", printing("Terraform", "1.11.4"))
	tofu := terraformclitest.Install(t, onPath, "tofu", printing("OpenTofu", "1.12.6"))
	other := terraformclitest.Install(t, otherDir, "terraform-rc", printing("Terraform", "1.15.0-rc1"))
	t.Setenv("PATH", onPath)
	for _, c := range []struct {
		name, program, variable, path, described string
	}{
		{"terraform on PATH", "", "", terraform, "Terraform 1.11.4"},
		{"TF_ACC_TERRAFORM_PATH", "", other, other, "Terraform 1.15.0-rc1"},
		{"a program by name", "tofu", other, tofu, "OpenTofu 1.12.6"},
		{"a program by path", other, tofu, other, "Terraform 1.15.0-rc1"},
	} {
		t.Setenv("TF_ACC_TERRAFORM_PATH", c.variable)
		found, err := Find(t.Context(), c.program)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if found.Path != c.path || found.String() != c.described || found.GOOS != "linux" || found.GOARCH != "amd64" {
			t.Errorf("%s: %s, %+v", c.name, found, found)
		}
	}

	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	if err := os.Remove(terraform); err != nil {
		t.Fatal(err)
	}
	if found, err := Find(t.Context(), ""); err != nil || found.Path != tofu || !found.OpenTofu {
		t.Errorf("tofu alone on PATH: %+v, %v", found, err)
	}
	if _, err := Find(t.Context(), "terraform"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a missing program: %v", err)
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", "terraform")
	if _, err := Find(t.Context(), ""); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a missing program in TF_ACC_TERRAFORM_PATH: %v", err)
	}
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("PATH", otherDir)
	if _, err := Find(t.Context(), ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("neither on PATH: %v", err)
	}
}

func TestFindRejectsUnusablePrograms(t *testing.T) {
	for script, words := range map[string]string{
		"echo no version is set >&2; exit 3": "exit status 3\nno version is set",
		"echo Terraform v0.12.31":            "has an unexpected format:\nTerraform v0.12.31",
		printing("Terraform", "new"):         "new",
	} {
		path := terraformclitest.Install(t, t.TempDir(), "terraform", script)
		if _, err := Find(t.Context(), path); err == nil || !strings.Contains(err.Error(), path+" version") || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// Terraform may print warnings before the version, and hints after it. Find must skip both.
func TestFindIgnoresOtherOutput(t *testing.T) {
	path := terraformclitest.Install(t, t.TempDir(), "tofu", `echo "Warning: there is no such file"; `+printing("OpenTofu", "1.12.6")+`; echo; echo "+ provider x v1"`)
	if found, err := Find(t.Context(), path); err != nil || found.String() != "OpenTofu 1.12.6" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestEnvironmentLeavesOutRealTokens(t *testing.T) {
	for _, name := range []string{"TF_LOG", "tf_data_dir", "TOFU_X", "WINTRO_API_TOKEN", "RECRUITEE_ENDPOINT"} {
		t.Setenv(name, "real")
	}
	t.Setenv("OTHER", "kept")
	t.Setenv("CHECKPOINT_DISABLE", "")
	env := (&exec.Cmd{Env: Environment("WINTRO_API_TOKEN=made up")}).Environ()
	for _, variable := range []string{"OTHER=kept", "CHECKPOINT_DISABLE=1", "WINTRO_API_TOKEN=made up"} {
		if !slices.Contains(env, variable) {
			t.Errorf("the environment doesn't contain %s", variable)
		}
	}
	for _, variable := range env {
		if strings.HasSuffix(variable, "=real") || variable == "CHECKPOINT_DISABLE=" {
			t.Errorf("the environment contains the inherited %s", variable)
		}
	}
}
