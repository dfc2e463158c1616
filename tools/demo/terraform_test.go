package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wanted  string
		onPath  []string
		chooses string
	}{
		"terraform comes first": {"", []string{"tofu", "terraform"}, "terraform"},
		"then tofu":             {"", []string{"tofu"}, "tofu"},
		"what is wanted":        {"tofu", []string{"tofu", "terraform"}, "tofu"},
		"neither":               {"", nil, ""},
		"wanted, but not there": {"tofu", []string{"terraform"}, ""},
	} {
		look := func(name string) (string, error) {
			for _, there := range c.onPath {
				if there == name {
					return filepath.Join(string(filepath.Separator), "bin", name), nil
				}
			}
			return "", exec.ErrNotFound
		}
		path, err := choose(c.wanted, look)
		switch {
		case c.chooses != "" && (err != nil || filepath.Base(path) != c.chooses):
			t.Errorf("%s: %s, %v", name, path, err)
		case c.chooses == "" && (err == nil || errors.Is(err, errNeither) != (c.wanted == "")):
			t.Errorf("%s: %s, %v", name, path, err)
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for number, writeOnly := range map[string]bool{
		"1.0.0": false, "1.10.5": false, "1.11.0-beta1": true, "1.11.0": true, "1.11.4": true, "1.14.0-rc2": true, "2.0.0": true,
	} {
		got, err := parseVersion([]byte(`{"terraform_version":"` + number + `","platform":"darwin_arm64","provider_selections":{}}`))
		if err != nil || got.goos != "darwin" || got.goarch != "arm64" || got.writeOnly() != writeOnly {
			t.Errorf("%s: %+v, %v", number, got, err)
		}
	}
	for _, output := range []string{
		"Terraform v0.12.0", `{}`, `{"terraform_version":"1.11.4"}`, `{"terraform_version":"new","platform":"linux_amd64"}`,
	} {
		if got, err := parseVersion([]byte(output)); err == nil {
			t.Errorf("%s: %+v", output, got)
		}
	}
}

func TestIdentify(t *testing.T) {
	path := fakeProgram(t, `echo '{"terraform_version":"1.12.6","platform":"linux_amd64"}'`)
	found, err := identify(t.Context(), t.TempDir(), path)
	if want := "fake 1.12.6 (" + path + ")"; err != nil || found.String() != want {
		t.Errorf("%s, %v", found, err)
	}
	for script, words := range map[string]string{
		`echo '{"terraform_version":"0.15.5","platform":"linux_amd64"}'`: "is too old: the provider needs 1.0.0",
		`echo Terraform v0.12.31`:            "this is not what Terraform prints",
		`echo no version is set >&2; exit 3`: "ended with status 3:\nno version is set",
	} {
		if found, err := identify(t.Context(), t.TempDir(), fakeProgram(t, script)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %s, %v", script, found, err)
		}
	}
}
