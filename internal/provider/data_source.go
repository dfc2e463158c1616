package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// dataSource contains the code that both data sources share.
type dataSource struct {
	data *providerData
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

// dataSourceModel contains the attributes of a connection in both data sources.
type dataSourceModel struct {
	commonModel
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
}

func (m *dataSourceModel) set(c connection.Connection) {
	m.commonModel.set(c)
	m.LastSyncedAt = types.StringNull()
	if c.LastSyncedAt != nil {
		m.LastSyncedAt = types.StringValue(c.LastSyncedAt.Format(time.RFC3339Nano))
	}
}

func dataSourceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":         schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the connection in Wintro."},
		"company_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Numeric ID of the Recruitee company."},
		"name":       schema.StringAttribute{Computed: true, MarkdownDescription: "Label of the connection in Wintro's settings."},
		"enabled":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether Wintro syncs the connection's vacancies."},
		"status": schema.StringAttribute{Computed: true, MarkdownDescription: "Whether the connection works, as far as Wintro knows: `active`, `disabled`, " +
			"`pending` (Wintro's first check has not finished) or `invalid` (Wintro can't log in to Recruitee, which it may notice days late)."},
		"api_token_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the Recruitee token that Wintro stores: " +
			"`SHA256:` and the unpadded base64 of its SHA-256. Null if Wintro doesn't report it."},
		"company_name":   schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the Recruitee company, as Wintro last read it. Null until Wintro has read it."},
		"created_at":     schema.StringAttribute{Computed: true, MarkdownDescription: "When the connection was created (RFC 3339)."},
		"last_synced_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When Wintro last read the vacancies (RFC 3339). Null before the first sync."},
	}
}

// readTimeout returns the timeouts block of a data source. It doesn't use timeouts.Block, whose errors quote an invalid
// value, which may be a token.
func readTimeout(description string) schema.Block {
	return schema.SingleNestedBlock{
		CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{isDuration}},
		},
	}
}
