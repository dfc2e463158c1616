package main

import (
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// environment is what the command prints: the environment of the provider as shell commands.
func environment(box *sandbox.Sandbox, base, state string) string {
	var text strings.Builder
	comment := func(format string, args ...any) {
		text.WriteString("# " + strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n")
	}
	export := func(name, value string) {
		text.WriteString("export " + name + "=" + shellQuoted(value) + "\n")
	}
	comment("A sandbox in place of Recruitee and Wintro. Nothing here reaches the real ones, and no")
	comment("token below is worth anything to them. It serves until it is interrupted.")
	if state == "" {
		comment("What is made in it is gone when it ends; -state FILE keeps it.")
	} else {
		comment("What is made in it is kept in %s.", state)
	}
	if strings.HasPrefix(base, "https:") {
		comment("Nobody trusts its certificate: curl needs -k, and the provider is to refuse it.")
	}
	export("WINTRO_ENDPOINT", base+sandbox.WintroPath)
	export("WINTRO_API_TOKEN", box.WintroToken())
	export("RECRUITEE_ENDPOINT", base+sandbox.RecruiteePath)
	comment("What can be made to happen there: curl $WINTRO_SANDBOX_CONTROL lists it.")
	export("WINTRO_SANDBOX_CONTROL", base+sandbox.ControlPath)
	if owner, token, found := firstToken(box); found {
		comment("The token of %s %s (%s), for the company with the ID %d.",
			owner.FirstName, owner.LastName, owner.Role, owner.CompanyID)
		export("TF_VAR_recruitee_api_token", token)
	} else {
		comment("No user in Recruitee has a token: TF_VAR_recruitee_api_token is left unset. Make one")
		comment("with a POST to $WINTRO_SANDBOX_CONTROL/recruitee/issue-token.")
	}
	return text.String()
}

// firstToken finds a user in Recruitee with a token.
func firstToken(box *sandbox.Sandbox) (owner sandbox.Owner, token string, found bool) {
	for _, owner := range box.Owners() {
		if token, found := box.Token(owner.ID); found {
			return owner, token, true
		}
	}
	return sandbox.Owner{}, "", false
}

func shellQuoted(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
