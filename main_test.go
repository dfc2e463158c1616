package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// This test isn't parallel, because it sets environment variables.
func TestLogOnDemandTurnsLoggingOffWithoutTFLOG(t *testing.T) {
	for name, test := range map[string]struct {
		variable string
		sdk      string
	}{
		"no variable":      {sdk: "OFF"},
		"all logs":         {variable: "TF_LOG"},
		"one provider":     {variable: "TF_LOG_PROVIDER_WINTRO"},
		"another variable": {variable: "TF_CLI_ARGS", sdk: "OFF"},
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
			if got := os.Getenv("TF_LOG_SDK"); got != test.sdk {
				t.Errorf("TF_LOG_SDK is %q instead of %q", got, test.sdk)
			}
		})
	}
}

func TestStartProfileWritesFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cpu.pprof")
	stop, err := startProfile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(file); err != nil || len(content) == 0 {
		t.Errorf("the profile has %d bytes, error %v", len(content), err)
	}
	if _, err := startProfile(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("startProfile returned no error for a file in a missing folder")
	}
}
