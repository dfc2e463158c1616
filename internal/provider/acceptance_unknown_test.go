package provider

import (
	"strings"
	"testing"
)

// The TestAcc9xx tests use provider settings that are unknown until apply.

func TestAcc902_RefreshWithUnknownProviderSettingsKeepsStateAndWarns(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	tf.apply().expectExit(0)
	tf.write(unknownEndpoint(env), resourceBlock(writeOnly))
	env.ClearRequests()
	tf.plan().expectExit(2).expectWarning("Connections were not read", "the value of endpoint depends on a resource")
	env.expectRequests(t, map[string]int{})
	tf.apply().expectExit(0)
	tf.plan().expectExit(0)
}

func unknownEndpoint(env *environment) string {
	lines := strings.Split(env.provider(), "\n")
	for i, line := range lines {
		if name, value, found := strings.Cut(line, "="); found && strings.TrimSpace(name) == "endpoint" {
			lines[i] = "  endpoint = terraform_data.endpoint.output"
			lines = append(lines, "resource \"terraform_data\" \"endpoint\" {\n  input = "+value+"\n}")
		}
	}
	return strings.Join(lines, "\n")
}
