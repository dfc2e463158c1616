//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inOwnGroup keeps Ctrl-C away from a program: only this process gets it and interrupts the program once. Terraform
// stops immediately when it is interrupted twice.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func interrupt(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
}

// killGroup kills the children that a program left running.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
