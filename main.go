// Command terraform-provider-wintro is the Terraform provider "wintro".
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wintro-ai/terraform-provider-wintro/internal/provider"
)

// version is the release's version. The release build sets it with -ldflags.
var version = "dev"

func main() {
	attachable := flag.Bool("debug", false, "run as a server for a debugger, and print the environment variable that makes Terraform use it")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this `file` when the provider ends")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-wintro", version)
		return
	}

	if err := run(*attachable, *profile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(attachable bool, profile string) error {
	// Discard the standard log: net/http logs the beginning of an unexpected response, which may contain a token.
	log.SetOutput(io.Discard)
	if err := logOnDemand(); err != nil {
		return err
	}
	collectLessOften()
	stop, err := startProfile(profile)
	if err != nil {
		return err
	}
	return errors.Join(serve(attachable), stop())
}

func serve(attachable bool) error {
	var options []tf6server.ServeOpt
	if attachable {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve("registry.terraform.io/wintro-ai/wintro",
		func() tfprotov6.ProviderServer { return provider.NewServer(version) }, options...)
}

// logOnDemand turns the provider's logging off unless an environment variable is set whose name begins with TF_LOG,
// such as TF_LOG or TF_LOG_PROVIDER. Without these variables, Terraform would parse each log line and then discard it.
// With hundreds of resources, parsing takes a fifth of a plan's processor time.
func logOnDemand() error {
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "TF_LOG") {
			return nil
		}
	}
	return errors.Join(os.Setenv("TF_LOG_SDK", "OFF"), os.Setenv("TF_LOG_PROVIDER_WINTRO", "OFF"))
}

// collectLessOften makes garbage collections rarer, unless GOGC is set. A plan leaves a megabyte of garbage for each
// resource, but uses only a few megabytes at a time. So rarer collections save time and cost little memory.
func collectLessOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// startProfile starts a CPU profile and returns the function that ends the profile. If file is empty, startProfile
// starts no profile.
func startProfile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	profile, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	stop = func() error { pprof.StopCPUProfile(); return profile.Close() }
	return stop, pprof.StartCPUProfile(profile)
}
