package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

const (
	exitPassed = iota
	// exitFailed means that a check failed, that the server kept a check from running, that the run was
	// interrupted, or that it left a connection behind.
	exitFailed
	// exitNotRun means that the checks could not start or had to stop early, or that a report could not be written.
	exitNotRun
)

// options contains the values of the flags and environment variables.
type options struct {
	config            conformance.Config
	selected          string
	list, showVersion bool
	junit, html, json string
}

// parse reads the flags and the environment variables, and returns the set of flags even with an error.
func parse(args []string, getenv func(string) string) (*options, *flag.FlagSet, error) {
	o := &options{}
	flags := flag.NewFlagSet("wintro-conformance", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&o.config.Endpoint, "endpoint", getenv("WINTRO_ENDPOINT"),
		"base `URL` of the API, such as https://app.wintro.ai/api/v1 (default: WINTRO_ENDPOINT)")
	flags.StringVar(&o.config.CompanyID, "company", "",
		"`ID` of a Recruitee company without a connection; without it, only checks that create no connection run")
	flags.StringVar(&o.config.SecondCompanyID, "second-company", "",
		"`ID` of another company without a connection, for the checks that need two")
	flags.StringVar(&o.selected, "run", "", "run only checks whose names match the regular `expression`")
	flags.DurationVar(&o.config.MaxWait, "max-wait", 2*time.Minute, "maximum `time` for which a status can be pending, or a sync can run")
	flags.BoolVar(&o.config.UseUpRateLimit, "use-up-rate-limit", false, "end with a check that sends requests until the server returns 429")
	flags.StringVar(&o.junit, "junit", "", "`file` for a report in JUnit's XML")
	flags.StringVar(&o.html, "html", "", "`file` for a report in HTML, with the requests of each failure")
	flags.StringVar(&o.json, "json", "", "`file` for a report in JSON")
	flags.BoolVar(&o.list, "list", false, "list all checks and exit")
	flags.BoolVar(&o.showVersion, "version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return nil, flags, err
	}
	if flags.NArg() > 0 {
		return nil, flags, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.selected != "" {
		var err error
		if o.config.Only, err = regexp.Compile(o.selected); err != nil {
			return nil, flags, fmt.Errorf("-run: %w", err)
		}
	}
	o.config.APIToken = getenv("WINTRO_API_TOKEN")
	o.config.ReadOnlyAPIToken = getenv("WINTRO_READ_ONLY_API_TOKEN")
	o.config.RejectedRecruiteeAPIToken = getenv("RECRUITEE_REJECTED_API_TOKEN")
	o.config.RecruiteeAPIToken = getenv("RECRUITEE_API_TOKEN")
	o.config.SecondRecruiteeAPIToken = getenv("RECRUITEE_SECOND_API_TOKEN")
	return o, flags, nil
}

// run runs the command, and returns the exit code. When ctx ends, run removes the connections that it created.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (exitCode int) {
	fail := func(err error) int {
		_, _ = fmt.Fprintf(stderr, "wintro-conformance: %v\n", err)
		return exitNotRun
	}
	options, flags, err := parse(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printUsage(stdout, flags)
		return exitPassed
	case err == nil && options.showVersion:
		_, _ = fmt.Fprintln(stdout, "wintro-conformance", version)
		return exitPassed
	case err == nil && options.list:
		printChecks(stdout, options.config)
		return exitPassed
	case err != nil:
		return fail(fmt.Errorf("%w; -h lists all flags and variables", err))
	}
	files, err := options.createReportFiles()
	if err != nil {
		_ = files.finish(nil)
		return fail(err)
	}
	options.config.OnResult = func(result conformance.Result) { _ = result.WriteText(stdout) }
	options.config.OnWait = func(d time.Duration, reason string) {
		_, _ = fmt.Fprintf(stdout, "...   waiting %s for %s\n", d.Round(time.Second), reason)
	}
	report, err := conformance.Execute(ctx, options.config)
	if report != nil {
		report.Version = version
		_, _ = fmt.Fprintln(stdout)
		_ = report.WriteText(stdout)
	}
	if saveErr := files.finish(report); saveErr != nil {
		return fail(fmt.Errorf("writing a report: %w", saveErr))
	}
	switch {
	case err != nil:
		return fail(err)
	case !report.Passed():
		return exitFailed
	}
	return exitPassed
}
