// Package terraformclitest writes programs that stand in for Terraform.
package terraformclitest

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Install writes a shell script that stands in for Terraform or OpenTofu into a folder, and returns its path. Tests
// that call Install must not be parallel: a process that another test starts in the meantime could inherit the open
// script, and a program that is open for writing can't run.
func Install(t testing.TB, folder, name, script string) (path string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows can't run shell scripts")
	}
	path = filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
	return path
}
