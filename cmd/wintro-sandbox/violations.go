package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// violationList is the values of -violate.
type violationList []sandbox.Violation

// String is part of flag.Value.
func (l *violationList) String() string {
	return strings.Trim(fmt.Sprint([]sandbox.Violation(*l)), "[]")
}

// Set is part of flag.Value.
func (l *violationList) Set(name string) error {
	isIt := func(v sandbox.ViolationInfo) bool { return string(v.Violation) == name }
	if !slices.ContainsFunc(sandbox.Violations(), isIt) {
		return fmt.Errorf("there is no such violation; -list-violations lists them")
	}
	*l = append(*l, sandbox.Violation(name))
	return nil
}

// printViolations prints what -list-violations is asked for.
func printViolations(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range sandbox.Violations() {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", v.Violation, v.Does)
	}
	_ = table.Flush()
}
