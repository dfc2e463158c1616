// Package provider translates between Terraform and package connection. It contains the schemas, plans, state and
// diagnostics. Most files cover one aspect of one Terraform object.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// wintroProvider implements the provider wintro.
type wintroProvider struct {
	version string
	// environment looks up an environment variable, as os.LookupEnv does.
	environment func(string) (string, bool)
	// adjust changes the settings in tests. Otherwise it is nil.
	adjust func(*connection.Settings)
}

var (
	_ provider.ProviderWithActions            = (*wintroProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*wintroProvider)(nil)
	_ provider.ProviderWithFunctions          = (*wintroProvider)(nil)
	_ provider.ProviderWithListResources      = (*wintroProvider)(nil)
)

func (p *wintroProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "wintro"
	resp.Version = p.version
}

func (p *wintroProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Links companies in the applicant tracking system Recruitee with the employee-referral platform Wintro. " +
			"Plans show whether the connections still work.",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "Base URL of Wintro's API. It must be `https`, except for a loopback address such as `127.0.0.1`. " +
					"Environment variable: `WINTRO_ENDPOINT`. Default: `" + defaultEndpoint + "`.",
				Optional:   true,
				Validators: []validator.String{isEndpoint},
			},
			"api_token": schema.StringAttribute{
				MarkdownDescription: "API token of the Wintro organisation, with the scopes `" + connection.ScopeRead + "` and `" + connection.ScopeWrite + "`. " +
					"A user with Wintro's role *company admin* creates it in Wintro under *Settings > API Tokens*. The functions and the ephemeral resource work without it. " +
					"Environment variable: `WINTRO_API_TOKEN`.",
				Optional:   true,
				Sensitive:  true,
				Validators: []validator.String{isToken},
			},
			"recruitee_endpoint": schema.StringAttribute{
				MarkdownDescription: "Base URL of Recruitee's API. It must be `https`, except for a loopback address such as `127.0.0.1`. " +
					"Environment variable: `RECRUITEE_ENDPOINT`. Default: `" + defaultRecruiteeEndpoint + "`.",
				Optional:   true,
				Validators: []validator.String{isEndpoint},
			},
			"recruitee_verification": schema.StringAttribute{
				MarkdownDescription: "When Recruitee API tokens are verified with Recruitee. `plan`: while planning, and again while applying. " +
					"`apply`: only while applying, for when the machine that plans can't reach Recruitee. `off`: never, " +
					"so only Wintro notices a wrong token. Default: `plan`.",
				Optional:   true,
				Validators: []validator.String{isOneOf(connection.VerifyPlan, connection.VerifyApply, connection.VerifyOff)},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "Maximum number of retries of a failed request, from 0 to 20. The provider retries a request only if a retry is safe and may succeed. Default: `4`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 20)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Maximum duration of one attempt of a request, such as `30s` or `2m`. It must be positive. The resource's `timeouts` limit whole operations. Default: `30s`.",
				Optional:            true,
				Validators:          []validator.String{isDuration},
			},
		},
	}
}

func (p *wintroProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var configured providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &configured)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings, data, diags := resolve(configured, p.environment)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings.TerraformVersion = req.TerraformVersion
	settings.ProviderVersion = p.version
	settings.AppendUserAgent, _ = p.environment("TF_APPEND_USER_AGENT")
	if p.adjust != nil {
		p.adjust(&settings)
	}

	service, err := connection.New(settings)
	if err != nil {
		explainUnusableSettings(err).asErrors(&resp.Diagnostics)
		return
	}
	data.service = service
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
	if len(data.unknownSettings()) > 0 && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
}

func (p *wintroProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newConnectionResource}
}

func (p *wintroProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newConnectionDataSource, newConnectionsDataSource}
}

func (p *wintroProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newTokenEphemeralResource}
}

func (p *wintroProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newConnectionListResource}
}

func (p *wintroProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newSyncAction}
}

func (p *wintroProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newCompanyIDFunction, newFingerprintFunction}
}
