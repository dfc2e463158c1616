//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// inOwnGroup puts a program into its own process group, so that Ctrl-C reaches only this process. This process
// then interrupts the program once. Two interrupts would make Terraform stop immediately.
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
