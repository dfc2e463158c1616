// Command terraform-provider-floor has resources that ask nobody anything. What Terraform takes for them is
// Terraform's own cost.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return floor{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/wintro-ai/floor"})
	if err != nil {
		log.Fatal(err)
	}
}

type floor struct{}

func (floor) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "floor"
}
func (floor) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure hands out a client that nobody uses, as HashiCorp's template does: it is part of the program.
func (floor) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	resp.ResourceData = http.DefaultClient
}

func (floor) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (floor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return example{} },
		func() resource.Resource { return inertLink{} },
	}
}

// example is the resource floor_example, of the kind that HashiCorp's template for new providers begins with.
type example struct{}

type exampleModel struct {
	ID                    types.String `tfsdk:"id"`
	ConfigurableAttribute types.String `tfsdk:"configurable_attribute"`
	Defaulted             types.String `tfsdk:"defaulted"`
}

func (example) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_example"
}

func (example) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":                     schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"configurable_attribute": schema.StringAttribute{Optional: true},
		"defaulted":              schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString("as ever")},
	}}
}

func (example) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var model exampleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	model.ID = types.StringValue("example-" + model.ConfigurableAttribute.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (example) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model exampleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (example) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var model exampleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &model)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (example) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
