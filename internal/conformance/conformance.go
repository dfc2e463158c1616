// Package conformance checks whether a server keeps the contract for ATS connections, openapi.yaml and what
// stands in its descriptions: that a repeated POST makes no second connection, that no answer holds a token,
// that pages don't lose items. The command wintro-conformance runs the same checks.
//
// A server's own tests can run them with one subtest for each check:
//
//	func TestContract(t *testing.T) {
//		conformance.Run(t, conformance.Config{
//			Endpoint:          server.URL + "/api/v1",
//			APIToken:          "wintro_...",
//			CompanyID:         "816",
//			RecruiteeAPIToken: os.Getenv("RECRUITEE_API_TOKEN"),
//		})
//	}
//
// It is safe to run against a real account: it keeps to the rate limit, changes only the connections that it
// has made, removes them at the end, and makes none if the company is linked already.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// A Config says which server is checked, and with which tokens.
type Config struct {
	// Endpoint is the API's base URL, such as https://app.wintro.ai/api/v1.
	Endpoint string
	// APIToken is a token of Wintro's with both scopes.
	APIToken string
	// ReadOnlyAPIToken is one of the same organisation without the write scope. Optional.
	ReadOnlyAPIToken string

	// CompanyID is a Recruitee company without a connection, and RecruiteeAPIToken a token that Recruitee
	// accepts for it. Without them only the checks run that make no connection.
	CompanyID         string
	RecruiteeAPIToken string
	// SecondCompanyID and SecondRecruiteeAPIToken are another one, for the checks that need two
	// connections. Optional.
	SecondCompanyID         string
	SecondRecruiteeAPIToken string
	// RejectedRecruiteeAPIToken is a token that Recruitee rejects. Optional.
	RejectedRecruiteeAPIToken string

	// Only selects checks by their names. Without it all are run.
	Only *regexp.Regexp
	// UseUpRateLimit also runs the check that sends requests until one is refused.
	UseUpRateLimit bool
	// MaxWait is how long a status may be pending and a sync may take. The default is two minutes.
	MaxWait time.Duration

	// Client sends the requests. The default gives each 30 seconds.
	Client *http.Client
	// OnResult is called after each check, OnWait before a wait of more than a moment. Optional.
	OnResult func(Result)
	OnWait   func(d time.Duration, reason string)
}

const (
	defaultMaxWait = 2 * time.Minute
	requestTimeout = 30 * time.Second
	// shortestToken bounds what is looked for in answers: something shorter could be there by chance.
	shortestToken = 12
)

var companyIDForm = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// complete checks the configuration and fills in its defaults.
func (config Config) complete() (Config, error) {
	endpoint, err := url.Parse(config.Endpoint)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" ||
		endpoint.RawQuery != "" || endpoint.Fragment != "" || endpoint.User != nil {
		return config, errors.New("the endpoint must be a URL such as https://app.wintro.ai/api/v1")
	}
	config.Endpoint = strings.TrimRight(config.Endpoint, "/")
	switch {
	case config.APIToken == "":
		return config, errors.New("an API token of Wintro's is needed")
	case (config.CompanyID == "") != (config.RecruiteeAPIToken == ""):
		return config, errors.New("a company and a Recruitee API token for it are needed together")
	case (config.SecondCompanyID == "") != (config.SecondRecruiteeAPIToken == ""):
		return config, errors.New("a second company and a Recruitee API token for it are needed together")
	case config.SecondCompanyID != "" && config.CompanyID == "":
		return config, errors.New("a second company needs a first one")
	case config.SecondCompanyID != "" && config.SecondCompanyID == config.CompanyID:
		return config, errors.New("the two companies are the same")
	}
	for _, id := range []string{config.CompanyID, config.SecondCompanyID} {
		if id != "" && !companyIDForm.MatchString(id) {
			return config, fmt.Errorf("a company is named by its numeric ID, not by %q", id)
		}
	}
	for _, token := range config.tokens() {
		switch {
		case token.value == "":
		case strings.ContainsFunc(token.value, func(r rune) bool { return r <= ' ' || r > '~' }):
			return config, fmt.Errorf("%s has a character that no token has, perhaps a line break at its end", token.name)
		case len(token.value) < shortestToken:
			return config, fmt.Errorf("%s is too short for a token: it needs at least %d characters, "+
				"so that it can be recognised in an answer", token.name, shortestToken)
		}
	}
	if config.MaxWait <= 0 {
		config.MaxWait = defaultMaxWait
	}
	if config.Client == nil {
		config.Client = &http.Client{Timeout: requestTimeout}
	}
	// A redirect would take the tokens with it. It is an answer like any other.
	client := *config.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	config.Client = &client
	return config, nil
}

type namedToken struct{ name, value string }

// tokens are the configured tokens under the names that reports show in their place.
func (config Config) tokens() []namedToken {
	return []namedToken{
		{"WINTRO_API_TOKEN", config.APIToken},
		{"WINTRO_READ_ONLY_API_TOKEN", config.ReadOnlyAPIToken},
		{"RECRUITEE_API_TOKEN", config.RecruiteeAPIToken},
		{"RECRUITEE_SECOND_API_TOKEN", config.SecondRecruiteeAPIToken},
		{"RECRUITEE_REJECTED_API_TOKEN", config.RejectedRecruiteeAPIToken},
	}
}

// selected are the checks that config asks for.
func (config Config) selected() []Check {
	var selected []Check
	for _, check := range Checks() {
		if config.Only == nil || config.Only.MatchString(check.Name) {
			selected = append(selected, check)
		}
	}
	return selected
}

// Execute runs the checks and reports what they found. It returns an error if they could not be run at
// all: a configuration that makes no sense, a server that can't be reached or refuses the token, a company
// that is linked already. When ctx ends, no further check begins, and what was made is removed all the same.
func Execute(ctx context.Context, config Config) (*Report, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	checks := config.selected()
	if len(checks) == 0 {
		return nil, fmt.Errorf("no check has a name that matches %s", config.Only)
	}
	s, err := newSuite(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	for _, check := range checks {
		s.run(ctx, check)
		if s.fatal != nil {
			break
		}
	}
	report := s.finish(ctx)
	return report, s.fatal
}
