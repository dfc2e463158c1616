package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tests in this file don't run in parallel, because one of them sets environment variables.

func TestLogOnDemandTurnsLoggingOffWithoutTFLOG(t *testing.T) {
	for name, test := range map[string]struct {
		variable string
		sdk      string
	}{
		"no variable":        {sdk: "OFF"},
		"all of Terraform":   {variable: "TF_LOG"},
		"only this provider": {variable: "TF_LOG_PROVIDER_WINTRO"},
		"another variable":   {variable: "TF_CLI_ARGS", sdk: "OFF"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range os.Environ() {
				if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_") {
					t.Setenv(name, "")
					_ = os.Unsetenv(name)
				}
			}
			for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_WINTRO"} {
				t.Setenv(variable, "")
				_ = os.Unsetenv(variable)
			}
			if test.variable != "" {
				t.Setenv(test.variable, "DEBUG")
			}
			if err := logOnDemand(); err != nil {
				t.Fatal(err)
			}
			if is := os.Getenv("TF_LOG_SDK"); is != test.sdk {
				t.Errorf("TF_LOG_SDK is %q instead of %q", is, test.sdk)
			}
		})
	}
}

func TestProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpu.pprof")
	stop, err := startProfile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(file); err != nil || len(content) == 0 {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	if _, err := startProfile(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("no error")
	}
}
