package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionsDataSource is the data source wintro_recruitee_connections, which lists connections.
type connectionsDataSource struct {
	dataSource
}

var _ datasource.DataSourceWithConfigure = (*connectionsDataSource)(nil)

func newConnectionsDataSource() datasource.DataSource { return &connectionsDataSource{} }

// connectionsDataModel is the data source's configuration and state.
type connectionsDataModel struct {
	Status      types.String      `tfsdk:"status"`
	Connections []dataSourceModel `tfsdk:"connections"`
	Timeouts    timeouts.Value    `tfsdk:"timeouts"`
}

func (d *connectionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connections"
}

func (d *connectionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all connections between Recruitee companies and Wintro, as Wintro reports them, or only those with a certain status.",
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Lists only connections with this status: `active`, `pending`, `disabled` or `invalid`.",
				Optional:            true,
				Validators:          []validator.String{isWintroStatus},
			},
			"connections": schema.ListNestedAttribute{
				MarkdownDescription: "The connections, in Wintro's order.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: dataSourceAttributes()},
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": readTimeout("How long reading the connections may take, as a duration such as `30s` or `5m`. Default: `5m`."),
		},
	}
}

func (d *connectionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config connectionsDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	service, ok := d.data.getWintroService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	config.Connections = []dataSourceModel{}
	all, err := listConnections(ctx, service, types.StringNull(), config.Status, 0)
	if err != nil {
		explainFind(err).asErrors(&resp.Diagnostics)
		return
	}
	for _, found := range all {
		var one dataSourceModel
		one.set(found)
		config.Connections = append(config.Connections, one)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// listConnections lists the connections of one company, or of all companies if companyID is null. It returns only those
// with this status, unless status is null. If limit isn't 0, it returns at most limit connections.
func listConnections(ctx context.Context, service *connection.Service, companyID, status types.String, limit int) ([]connection.Connection, error) {
	if status.IsNull() {
		return service.List(ctx, companyID.ValueString(), limit)
	}
	// Wintro can't filter by status, so read all connections.
	all, err := service.List(ctx, companyID.ValueString(), 0)
	all = slices.DeleteFunc(all, func(c connection.Connection) bool { return string(c.Status) != status.ValueString() })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, err
}
