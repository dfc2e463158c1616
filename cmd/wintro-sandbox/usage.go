package main

import (
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

const introduction = `wintro-sandbox serves Recruitee and Wintro's connections API on a local address,
made up but faithful: for trying the provider out and for testing Terraform
modules without an account at either.

It prints the environment that the provider needs, as shell commands, and
serves until it gets SIGINT or SIGTERM:

  wintro-sandbox >sandbox.env

On standard error it says first where its page is: both systems side by side,
each request as it comes, and what to do next. Open it in a browser. Then come
the requests, one a line, unless there is -quiet.

In another terminal:

  . ./sandbox.env
  terraform apply

While it runs, things can be made to happen through its control API, whose
address is in WINTRO_SANDBOX_CONTROL. GET /control lists all its commands:

  curl $WINTRO_SANDBOX_CONTROL
  curl $WINTRO_SANDBOX_CONTROL/requests        # what the provider has asked for
  curl $WINTRO_SANDBOX_CONTROL/recruitee/revoke-token \
    -d "{\"token\":\"$TF_VAR_recruitee_api_token\"}"

With -tls, curl needs -k.

Wintro takes 100 requests a minute with an API token, as the real one does; then
it answers 429 until the minute is over. Another limit, or none:

  wintro-sandbox -rate-limit 100/6s >sandbox.env
  wintro-sandbox -rate-limit off >sandbox.env

Faults: requests to a system, with a method and a part of a path (a $ at its end
is the end of the path), fail some times, or with a probability from a seed:

  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"kind":"answer-lost",
    "system":"wintro","method":"POST","path":"/ats-connections$","times":1}'
  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"kind":"reset-before",
    "probability":0.1,"seed":7}'
  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"status":503,"latency":"2s",
    "header":{"Retry-After":"1"},"body":"Down for maintenance"}'
  curl -X DELETE $WINTRO_SANDBOX_CONTROL/faults

Violations: it makes a mistake that somebody who implements Wintro's side could
make, for wintro-conformance to find. -list-violations lists them:

  wintro-sandbox -violate create-200 -violate token-in-error >sandbox.env

Kinds of faults, which GET /control/faults/kinds lists too:

`

// printUsage prints what -h is asked for.
func printUsage(w io.Writer, flags *flag.FlagSet) {
	_, _ = io.WriteString(w, introduction)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, kind := range sandbox.FaultKinds() {
		_, _ = fmt.Fprintf(table, "  %s\t%s\n", kind.Kind, kind.Does)
	}
	_ = table.Flush()
	_, _ = io.WriteString(w, "\nFlags:\n")
	flags.SetOutput(w)
	flags.PrintDefaults()
}
