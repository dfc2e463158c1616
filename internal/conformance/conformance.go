// Package conformance checks whether a server implements the contract for ATS connections. The contract consists
// of openapi.yaml and the rules in its descriptions. For example, a repeated POST must not create a second
// connection, no response may contain a token, and each connection must be on exactly one page of the list. The
// command wintro-conformance runs the checks.
//
// The checks are safe to run against a real account. They change only connections that they have created, and
// remove these connections at the end. The report names each connection that could not be removed. If the list
// already contains a connection of a configured company, the run doesn't start. The checks stay within the rate
// limit that the server reports, unless UseUpRateLimit is set.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// A Config selects the server, the tokens and the checks.
type Config struct {
	// Endpoint is the API's base URL, such as https://app.wintro.ai/api/v1.
	Endpoint string
	// APIToken is a Wintro API token with both scopes.
	APIToken string
	// ReadOnlyAPIToken is a token of the same organisation that doesn't have the write scope. Optional.
	ReadOnlyAPIToken string

	// CompanyID is the ID of a Recruitee company without a connection, and RecruiteeAPIToken is a token that
	// Recruitee accepts for this company. If CompanyID is empty, only the checks that create no connection run.
	CompanyID         string
	RecruiteeAPIToken string
	// SecondCompanyID and SecondRecruiteeAPIToken are the ID and a token of another company without a connection.
	// The checks that need two connections use them. Optional.
	SecondCompanyID         string
	SecondRecruiteeAPIToken string
	// RejectedRecruiteeAPIToken is a token that Recruitee rejects. Optional.
	RejectedRecruiteeAPIToken string

	// Only is an expression that selects checks by their names. If it is nil, all checks run.
	Only *regexp.Regexp
	// UseUpRateLimit adds the check that sends requests until the server returns 429.
	UseUpRateLimit bool
	// MaxWait is the longest time for which a status may be pending, and for which a sync may run.
	MaxWait time.Duration

	// OnResult is called after each check. OnWait is called before each wait of at least a second, but not for the
	// pauses between polls. Both are optional.
	OnResult func(Result)
	OnWait   func(d time.Duration, reason string)

	// roundTripper sends the requests. If roundTripper is nil, the requests go over the network. Only tests set
	// it.
	roundTripper http.RoundTripper
}

// shortestToken is the minimum length of a configured token. transport.Redact finds only pieces of at least this
// length, so the checks could miss a response that contains a piece of a shorter token.
const shortestToken = 12

// complete validates the configuration and normalises the endpoint. Its errors name the command's flags and
// environment variables.
func (config Config) complete() (Config, error) {
	switch {
	case config.Endpoint == "":
		return config, errors.New("-endpoint is missing")
	case config.APIToken == "":
		return config, errors.New("WINTRO_API_TOKEN is not set")
	case config.CompanyID != "" && config.RecruiteeAPIToken == "":
		return config, errors.New("-company needs RECRUITEE_API_TOKEN, a token that Recruitee accepts for this company")
	case config.SecondCompanyID != "" && config.SecondRecruiteeAPIToken == "":
		return config, errors.New("-second-company needs RECRUITEE_SECOND_API_TOKEN, a token that Recruitee accepts for this company")
	case config.SecondCompanyID != "" && config.CompanyID == "":
		return config, errors.New("-second-company needs -company")
	case config.SecondCompanyID != "" && config.SecondCompanyID == config.CompanyID:
		return config, errors.New("-company and -second-company are the same: use another company for -second-company")
	}
	endpoint, err := transport.ParseEndpoint(config.Endpoint)
	if err != nil {
		return config, fmt.Errorf("-endpoint %w", err)
	}
	config.Endpoint = endpoint.String()
	for _, id := range []string{config.CompanyID, config.SecondCompanyID} {
		if id != "" && !contract.CompanyIDPattern.MatchString(id) {
			return config, errors.New("-company and -second-company need a numeric company ID, such as 38422")
		}
	}
	for _, token := range config.tokens() {
		switch {
		case token.value == "":
		case strings.ContainsFunc(token.value, func(char rune) bool { return char <= ' ' || char > '~' }):
			return config, fmt.Errorf("%s contains a character that no token has, perhaps a line break at its end. Set it again without this character", token.name)
		case len(token.value) < shortestToken:
			return config, fmt.Errorf("%s is too short: the checks search all responses for the token, "+
				"so it must have at least %d characters", token.name, shortestToken)
		}
	}
	return config, nil
}

type namedToken struct{ name, value string }

// tokens returns the tokens with the names of their environment variables.
func (config Config) tokens() []namedToken {
	return []namedToken{
		{"WINTRO_API_TOKEN", config.APIToken},
		{"WINTRO_READ_ONLY_API_TOKEN", config.ReadOnlyAPIToken},
		{"RECRUITEE_API_TOKEN", config.RecruiteeAPIToken},
		{"RECRUITEE_SECOND_API_TOKEN", config.SecondRecruiteeAPIToken},
		{"RECRUITEE_REJECTED_API_TOKEN", config.RejectedRecruiteeAPIToken},
	}
}

// Selected returns the checks whose names match Only, or all checks if Only is nil.
func (config Config) Selected() []Check {
	return slices.DeleteFunc(Checks(), func(check Check) bool {
		return config.Only != nil && !config.Only.MatchString(check.Name)
	})
}

// Execute runs the checks and returns a report. If the checks can't start, Execute returns only an error. Possible
// reasons are an invalid configuration, a rejected token, and a company that already has a connection. If a
// response makes the run stop early, Execute returns both a report and an error. If ctx ends during the checks,
// Execute doesn't run the remaining checks, but still removes the connections that it created.
func Execute(ctx context.Context, config Config) (*Report, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	checks := config.Selected()
	if len(checks) == 0 {
		return nil, fmt.Errorf("no check has a name that matches %s", config.Only)
	}
	s := newSuite(config)
	if err := s.start(ctx); err != nil {
		return nil, errors.New(message("%v", err))
	}
	for _, check := range checks {
		s.run(ctx, check)
		if s.fatal != nil {
			break
		}
	}
	report := s.finish(ctx)
	if s.fatal != nil {
		return report, errors.New(message("%v", s.fatal))
	}
	return report, nil
}
