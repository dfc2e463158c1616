package main

import (
	"flag"
	"fmt"
	"io"
	"regexp"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

const introduction = `wintro-conformance checks whether a server keeps the contract for ATS connections
that terraform-provider-wintro relies on:

  export WINTRO_API_TOKEN=wintro_...
  export RECRUITEE_API_TOKEN=...
  wintro-conformance -endpoint https://app.wintro.ai/api/v1 -company 816

It creates connections of the company and removes them again, also when it is
interrupted. It changes nothing else, keeps to the rate limit, and refuses to
start if the company is linked already.

Exit codes: 0 everything passed; 1 a check failed or could not be run because of
the server, something was left behind, or it was interrupted; 2 the checks could
not be run.

Tokens come from the environment, and no output holds them:

  WINTRO_API_TOKEN              Wintro API token with both scopes
  WINTRO_READ_ONLY_API_TOKEN    Wintro API token without the write scope (optional)
  RECRUITEE_API_TOKEN           token that Recruitee accepts for -company
  RECRUITEE_SECOND_API_TOKEN    token that it accepts for -second-company (optional)
  RECRUITEE_REJECTED_API_TOKEN  token that it rejects (optional)

`

// printUsage prints what -h is asked for.
func printUsage(w io.Writer, flags *flag.FlagSet) {
	_, _ = io.WriteString(w, introduction+"Flags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// printChecks prints what -list is asked for.
func printChecks(w io.Writer, selected *regexp.Regexp) {
	for _, check := range conformance.Checks() {
		if selected != nil && !selected.MatchString(check.Name) {
			continue
		}
		_, _ = fmt.Fprintf(w, "%s\n    %s\n", check.Name, check.Expects)
		if needs := check.Needs(); needs != "" {
			_, _ = fmt.Fprintf(w, "    Needs %s.\n", needs)
		}
	}
}
