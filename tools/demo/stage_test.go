package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPluginPath(t *testing.T) {
	t.Parallel()
	for platform, want := range map[terraform]string{
		{goos: "linux", goarch: "amd64"}:   "registry.opentofu.org/wintro-ai/wintro/0.1.0/linux_amd64/terraform-provider-wintro_v0.1.0",
		{goos: "windows", goarch: "arm64"}: "registry.opentofu.org/wintro-ai/wintro/0.1.0/windows_arm64/terraform-provider-wintro_v0.1.0.exe",
	} {
		if got := filepath.ToSlash(pluginPath("registry.opentofu.org", platform)); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}

func TestHCLString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/tmp/x":     `"/tmp/x"`,
		`C:\tmp\x`:   `"C:\\tmp\\x"`,
		`a"${b}%{c}`: `"a\"$${b}%%{c}"`,
	} {
		if got := hclString(text); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for writeOnly, lines := range map[bool][]string{
		true:  {`  company_id   = "816"`, `  api_token_wo = var.recruitee_api_token`, `  ephemeral = true`},
		false: {`  company_id = "816"`, `  api_token  = var.recruitee_api_token`},
	} {
		text := strings.Split(configuration(writeOnly), "\n")
		for _, line := range lines {
			if !slices.Contains(text, line) {
				t.Errorf("write-only %t: there is no line %q in\n%s", writeOnly, line, strings.Join(text, "\n"))
			}
		}
		if slices.Contains(text, `  ephemeral = true`) != writeOnly {
			t.Errorf("write-only %t:\n%s", writeOnly, strings.Join(text, "\n"))
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	inherited := []string{
		"PATH=/bin", "HOME=/home/ada", "TF_LOG=TRACE", "TF_VAR_recruitee_api_token=real", "tf_data_dir=x", "TOFU_X=1",
		"WINTRO_API_TOKEN=real", "RECRUITEE_ENDPOINT=https://real.example", "TMPDIR=/tmp", "CHECKPOINT_DISABLE=",
	}
	got := environment(inherited, "/tmp/demo", map[string]string{"TF_VAR_recruitee_api_token": "made up", "CHECKPOINT_DISABLE": "1"})
	slices.Sort(got)
	want := []string{
		"CHECKPOINT_DISABLE=1", "GOTMPDIR=/tmp/demo", "HOME=/home/ada", "PATH=/bin", "TEMP=/tmp/demo", "TF_VAR_recruitee_api_token=made up",
		"TMP=/tmp/demo", "TMPDIR=/tmp/demo",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q instead of %q", got, want)
	}
}
