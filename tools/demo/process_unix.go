//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inOwnGroup keeps a child out of the terminal's reach: Ctrl-C then comes to this process only, which
// ends its children in the right order, and each is told once.
func inOwnGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// askToEnd interrupts a child and its own children, as Ctrl-C does. asked is false where that can't be
// done and the child was killed instead.
func askToEnd(command *exec.Cmd) (asked bool) {
	_ = syscall.Kill(-command.Process.Pid, syscall.SIGINT)
	return true
}

// killGroup kills what a child that has ended has left running.
func killGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}
}
