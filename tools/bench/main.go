// Command bench measures the provider with the real Terraform against the sandbox, beside a provider that
// does nothing, in one run. CONTRIBUTING.md says how to read what it prints.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// settings are what a run is asked to measure.
type settings struct {
	terraform   string
	provider    string
	floor       string
	vs          string
	vsConfig    string
	state       string
	profiles    string
	out         string
	sizes       []int
	runs        int
	latency     time.Duration
	parallelism int
}

func main() {
	// Terraform starts this program in place of a provider, so that it can measure that one.
	if provider := os.Getenv(measuredProvider); provider != "" {
		os.Exit(measureProvider(provider))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	asked, err := parse(args)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	report := report{settings: asked, began: time.Now()}
	if report.started, err = measureStarts(ctx, asked.provider, asked.floor); err != nil {
		return err
	}
	contenders, err := asked.contenders()
	if err != nil {
		return err
	}
	for n := range asked.runs {
		for _, size := range asked.sizes {
			// One after another within each run, so that what else the machine does hits all of them.
			for _, c := range contenders {
				fmt.Fprintf(os.Stderr, "run %d of %d: %d links, %s\n", n+1, asked.runs, size, c.name)
				measured, err := measure(ctx, asked, c, size, filepath.Join(folder, fmt.Sprint(n, size, c.name)))
				if err != nil {
					return fmt.Errorf("%s with %d links: %w", c.name, size, err)
				}
				report.add(c, size, measured)
			}
		}
	}
	if report.versions, err = versions(ctx, asked.terraform); err != nil {
		return err
	}
	return report.write(stdout)
}

func parse(args []string) (settings, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	asked := settings{}
	flags.StringVar(&asked.terraform, "terraform", "", "`program` to run (default: terraform or tofu on PATH)")
	flags.StringVar(&asked.provider, "provider", "", "the provider's `program`")
	flags.StringVar(&asked.floor, "floor", "", "`program` of the provider that does nothing")
	flags.StringVar(&asked.vs, "vs", "", "another provider's `program` for comparison: an earlier build of this one or, with -vs-config, any")
	flags.StringVar(&asked.vsConfig, "vs-config", "", "`file` with the configuration for -vs, as a template; restapi.tf.tmpl is one")
	flags.StringVar(&asked.state, "state", localState, "where Terraform keeps its state: \"local\", in a file, or \"http\", in a server as teams do")
	flags.StringVar(&asked.profiles, "profiles", "", "`folder` for CPU profiles of the provider's clean plans; profiling costs a little time")
	flags.StringVar(&asked.out, "out", "", "write FILE.md and FILE.svg, too; `FILE` is a path without an ending")
	flags.DurationVar(&asked.latency, "latency", 50*time.Millisecond, "how long either system takes for each answer")
	flags.IntVar(&asked.parallelism, "parallelism", 10, "Terraform's -parallelism")
	flags.IntVar(&asked.runs, "runs", 1, "how often everything is measured; the medians are printed")
	sizes := flags.String("n", "1,100,500,2000", "numbers of links")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return settings{}, fmt.Errorf("-n %s: not a list of numbers such as 100,500", *sizes)
		}
		asked.sizes = append(asked.sizes, n)
	}
	if asked.runs < 1 || asked.parallelism < 1 {
		return settings{}, fmt.Errorf("-runs and -parallelism are at least 1")
	}
	if asked.state != localState && asked.state != httpState {
		return settings{}, fmt.Errorf("-state %s: neither %s nor %s", asked.state, localState, httpState)
	}
	for _, program := range []*string{&asked.provider, &asked.floor, &asked.vs} {
		if *program == "" {
			continue
		}
		found, err := filepath.Abs(*program)
		if err != nil {
			return settings{}, err
		}
		if _, err := os.Stat(found); err != nil {
			return settings{}, err
		}
		*program = found
	}
	if asked.provider == "" || asked.floor == "" {
		return settings{}, fmt.Errorf("-provider and -floor are needed; make bench builds both")
	}
	if asked.profiles != "" {
		if err := os.MkdirAll(asked.profiles, 0o750); err != nil {
			return settings{}, err
		}
	}
	return asked, asked.findTerraform()
}

func (s *settings) findTerraform() error {
	for _, name := range []string{"terraform", "tofu"} {
		if s.terraform == "" {
			s.terraform, _ = exec.LookPath(name)
		}
	}
	if s.terraform == "" {
		return fmt.Errorf("neither terraform nor tofu is on PATH; -terraform names one")
	}
	return nil
}
