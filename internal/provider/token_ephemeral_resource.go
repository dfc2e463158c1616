package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// tokenEphemeralResource is the ephemeral resource wintro_recruitee_token.
type tokenEphemeralResource struct {
	data *providerData
}

var _ ephemeral.EphemeralResourceWithConfigure = (*tokenEphemeralResource)(nil)

func newTokenEphemeralResource() ephemeral.EphemeralResource { return &tokenEphemeralResource{} }

// tokenModel is the ephemeral resource's configuration and result.
type tokenModel struct {
	CompanyID            types.String  `tfsdk:"company_id"`
	APIToken             types.String  `tfsdk:"api_token"`
	RequireAdministrator types.Bool    `tfsdk:"require_administrator"`
	APITokenFingerprint  types.String  `tfsdk:"api_token_fingerprint"`
	Company              *companyModel `tfsdk:"company"`
	TokenOwner           *ownerModel   `tfsdk:"token_owner"`
}

type companyModel struct {
	ID        types.String `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Subdomain types.String `tfsdk:"subdomain"`
}

type ownerModel struct {
	ID            types.String `tfsdk:"id"`
	Email         types.String `tfsdk:"email"`
	Name          types.String `tfsdk:"name"`
	Role          types.String `tfsdk:"role"`
	Administrator types.Bool   `tfsdk:"administrator"`
}

func (e *tokenEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_token"
}

func (e *tokenEphemeralResource) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

func (e *tokenEphemeralResource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Verifies a Recruitee API token for a company and returns the token's owner. It leaves nothing in plan or state. " +
			"You can pass its `api_token` to `api_token_wo`, or use its results in preconditions. A rejected token is an error. If Recruitee can't be reached, the provider prints a warning, and " +
			"`company` and `token_owner` are null. They are also null with `recruitee_verification = \"off\"`.",
		Attributes: map[string]schema.Attribute{
			"company_id": schema.StringAttribute{
				MarkdownDescription: "Numeric ID of the Recruitee company.",
				Required:            true,
				Validators:          []validator.String{isCompanyID},
			},
			"api_token": schema.StringAttribute{
				MarkdownDescription: "Recruitee personal API token to verify. It is passed on unchanged, for `api_token_wo`.",
				Required:            true,
				Sensitive:           true,
				Validators:          []validator.String{isRecruiteeToken},
			},
			"require_administrator": schema.BoolAttribute{
				MarkdownDescription: "Whether the token's owner must be an Administrator in Recruitee. Default: `true`.",
				Optional:            true,
			},
			"api_token_fingerprint": schema.StringAttribute{
				MarkdownDescription: "Fingerprint of the token: `SHA256:` and the unpadded base64 of its SHA-256.",
				Computed:            true,
			},
			"company": schema.SingleNestedAttribute{
				MarkdownDescription: "The Recruitee company, as the token's owner sees it.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"id":        schema.StringAttribute{Computed: true, MarkdownDescription: "Numeric ID."},
					"name":      schema.StringAttribute{Computed: true, MarkdownDescription: "Name."},
					"subdomain": schema.StringAttribute{Computed: true, MarkdownDescription: "Subdomain of the careers site. It can change."},
				},
			},
			"token_owner": schema.SingleNestedAttribute{
				MarkdownDescription: "The Recruitee user who owns the token.",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "Numeric ID."},
					"email":         schema.StringAttribute{Computed: true, MarkdownDescription: "Email address with which the user logs in."},
					"name":          schema.StringAttribute{Computed: true, MarkdownDescription: "First and last name."},
					"role":          schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the user's role. It is free text."},
					"administrator": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the role has an Administrator's rights."},
				},
			},
		},
	}
}

func (e *tokenEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model tokenModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	service, ok := e.data.getRecruiteeService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()
	verification := service.Verify(ctx, connection.Spec{
		CompanyID:            model.CompanyID.ValueString(),
		Token:                model.APIToken.ValueString(),
		RequireAdministrator: model.RequireAdministrator.IsNull() || model.RequireAdministrator.ValueBool(),
	}, connection.Applying)
	at := paths{token: pathAPIToken, companyID: pathCompanyID}
	if verification.IsRejected() {
		explain(verification.Err, at).asErrors(&resp.Diagnostics)
		return
	}
	explainTokenUnverified(verification).asWarnings(&resp.Diagnostics)
	model.APITokenFingerprint = types.StringValue(connection.Fingerprint(model.APIToken.ValueString()))
	if owner := verification.Owner; owner != nil {
		model.Company = &companyModel{
			ID:        types.StringValue(owner.Company.ID),
			Name:      textOrNull(owner.Company.Name),
			Subdomain: textOrNull(owner.Company.Subdomain),
		}
		model.TokenOwner = &ownerModel{
			ID:            types.StringValue(owner.ID),
			Email:         types.StringValue(owner.Email),
			Name:          types.StringValue(owner.Name),
			Role:          types.StringValue(owner.Role),
			Administrator: types.BoolValue(owner.IsAdministrator),
		}
	}
	resp.Diagnostics.Append(resp.Result.Set(ctx, model)...)
}
