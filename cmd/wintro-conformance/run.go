package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

// The exit codes of the command.
const (
	exitPassed = iota
	// exitFailed means that a check has failed, could not be run because of the server, or that something
	// was left behind.
	exitFailed
	// exitNotRun means that the checks could not be run.
	exitNotRun
)

// options are the flags of the command.
type options struct {
	config            conformance.Config
	selected          string
	list, showVersion bool
	// junit, html and json are the files for the reports.
	junit, html, json string
}

// parse reads the flags and the environment.
func parse(args []string, getenv func(string) string) (*options, *flag.FlagSet, error) {
	o := &options{}
	flags := flag.NewFlagSet("wintro-conformance", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&o.config.Endpoint, "endpoint", getenv("WINTRO_ENDPOINT"),
		"base `URL` of the API, such as https://app.wintro.ai/api/v1 (default: WINTRO_ENDPOINT)")
	flags.StringVar(&o.config.CompanyID, "company", "",
		"`ID` of a Recruitee company without a connection; without it, only the checks run that make none")
	flags.StringVar(&o.config.SecondCompanyID, "second-company", "",
		"`ID` of another one, for the checks that need two connections")
	flags.StringVar(&o.selected, "run", "", "run only checks whose names match the regular `expression`")
	flags.DurationVar(&o.config.MaxWait, "max-wait", 2*time.Minute, "how long a status may be pending and a sync may take")
	flags.BoolVar(&o.config.UseUpRateLimit, "use-up-rate-limit", false, "as the last check, send requests until one is refused")
	flags.StringVar(&o.junit, "junit", "", "`file` for a report in JUnit's XML")
	flags.StringVar(&o.html, "html", "", "`file` for a report in HTML, with the requests that show what failed")
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
		selected, err := regexp.Compile(o.selected)
		if err != nil {
			return nil, flags, fmt.Errorf("-run: %w", err)
		}
		o.config.Only = selected
	}
	o.config.APIToken = getenv("WINTRO_API_TOKEN")
	o.config.ReadOnlyAPIToken = getenv("WINTRO_READ_ONLY_API_TOKEN")
	o.config.RejectedRecruiteeAPIToken = getenv("RECRUITEE_REJECTED_API_TOKEN")
	if o.config.CompanyID != "" {
		o.config.RecruiteeAPIToken = getenv("RECRUITEE_API_TOKEN")
	}
	if o.config.SecondCompanyID != "" {
		o.config.SecondRecruiteeAPIToken = getenv("RECRUITEE_SECOND_API_TOKEN")
	}
	return o, flags, nil
}

// check says in the command's own words what the checks can't be run without.
func (o *options) check() error {
	switch {
	case o.config.Endpoint == "":
		return errors.New("-endpoint is missing")
	case o.config.APIToken == "":
		return errors.New("WINTRO_API_TOKEN is not set")
	case o.config.CompanyID != "" && o.config.RecruiteeAPIToken == "":
		return errors.New("-company needs RECRUITEE_API_TOKEN, a token that Recruitee accepts for it")
	case o.config.SecondCompanyID != "" && o.config.SecondRecruiteeAPIToken == "":
		return errors.New("-second-company needs RECRUITEE_SECOND_API_TOKEN, a token that Recruitee accepts for it")
	}
	return nil
}

// run is the whole command. When ctx ends it removes what it has made, and then ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (exitCode int) {
	fail := func(err error) int {
		_, _ = fmt.Fprintf(stderr, "wintro-conformance: %v\n", err)
		return exitNotRun
	}
	options, flags, err := parse(args, getenv)
	if errors.Is(err, flag.ErrHelp) {
		printUsage(stdout, flags)
		return exitPassed
	}
	if err == nil && options.showVersion {
		_, _ = fmt.Fprintln(stdout, "wintro-conformance", version)
		return exitPassed
	}
	if err == nil && options.list {
		printChecks(stdout, options.config.Only)
		return exitPassed
	}
	if err == nil {
		err = options.check()
	}
	if err != nil {
		return fail(fmt.Errorf("%w; -h lists what there is", err))
	}
	reports, err := options.openReports()
	if err != nil {
		return fail(err)
	}
	options.config.OnResult = func(result conformance.Result) { _ = result.WriteText(stdout) }
	options.config.OnWait = func(d time.Duration, reason string) {
		_, _ = fmt.Fprintf(stdout, "...   waiting %s for %s\n", d.Round(time.Second), reason)
	}
	report, err := conformance.Execute(ctx, options.config)
	if report == nil {
		for _, r := range reports {
			_ = r.file.Close()
		}
		return fail(err)
	}
	report.Version = version
	_, _ = fmt.Fprintln(stdout)
	_ = report.WriteText(stdout)
	for _, r := range reports {
		if writeErr := errors.Join(r.write(report, r.file), r.file.Close()); writeErr != nil {
			return fail(fmt.Errorf("writing a report: %w", writeErr))
		}
	}
	switch {
	case err != nil:
		return fail(err)
	case !report.Passed():
		return exitFailed
	}
	return exitPassed
}

// A reportFile is where a report goes.
type reportFile struct {
	file  *os.File
	write func(*conformance.Report, io.Writer) error
}

// openReports creates the report files. If one can't be created, it is better to know before minutes of checks.
func (o *options) openReports() (reports []reportFile, err error) {
	for _, r := range []struct {
		name  string
		write func(*conformance.Report, io.Writer) error
	}{
		{o.junit, (*conformance.Report).WriteJUnit},
		{o.html, (*conformance.Report).WriteHTML},
		{o.json, (*conformance.Report).WriteJSON},
	} {
		if r.name == "" {
			continue
		}
		file, err := os.Create(r.name)
		if err != nil {
			for _, opened := range reports {
				_ = opened.file.Close()
			}
			return nil, fmt.Errorf("making a report: %w", err)
		}
		reports = append(reports, reportFile{file, r.write})
	}
	return reports, nil
}
