//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inOwnGroup keeps Ctrl-C from a program: this process gets it and interrupts the program once. Terraform
// gives up at once if it is interrupted twice.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func interrupt(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
}

// killGroup kills what is still running of a program that has ended.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
