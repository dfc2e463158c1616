package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionDataSource is the data source wintro_recruitee_connection, which reads one connection.
type connectionDataSource struct {
	dataSource
}

var _ datasource.DataSourceWithConfigure = (*connectionDataSource)(nil)

func newConnectionDataSource() datasource.DataSource { return &connectionDataSource{} }

// connectionDataModel is the data source's configuration and state.
type connectionDataModel struct {
	dataSourceModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *connectionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connection"
}

func (d *connectionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "ID of the connection in Wintro. Set exactly one of `id` and `company_id`.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			isConnectionID,
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("company_id")),
		},
	}
	attributes["company_id"] = schema.StringAttribute{
		MarkdownDescription: "Numeric ID of the Recruitee company. Set exactly one of `id` and `company_id`.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{isCompanyID},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one connection between a Recruitee company and Wintro, by its ID or by its company, as Wintro reports it. " +
			"Use it in `check` blocks, preconditions and postconditions. It takes no Recruitee token, so it can't verify the token that Wintro stores.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": readTimeout("How long reading may take, as a duration such as `30s` or `5m`. Default: `5m`."),
		},
	}
}

func (d *connectionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config connectionDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	service, ok := d.data.getWintroService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	found, err := findConnection(ctx, service, config.ID.ValueString(), config.CompanyID.ValueString())
	if err != nil {
		explainFind(err).asErrors(&resp.Diagnostics)
		return
	}
	config.set(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// findConnection finds a connection by id or, if that is empty, by companyID.
func findConnection(ctx context.Context, service *connection.Service, id, companyID string) (connection.Connection, error) {
	if id != "" {
		return service.FindByID(ctx, id)
	}
	return service.FindByCompany(ctx, companyID)
}
