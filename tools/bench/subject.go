package main

import (
	_ "embed"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// subject is a provider that the benchmark measures, with its configuration.
type subject struct {
	name string
	// program is the path of the provider's executable, and source the provider's address in the configuration.
	program, source string
	// configuration is the text of a template, which render executes with templateData.
	configuration, tokenAttribute string
	// isFloor reports whether this is a floor: a provider that sends no requests. The report adds the latency of the
	// calls to the time of a floor, to get the limit for the other subjects.
	isFloor bool
}

const (
	emptyFloor    = "empty floor"
	statefulFloor = "stateful floor"

	// `make bench` builds these programs, and runs the benchmark in the root of the repository.
	builtProvider = ".cache/bench/terraform-provider-wintro"
	builtFloor    = ".cache/bench/terraform-provider-floor"
)

var (
	//go:embed configurations/empty.tf.tmpl
	emptyConfiguration string
	//go:embed configurations/stateful.tf.tmpl
	statefulConfiguration string
	//go:embed configurations/wintro.tf.tmpl
	wintroConfiguration string
)

func (s settings) subjects() []subject {
	floor := func(name, configuration string) subject {
		return subject{name: name, program: builtFloor, source: "wintro-ai/floor", configuration: configuration, isFloor: true}
	}
	ours := func(suffix, program, tokenAttribute string) subject {
		return subject{
			name: tokenAttribute + suffix, program: program, source: "wintro-ai/wintro",
			configuration: wintroConfiguration, tokenAttribute: tokenAttribute,
		}
	}
	all := []subject{ours("", builtProvider, "api_token_wo"), ours("", builtProvider, "api_token")}
	if s.rateLimit == 0 {
		all = append([]subject{floor(emptyFloor, emptyConfiguration), floor(statefulFloor, statefulConfiguration)}, all...)
	}
	if s.vs != "" {
		suffix := ", " + filepath.Base(filepath.Dir(s.vs)) + "/" + filepath.Base(s.vs)
		all = append(all, ours(suffix, s.vs, "api_token_wo"), ours(suffix, s.vs, "api_token"))
	}
	return all
}

type templateData struct {
	// Wintro and Recruitee are base URLs. WintroToken is the token for Wintro's API.
	Wintro, Recruitee, WintroToken string
	// Size is the number of connections. Their companies have consecutive IDs that start at FirstCompany.
	Size, FirstCompany int
	// TokenPrefix is the start of each company's token, before the company's ID.
	TokenPrefix, TokenAttribute string
}

// Each configuration computes the IDs and the tokens of its companies. If a configuration listed thousands of companies
// instead, the benchmark would mainly measure the time that Terraform takes to read the list.
const (
	firstCompany = 10_000
	tokenPrefix  = "token-of-company-"
)

// render returns the subject's configuration, with a resource for each company of remote.
func (s subject) render(remote *remote) (string, error) {
	parsed, err := template.New(s.name).Parse(s.configuration)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = parsed.Execute(&text, templateData{
		Wintro: remote.URL + sandbox.WintroPath, Recruitee: remote.URL + sandbox.RecruiteePath, WintroToken: remote.WintroToken(),
		Size: len(remote.Companies()), FirstCompany: firstCompany, TokenPrefix: tokenPrefix, TokenAttribute: s.tokenAttribute,
	})
	return text.String(), err
}
