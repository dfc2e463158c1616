package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// fakeProgram is a shell script in place of terraform or wintro-sandbox.
func fakeProgram(t *testing.T, script string) (path string) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("shell scripts are no programs here")
	}
	path = filepath.Join(t.TempDir(), "fake")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// fakePlayer plays with a shell script as terraform.
func fakePlayer(t *testing.T, script string) (*player, *bytes.Buffer) {
	t.Helper()
	var shown bytes.Buffer
	number, err := parseVersion([]byte(`{"terraform_version":"1.12.6","platform":"linux_amd64"}`))
	if err != nil {
		t.Fatal(err)
	}
	number.path = fakeProgram(t, script)
	return &player{
		screen:    &screen{&shown, false},
		stage:     stage{terraform: number, temporary: t.TempDir(), dir: t.TempDir()},
		variables: map[string]string{recruiteeToken: "s3cret"},
	}, &shown
}
