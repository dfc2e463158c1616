package provider

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const (
	defaultEndpoint          = "https://www.wintro.app/api/v1"
	defaultRecruiteeEndpoint = "https://api.recruitee.com"
	defaultMaxRetries        = 4
	defaultRequestTimeout    = 30 * time.Second
)

// providerModel is the provider's block.
type providerModel struct {
	Endpoint              types.String `tfsdk:"endpoint"`
	APIToken              types.String `tfsdk:"api_token"`
	RecruiteeEndpoint     types.String `tfsdk:"recruitee_endpoint"`
	RecruiteeVerification types.String `tfsdk:"recruitee_verification"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
}

// providerData is what the provider hands to each of its objects.
type providerData struct {
	// service is nil while settings are unknown.
	service *connection.Service
	// unknown names the settings that are not known yet.
	unknown []string

	verificationOff sync.Once
}

func newProviderData(settings connection.Settings, unknown []string) (*providerData, error) {
	if len(unknown) > 0 {
		return &providerData{unknown: unknown}, nil
	}
	service, err := connection.New(settings)
	if err != nil {
		return nil, err
	}
	return &providerData{service: service}, nil
}

// warnOnceThatVerificationIsOff warns, in one of the plans of a run, where checks are off.
func (d *providerData) warnOnceThatVerificationIsOff(diags *diag.Diagnostics) {
	if d == nil || d.service == nil || d.service.Verification() != connection.VerificationOff {
		return
	}
	d.verificationOff.Do(func() {
		diags.AddWarning("Recruitee API tokens are not checked",
			"recruitee_verification is \"off\" in the provider block: a token that is wrong, revoked or not an Administrator's goes to Wintro as it is, and plans don't notice when it stops working.")
	})
}

// unknownSettings tells whether nothing can be asked, because a setting is not known yet.
func (d *providerData) unknownSettings() bool {
	return d != nil && d.service == nil
}

// getService returns the service, or an error that names the settings which are still unknown.
func (d *providerData) getService(diags *diag.Diagnostics) (*connection.Service, bool) {
	if d == nil {
		diags.AddError("The provider isn't configured", "Terraform asked for something that only a configured provider can do. This is a bug in the provider: please report it.")
		return nil, false
	}
	if d.service == nil {
		diags.AddError("A setting of the provider is not known yet",
			fmt.Sprintf("In the provider block of wintro, %s comes from something that Terraform has not applied yet, so neither Wintro nor Recruitee can be asked. "+
				"Apply that first, with -target, or give the setting a value that is known while planning.", strings.Join(d.unknown, " and ")))
		return nil, false
	}
	return d.service, true
}

// setting is one text setting: the configuration's value if there is one, then the environment's, then
// the default.
type setting struct {
	name        string
	configured  types.String
	variable    string
	fallback    string
	check       func(string) error
	whenMissing string
}

// resolve turns the provider's block and the environment into settings. What is not known yet is named
// in unknown, not an error: it may not be needed.
func resolve(model providerModel, environment func(string) (string, bool)) (settings connection.Settings, unknown []string, diags diag.Diagnostics) {
	text := func(s setting) string {
		if s.configured.IsUnknown() {
			unknown = append(unknown, s.name)
			return ""
		}
		value, origin := s.fallback, ""
		if !s.configured.IsNull() {
			value = s.configured.ValueString()
		} else if fromEnvironment, set := environment(s.variable); set && s.variable != "" && fromEnvironment != "" {
			value, origin = fromEnvironment, " It comes from the environment variable "+s.variable+"."
		}
		if value == "" && s.configured.IsNull() {
			diags.AddAttributeError(path.Root(s.name), "Missing "+s.name, s.whenMissing)
			return ""
		}
		if err := s.check(value); err != nil {
			diags.AddAttributeError(path.Root(s.name), "Invalid "+s.name, sentence(err)+origin)
		}
		return value
	}
	anything := func(string) error { return nil }

	settings.WintroEndpoint = text(setting{"endpoint", model.Endpoint, "WINTRO_ENDPOINT", defaultEndpoint, connection.CheckEndpoint, ""})
	settings.WintroToken = text(setting{"api_token", model.APIToken, "WINTRO_API_TOKEN", "", connection.CheckToken,
		"The provider needs an API token of your Wintro organisation. Set the environment variable WINTRO_API_TOKEN, or api_token in the provider block from a variable."})
	settings.RecruiteeEndpoint = text(setting{"recruitee_endpoint", model.RecruiteeEndpoint, "RECRUITEE_ENDPOINT", defaultRecruiteeEndpoint, connection.CheckEndpoint, ""})
	settings.Verification = connection.VerificationMode(text(setting{"recruitee_verification", model.RecruiteeVerification, "", string(connection.VerificationPlan), anything, ""}))
	timeout := text(setting{"request_timeout", model.RequestTimeout, "", defaultRequestTimeout.String(), checkDuration, ""})
	settings.RequestTimeout, _ = time.ParseDuration(timeout)

	settings.MaxRetries = defaultMaxRetries
	switch {
	case model.MaxRetries.IsUnknown():
		unknown = append(unknown, "max_retries")
	case !model.MaxRetries.IsNull():
		settings.MaxRetries = int(model.MaxRetries.ValueInt64())
	}
	return settings, unknown, diags
}
