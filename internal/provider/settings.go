package provider

import (
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const (
	defaultEndpoint          = "https://app.wintro.ai/api/v1"
	defaultRecruiteeEndpoint = "https://api.recruitee.com"
	defaultMaxRetries        = 4
	defaultRequestTimeout    = 30 * time.Second
)

// providerModel contains the arguments of the provider block.
type providerModel struct {
	Endpoint              types.String `tfsdk:"endpoint"`
	APIToken              types.String `tfsdk:"api_token"`
	RecruiteeEndpoint     types.String `tfsdk:"recruitee_endpoint"`
	RecruiteeVerification types.String `tfsdk:"recruitee_verification"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
}

// providerData is the data that the provider passes to its resource, data sources, ephemeral resource, list resource
// and action.
type providerData struct {
	// service is nil while the provider isn't configured.
	service *connection.Service
	// wintro and recruitee contain any reasons why the provider can't call these systems.
	wintro, recruitee unavailability

	verificationOff sync.Once
}

// unavailability contains the reasons why the provider can't call a system. It is empty if the provider can call the
// system.
type unavailability struct {
	// unknown contains the names of the settings that are not known yet.
	unknown []string
	// problems are messages about invalid or missing settings.
	problems messages
}

// dataOf converts the data that the framework passes when it configures a resource or another object. If the provider
// isn't configured, as in terraform validate, the returned data allows no calls.
func dataOf(provided any, diags *diag.Diagnostics) *providerData {
	if data, ok := provided.(*providerData); ok {
		return data
	}
	if provided != nil {
		explainWrongDataType(provided).asErrors(diags)
	}
	notConfigured := unavailability{problems: explainNotConfigured()}
	return &providerData{wintro: notConfigured, recruitee: notConfigured}
}

// warnOnceThatVerificationIsOff adds a warning if recruitee_verification is "off". It does so only once for each
// configured provider, so that a plan with many connections has one such warning.
func (d *providerData) warnOnceThatVerificationIsOff(diags *diag.Diagnostics) {
	if d.service == nil || d.service.VerifyMode() != connection.VerifyOff {
		return
	}
	d.verificationOff.Do(func() { explainVerificationOff().asWarnings(diags) })
}

// unknownSettings returns the names of the settings of both systems that are not known yet.
func (d *providerData) unknownSettings() []string {
	unknown := slices.Concat(d.wintro.unknown, d.recruitee.unknown)
	slices.Sort(unknown)
	return slices.Compact(unknown)
}

// getService returns the service for calls to both systems, or adds an error that explains why the provider can't make
// these calls.
func (d *providerData) getService(diags *diag.Diagnostics) (*connection.Service, bool) {
	return d.get(diags, d.wintro, d.recruitee)
}

// getWintroService returns the service for calls to Wintro only.
func (d *providerData) getWintroService(diags *diag.Diagnostics) (*connection.Service, bool) {
	return d.get(diags, d.wintro)
}

// getRecruiteeService returns the service for calls to Recruitee only. It needs no settings for Wintro.
func (d *providerData) getRecruiteeService(diags *diag.Diagnostics) (*connection.Service, bool) {
	return d.get(diags, d.recruitee)
}

func (d *providerData) get(diags *diag.Diagnostics, systems ...unavailability) (*connection.Service, bool) {
	for _, system := range systems {
		if len(system.unknown) > 0 {
			explainUnknownSettings(d.unknownSettings()).asErrors(diags)
			return nil, false
		}
		if len(system.problems) > 0 {
			system.problems.asErrors(diags)
			return nil, false
		}
	}
	return d.service, true
}

// setting is a setting with a string value. The configuration takes precedence over the environment, and the
// environment over the default.
type setting struct {
	name       string
	configured types.String
	// variable is the name of the environment variable, or "" if the setting has none.
	variable string
	// fallback is the default, or "" if the setting is required.
	fallback string
	check    func(string) error
	// whenMissing is the detail of the error if the setting is required and missing.
	whenMissing string
}

// resolve computes the settings from the provider block and the environment. Unknown settings and problems with
// Wintro's settings aren't errors here, because the run might not need these settings.
func resolve(model providerModel, environment func(string) (string, bool)) (settings connection.Settings, data *providerData, diags diag.Diagnostics) {
	data = &providerData{}
	wintro, recruitee := &data.wintro, &data.recruitee
	text := func(system *unavailability, s setting) string {
		if s.configured.IsUnknown() {
			system.unknown = append(system.unknown, s.name)
			return ""
		}
		value, variable := s.fallback, ""
		if !s.configured.IsNull() {
			value = s.configured.ValueString()
		} else if fromEnvironment, set := environment(s.variable); set && s.variable != "" && fromEnvironment != "" {
			value, variable = fromEnvironment, s.variable
		}
		if value == "" && s.configured.IsNull() {
			system.problems = append(system.problems, explainMissing(path.Root(s.name), s.whenMissing)...)
			return ""
		}
		if err := s.check(value); err != nil {
			system.problems = append(system.problems, explainInvalidVariable(path.Root(s.name), err, variable)...)
			return ""
		}
		return value
	}
	anything := func(string) error { return nil }

	settings.WintroEndpoint = text(wintro, setting{"endpoint", model.Endpoint, "WINTRO_ENDPOINT", defaultEndpoint, connection.CheckEndpoint, ""})
	settings.WintroToken = text(wintro, setting{"api_token", model.APIToken, "WINTRO_API_TOKEN", "", checkToken, missingWintroToken})
	settings.RecruiteeEndpoint = text(recruitee, setting{"recruitee_endpoint", model.RecruiteeEndpoint, "RECRUITEE_ENDPOINT", defaultRecruiteeEndpoint, connection.CheckEndpoint, ""})
	settings.VerifyMode = connection.VerifyMode(text(recruitee, setting{"recruitee_verification", model.RecruiteeVerification, "", string(connection.VerifyPlan), anything, ""}))

	// Both systems use the following settings.
	common := len(recruitee.unknown)
	timeout := text(recruitee, setting{"request_timeout", model.RequestTimeout, "", defaultRequestTimeout.String(), checkDuration, ""})
	settings.RequestTimeout, _ = time.ParseDuration(timeout)
	settings.MaxRetries = defaultMaxRetries
	switch {
	case model.MaxRetries.IsUnknown():
		recruitee.unknown = append(recruitee.unknown, "max_retries")
	case !model.MaxRetries.IsNull():
		settings.MaxRetries = int(model.MaxRetries.ValueInt64())
	}
	wintro.unknown = append(wintro.unknown, recruitee.unknown[common:]...)

	recruitee.problems.asErrors(&diags)
	wintro.problems = wintro.problems.asProviderProblems()
	if len(wintro.problems) > 0 {
		settings.WintroEndpoint, settings.WintroToken = "", ""
	}
	return settings, data, diags
}
