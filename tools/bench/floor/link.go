package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// inertLink is the resource floor_link: what a wintro_recruitee_connection is for Terraform, attribute by
// attribute and with as much state, that isn't linked with anything.
type inertLink struct{}

func (inertLink) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_link"
}

func (inertLink) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	computed := schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	object := func(attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{
			Computed: true, Attributes: attributes, PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		}
	}
	text := schema.StringAttribute{Computed: true}
	setting := schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true)}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"company_id":            schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
			"api_token_wo":          schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true},
			"api_token_wo_version":  schema.StringAttribute{Optional: true},
			"api_token":             schema.StringAttribute{Optional: true, Sensitive: true},
			"name":                  schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("Recruitee")},
			"enabled":               setting,
			"require_administrator": setting,
			"id":                    computed,
			"status":                computed,
			"api_token_fingerprint": computed,
			"created_at":            computed,
			"company":               object(map[string]schema.Attribute{"id": text, "name": text, "subdomain": text}),
			"token_owner": object(map[string]schema.Attribute{
				"id": text, "email": text, "name": text, "role": text, "administrator": schema.BoolAttribute{Computed: true},
			}),
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{
				"create": schema.StringAttribute{Optional: true},
				"read":   schema.StringAttribute{Optional: true},
				"update": schema.StringAttribute{Optional: true},
				"delete": schema.StringAttribute{Optional: true},
			}},
		},
	}
}

var (
	companyTypes = map[string]attr.Type{"id": types.StringType, "name": types.StringType, "subdomain": types.StringType}
	ownerTypes   = map[string]attr.Type{
		"id": types.StringType, "email": types.StringType, "name": types.StringType, "role": types.StringType, "administrator": types.BoolType,
	}
)

func (inertLink) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	const fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
	for name, value := range map[string]any{
		"id": "conn_0123456789abcdef0123", "status": "active", "created_at": "2026-11-24T09:30:05.123456Z",
		"api_token_fingerprint": fingerprint,
		"company": types.ObjectValueMust(companyTypes, map[string]attr.Value{
			"id": types.StringValue("10000"), "name": types.StringValue("Company 10000"), "subdomain": types.StringValue("company-10000"),
		}),
		"token_owner": types.ObjectValueMust(ownerTypes, map[string]attr.Value{
			"id": types.StringValue("1000"), "email": types.StringValue("owner-1000@company-10000.example"),
			"name": types.StringValue("Owner 1000"), "role": types.StringValue("Administrator"), "administrator": types.BoolValue(true),
		}),
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, "applied_token", []byte(`{"fingerprint":"`+fingerprint+`"}`))...)
}

func (inertLink) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (inertLink) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (inertLink) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
