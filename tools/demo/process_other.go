//go:build !unix

package main

import "os/exec"

// inOwnGroup does nothing here.
func inOwnGroup(*exec.Cmd) {}

// askToEnd kills a child: here it can't be asked.
func askToEnd(command *exec.Cmd) (asked bool) {
	_ = command.Process.Kill()
	return false
}

// killGroup does nothing here.
func killGroup(*exec.Cmd) {}
