package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

const introduction = `wintro-conformance checks whether a server implements the contract for ATS
connections that terraform-provider-wintro needs:

  export WINTRO_API_TOKEN=wintro_...
  export RECRUITEE_API_TOKEN=...
  wintro-conformance -endpoint https://app.wintro.ai/api/v1 -company 816

The command creates connections for the company and removes them again, even
after Ctrl-C. It changes nothing else. Without -use-up-rate-limit, it stays
within the rate limit. It doesn't start if the company already has a connection.
A second Ctrl-C ends the command without removing its connections.

Exit codes:

  0  all checks passed
  1  a check failed or could not run because of the server, a connection was
     left behind, or the run was interrupted
  2  the checks could not start or had to stop early, or a report could not be
     written

The command reads tokens from the environment, and never prints them:

  WINTRO_API_TOKEN              Wintro API token with both scopes
  WINTRO_READ_ONLY_API_TOKEN    Wintro API token without the write scope (optional)
  RECRUITEE_API_TOKEN           token that Recruitee accepts for -company
  RECRUITEE_SECOND_API_TOKEN    token for -second-company (optional)
  RECRUITEE_REJECTED_API_TOKEN  token that Recruitee rejects (optional)

`

func printUsage(w io.Writer, flags *flag.FlagSet) {
	_, _ = io.WriteString(w, introduction+"Flags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// printChecks prints the selected checks, with the settings that each check needs.
func printChecks(w io.Writer, config conformance.Config) {
	for _, check := range config.Selected() {
		_, _ = fmt.Fprintf(w, "%s\n    %s\n", check.Name, check.Expects)
		if needs := check.Needs(); needs != "" {
			_, _ = fmt.Fprintf(w, "    Needs %s.\n", needs)
		}
	}
}
