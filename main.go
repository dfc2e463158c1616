// Command terraform-provider-wintro is the Terraform provider "wintro".
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wintro-ai/terraform-provider-wintro/internal/provider"
)

// version is set by the release's ldflags.
var version = "dev"

func main() {
	attachable := flag.Bool("debug", false, "run as a server that a debugger can attach to, and print how Terraform reaches it")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this `file` when the provider ends")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println("terraform-provider-wintro", version)
		return
	}

	if err := logOnDemand(); err != nil {
		log.Fatal(err)
	}
	collectLessOften()
	stop, err := startProfile(*profile)
	if err == nil {
		err = errors.Join(serve(*attachable), stop())
	}
	if err != nil {
		log.Fatal(err)
	}
}

func serve(attachable bool) error {
	var options []tf6server.ServeOpt
	if attachable {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve("registry.terraform.io/wintro-ai/wintro",
		func() tfprotov6.ProviderServer { return provider.NewServer(version) }, options...)
}

// logOnDemand writes log lines only if somebody wants them. Without TF_LOG, Terraform would take each line
// apart, and throw it away: with hundreds of resources that is a fifth of all that a plan computes.
func logOnDemand() error {
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "TF_LOG") {
			return nil
		}
	}
	return errors.Join(os.Setenv("TF_LOG_SDK", "OFF"), os.Setenv("TF_LOG_PROVIDER_WINTRO", "OFF"))
}

// collectLessOften trades memory for time: what is alive is a few megabytes, and what a plan leaves behind
// is a megabyte for each resource. GOGC still decides if it is set.
func collectLessOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// startProfile profiles until stop is called; without a file it does nothing.
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
