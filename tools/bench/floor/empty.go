package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// emptyResource does the same as the resource in HashiCorp's template for new providers.
type emptyResource struct{ onlyRead }

type emptyModel struct {
	ID                    types.String `tfsdk:"id"`
	ConfigurableAttribute types.String `tfsdk:"configurable_attribute"`
	Defaulted             types.String `tfsdk:"defaulted"`
}

func (emptyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "floor_empty"
}

func (emptyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                     computed,
		"configurable_attribute": schema.StringAttribute{Optional: true},
		"defaulted":              schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("as ever")},
	}}
}

var computed = schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}

func (emptyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model emptyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	model.ID = types.StringValue("example-" + model.ConfigurableAttribute.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (emptyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model emptyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// onlyRead implements Update and Delete, and leaves both empty: the benchmark never updates this provider's resources,
// and the framework itself removes a deleted resource from state.
type onlyRead struct{}

func (onlyRead) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (onlyRead) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
