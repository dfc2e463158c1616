//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inOwnGroup puts a program into its own process group, so that Ctrl-C reaches only the demo, which then interrupts the
// program once. A second interrupt would make Terraform stop immediately, without cleaning up.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// interrupt interrupts a program and its children, as Ctrl-C does.
func interrupt(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
}

// killGroup kills the children that a program left running.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
