package main

import (
	"maps"
	"slices"
	"strings"
)

// foreign are the beginnings of variables that would change what the demo shows, or take it to the
// real systems with real tokens.
var foreign = []string{"TF_", "TOFU_", "WINTRO_", "RECRUITEE_"}

// environment is the environment of a child process: what this one has inherited, without what is
// foreign, and with the variables in set. What the child leaves behind when it is interrupted, such as a
// socket or half a program, it leaves in temporary.
func environment(inherited []string, temporary string, set map[string]string) []string {
	all := map[string]string{}
	maps.Copy(all, set)
	for _, name := range []string{"TMPDIR", "TMP", "TEMP", "GOTMPDIR"} {
		all[name] = temporary
	}
	child := slices.DeleteFunc(slices.Clone(inherited), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		_, replaced := all[name]
		return replaced || slices.ContainsFunc(foreign, func(prefix string) bool {
			return strings.HasPrefix(strings.ToUpper(name), prefix)
		})
	})
	for name, value := range all {
		child = append(child, name+"="+value)
	}
	return child
}
