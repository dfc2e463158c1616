package main

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// statefulResource has the same attributes as a wintro_recruitee_connection, and a state of about the same size.
type statefulResource struct{ onlyRead }

func (statefulResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "floor_stateful"
}

func (statefulResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := schema.StringAttribute{Optional: true}
	setting := schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true)}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"company_id":            schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
			"api_token_wo":          schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true},
			"api_token_wo_version":  text,
			"api_token":             schema.StringAttribute{Optional: true, Sensitive: true},
			"name":                  schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("Recruitee")},
			"enabled":               setting,
			"require_administrator": setting,
			"id":                    computed,
			"status":                computed,
			"api_token_fingerprint": computed,
			"created_at":            computed,
			"company_name":          computed,
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{"create": text, "read": text, "update": text, "delete": text}},
		},
	}
}

type connectionModel struct {
	CompanyID            types.String `tfsdk:"company_id"`
	APITokenWO           types.String `tfsdk:"api_token_wo"`
	APITokenWOVersion    types.String `tfsdk:"api_token_wo_version"`
	APIToken             types.String `tfsdk:"api_token"`
	Name                 types.String `tfsdk:"name"`
	Enabled              types.Bool   `tfsdk:"enabled"`
	RequireAdministrator types.Bool   `tfsdk:"require_administrator"`
	ID                   types.String `tfsdk:"id"`
	Status               types.String `tfsdk:"status"`
	APITokenFingerprint  types.String `tfsdk:"api_token_fingerprint"`
	CreatedAt            types.String `tfsdk:"created_at"`
	CompanyName          types.String `tfsdk:"company_name"`
	Timeouts             types.Object `tfsdk:"timeouts"`
}

type identityModel struct {
	ID types.String `tfsdk:"id"`
}

func (statefulResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true},
	}}
}

// Create sets values of the same length as those of a real connection.
func (statefulResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	const fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
	model.ID = types.StringValue("conn_0123456789abcdef0123")
	model.Status = types.StringValue(contract.ConnectionActive)
	model.APITokenFingerprint = types.StringValue(fingerprint)
	model.CreatedAt = types.StringValue("2026-11-24T09:30:05.123456Z")
	model.CompanyName = types.StringValue("Company 10000")
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{model.ID})...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, "sent_token", []byte(`{"fingerprint":"`+fingerprint+`"}`))...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, "organisation", []byte(`{"id":"org_0123456789abcdef0123"}`))...)
}

// Read changes the name in a plan that must show drift.
func (statefulResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if os.Getenv("TF_VAR_drift") != "" {
		model.Name = types.StringValue("By hand")
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{model.ID})...)
}
