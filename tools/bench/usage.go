package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// The environment of this program where Terraform has started it as a provider.
const (
	measuredProvider = "BENCH_PROVIDER"
	usageFile        = "BENCH_USAGE"
	profileFolder    = "BENCH_PROFILES"
)

// measureProvider runs a provider's program as Terraform would, and notes what it has used.
func measureProvider(program string) (status int) {
	arguments := os.Args[1:]
	if folder := os.Getenv(profileFolder); folder != "" {
		arguments = append(arguments, "-cpuprofile", filepath.Join(folder, fmt.Sprintf("%d.pprof", os.Getpid())))
	}
	// Whatever ends the provider, Terraform does.
	cmd := exec.Command(program, arguments...) //nolint:noctx // it ends when Terraform says so
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	used := usage{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if rusage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used.memory = rusage.Maxrss
		if runtime.GOOS != "darwin" {
			used.memory <<= 10 // given in KiB
		}
	}
	if err := used.note(os.Getenv(usageFile)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// usage is what all of a command's provider processes have used.
type usage struct {
	cpu time.Duration
	// memory is the most that one of them had, in bytes.
	memory int64
}

func (u usage) note(file string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, int64(u.cpu), u.memory)
	return errors.Join(err, f.Close())
}

func usageOf(file string) (usage, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return usage{}, err
	}
	var all usage
	for line := range strings.Lines(string(text)) {
		var one usage
		if _, err := fmt.Sscan(line, &one.cpu, &one.memory); err != nil {
			return usage{}, err
		}
		all.cpu += one.cpu
		all.memory = max(all.memory, one.memory)
	}
	return all, nil
}
