package main

import (
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

const introduction = `wintro-sandbox serves Recruitee and Wintro's connections API on a local address,
with made-up data, so that you can try the provider out and test Terraform
modules without an account at either.

It prints the environment that the provider needs, as shell commands, and
serves until it gets SIGINT or SIGTERM:

  wintro-sandbox >sandbox.env

On standard error it prints the address of its page, which shows both systems
side by side, each request as it comes, and what to do next. Open it in a
browser. After that it prints a line for each request, unless you set -quiet.

In another terminal:

  . ./sandbox.env
  terraform apply

While it runs, you can make things happen through its control API. Its address
is in WINTRO_SANDBOX_CONTROL, and GET /control lists all its commands:

  curl $WINTRO_SANDBOX_CONTROL
  curl $WINTRO_SANDBOX_CONTROL/requests        # what the provider has asked for
  curl $WINTRO_SANDBOX_CONTROL/recruitee/revoke-token \
    -d "{\"token\":\"$TF_VAR_recruitee_api_token\"}"

With -tls, curl needs -k.

Like the real one, Wintro takes 100 requests a minute with an API token. After
that it answers 429 until the minute is over. To set another limit, or none:

  wintro-sandbox -rate-limit 100/6s >sandbox.env
  wintro-sandbox -rate-limit off >sandbox.env

Faults make requests fail: those to a system, with a method, or with a part of a
path (a $ at its end stands for the end of the path). They happen a number of
times, or with a probability, which a seed makes repeatable:

  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"kind":"answer-lost",
    "system":"wintro","method":"POST","path":"/ats-connections$","times":1}'
  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"kind":"reset-before",
    "probability":0.1,"seed":7}'
  curl $WINTRO_SANDBOX_CONTROL/faults -d '{"status":503,"latency":"2s",
    "header":{"Retry-After":"1"},"body":"Down for maintenance"}'
  curl -X DELETE $WINTRO_SANDBOX_CONTROL/faults

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
