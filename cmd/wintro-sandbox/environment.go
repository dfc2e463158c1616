package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/page"
)

// environment returns the shell commands that wintro-sandbox prints. They set the environment variables of the provider
// and of the examples.
func environment(s *sandbox.Sandbox, url string) string {
	var text strings.Builder
	comment := func(format string, args ...any) {
		text.WriteString("# " + fmt.Sprintf(format, args...) + "\n")
	}
	comment("These variables select a sandbox that simulates Recruitee and Wintro. The sandbox never calls")
	comment("the real systems, and the real systems don't accept the tokens below. When you interrupt")
	comment("the sandbox, it discards its data.")
	owner, _, _ := s.FirstToken()
	for _, variable := range s.Environment(url) {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "WINTRO_SANDBOX_CONTROL":
			comment("The control API changes both systems: curl $WINTRO_SANDBOX_CONTROL lists its commands.")
		case "TF_VAR_recruitee_api_token":
			comment("The token of %s %s (%s), for the company %d.",
				owner.FirstName, owner.LastName, owner.Role, owner.CompanyID)
		}
		text.WriteString(page.Export(name, value))
	}
	comment("The tokens of two organisations in Wintro and of three companies, for examples/many-companies.")
	organisations := s.Organisations()
	text.WriteString(page.Export("TF_VAR_wintro_api_tokens", encodeTokens(map[string]string{
		"europe": organisations[0].Token, "americas": organisations[1].Token,
	})))
	text.WriteString(page.Export("TF_VAR_recruitee_api_tokens", encodeTokens(companyTokens(s))))
	return text.String()
}

// companyTokens returns a token for each company. The keys are the names that examples/many-companies gives to the
// companies.
func companyTokens(s *sandbox.Sandbox) map[string]string {
	keys := map[int64]string{sandbox.SeedCompanyID: "acme_netherlands", 817: "acme_poland", 818: "acme_canada"}
	tokens := map[string]string{}
	for _, owner := range s.Owners() {
		if token, found := s.TokenOf(owner.ID); found {
			tokens[keys[owner.CompanyID]] = token
		}
	}
	return tokens
}

// encodeTokens returns the tokens as JSON, because Terraform accepts JSON in an environment variable that sets a map.
func encodeTokens(tokens map[string]string) string {
	encoded, _ := json.Marshal(tokens) // encoding strings can't fail
	return string(encoded)
}
