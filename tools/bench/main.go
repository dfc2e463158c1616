// Command bench measures the provider with the real Terraform against the sandbox, and compares it with a provider that
// sends no requests. CONTRIBUTING.md explains the results.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

type settings struct {
	cli               terraformcli.CLI
	vs                string
	httpState         bool
	sizes             []int
	runs, parallelism int
	latency           time.Duration
	// rateLimit is the number of requests that Wintro accepts in each rateWindow. 0 means that Wintro has no limit.
	rateLimit  int
	rateWindow time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	s, err := parse(ctx)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	report := report{settings: s, subjects: s.subjects(), began: time.Now(), runs: map[key][]measurement{}}
	for n := range s.runs {
		for _, size := range s.sizes {
			// Alternate the subjects within each run, so that other load on the machine affects all of them.
			for _, subject := range report.subjects {
				fmt.Fprintf(os.Stderr, "run %d of %d: %d connections, %s\n", n+1, s.runs, size, subject.name)
				err := measure(ctx, s, subject, size, filepath.Join(folder, fmt.Sprint(n, size, subject.name)), func(o operation, m measurement) {
					at := key{subject.name, size, o.name}
					report.runs[at] = append(report.runs[at], m)
				})
				if err != nil {
					return fmt.Errorf("%s with %d connections: %w", subject.name, size, err)
				}
			}
		}
	}
	fmt.Print(report.markdown())
	return nil
}

func parse(ctx context.Context) (s settings, err error) {
	flag.StringVar(&s.vs, "vs", "", "`program` of another build of the provider, to measure it in the same run")
	flag.BoolVar(&s.httpState, "http-state", false, "store the state on a server, as teams do, instead of in a local file")
	flag.DurationVar(&s.latency, "latency", 50*time.Millisecond, "`time` that each system takes for a response")
	flag.IntVar(&s.parallelism, "parallelism", 10, "Terraform's -parallelism")
	flag.IntVar(&s.runs, "runs", 1, "number of measurements; the report contains the medians")
	limit := flag.String("rate-limit", "", "Wintro's rate limit as `requests/window`, such as 100/60s; by default, Wintro has no limit")
	sizes := flag.String("n", "1,100,500,2000", "`numbers` of connections to measure")
	flag.Parse()

	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return s, fmt.Errorf("-n %s: must be a list of numbers such as 100,500", *sizes)
		}
		s.sizes = append(s.sizes, n)
	}
	if *limit != "" {
		requests, window, _ := strings.Cut(*limit, "/")
		s.rateLimit, _ = strconv.Atoi(requests)
		if s.rateWindow, err = time.ParseDuration(window); err != nil || s.rateLimit < 1 || s.rateWindow <= 0 {
			return s, fmt.Errorf("-rate-limit %s: must be a limit such as 100/60s", *limit)
		}
	}
	if s.runs < 1 || s.parallelism < 1 {
		return s, fmt.Errorf("-runs and -parallelism must be at least 1")
	}
	s.cli, err = terraformcli.Find(ctx, "")
	return s, err
}
