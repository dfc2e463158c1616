//go:build !unix

package main

import "os/exec"

func inOwnGroup(*exec.Cmd) {}

// interrupt kills the program, because Go can't interrupt a process on this operating system.
func interrupt(cmd *exec.Cmd) error {
	return cmd.Process.Kill()
}

func killGroup(*exec.Cmd) {}
