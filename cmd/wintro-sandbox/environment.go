package main

import (
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// environment is what the command prints: the environment of the provider as shell commands.
func environment(s *sandbox.Sandbox, url, stateFile string) string {
	var text strings.Builder
	comment := func(format string, args ...any) {
		text.WriteString("# " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n")
	}
	comment("A sandbox in place of Recruitee and Wintro. Nothing here reaches the real ones, and no")
	comment("token below is worth anything to them. It serves until it is interrupted.")
	if stateFile == "" {
		comment("What is made in it is gone when it ends; -state FILE keeps it.")
	} else {
		comment("What is made in it is kept in %s.", stateFile)
	}
	if strings.HasPrefix(url, "https:") {
		comment("Nobody trusts its certificate: curl needs -k, and the provider is to refuse it.")
	}
	owner, _, hasToken := s.FirstToken()
	for _, variable := range s.Environment(url) {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "WINTRO_SANDBOX_CONTROL":
			comment("What can be made to happen there: curl $WINTRO_SANDBOX_CONTROL lists it.")
		case "TF_VAR_wintro_api_tokens":
			comment("The tokens for examples/many-companies: of two organisations in Wintro, and of three companies.")
		case "TF_VAR_recruitee_api_token":
			comment("The token of %s %s (%s), for the company with the ID %d.",
				owner.FirstName, owner.LastName, owner.Role, owner.CompanyID)
		}
		text.WriteString("export " + name + "=" + sandbox.ShellQuote(value) + "\n")
	}
	if !hasToken {
		comment("No user in Recruitee has a token: TF_VAR_recruitee_api_token is left unset. Make one")
		comment("with a POST to $WINTRO_SANDBOX_CONTROL/recruitee/issue-token.")
	}
	return text.String()
}
