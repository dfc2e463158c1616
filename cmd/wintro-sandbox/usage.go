package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

//go:embed usage.txt
var introduction string

// printUsage prints the introduction, the kinds of faults, and the flags.
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
