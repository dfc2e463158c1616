//go:build !unix

package main

import "os/exec"

func inOwnGroup(*exec.Cmd) {}

// interrupt kills the program, because this operating system can't interrupt it.
func interrupt(cmd *exec.Cmd) error {
	return cmd.Process.Kill()
}

func killGroup(*exec.Cmd) {}
