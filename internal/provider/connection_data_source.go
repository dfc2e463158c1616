package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionDataSource is the data source wintro_recruitee_connection: one link.
type connectionDataSource struct {
	data *providerData
}

var _ datasource.DataSourceWithConfigure = (*connectionDataSource)(nil)

func newConnectionDataSource() datasource.DataSource { return &connectionDataSource{} }

// connectionDataModel is the data source's configuration and state.
type connectionDataModel struct {
	reportedModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (d *connectionDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connection"
}

func (d *connectionDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.data, _ = req.ProviderData.(*providerData)
}

func (d *connectionDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := reportedAttributes()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "ID of the connection in Wintro. Exactly one of `id` and `company_id` is set.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			isConnectionID,
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("company_id")),
		},
	}
	attributes["company_id"] = schema.StringAttribute{
		MarkdownDescription: "Numeric ID of the Recruitee company. Exactly one of `id` and `company_id` is set.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{isCompanyID},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One link between a Recruitee company and Wintro, by its ID or by its company, as Wintro reports it. " +
			"It is made for `check` blocks, preconditions and postconditions: it needs no Recruitee token, and so says nothing of the token's owner.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeouts.BlockWithOpts(ctx, timeouts.Opts{
				ReadDescription: "How long reading may take, as a duration such as `30s` or `5m`. Default: `5m`.",
			}),
		},
	}
}

func (d *connectionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config connectionDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	ctx, cancel := limited(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	service, ready := d.data.ready(&resp.Diagnostics)
	if !ready || resp.Diagnostics.HasError() {
		return
	}
	found, err := lookUp(ctx, service, config.ID.ValueString(), config.CompanyID.ValueString())
	if err != nil {
		explainLookUp(err).asErrors(&resp.Diagnostics)
		return
	}
	config.set(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// lookUp finds a link by the one of both that isn't empty.
func lookUp(ctx context.Context, service *connection.Service, id, companyID string) (connection.Connection, error) {
	if id != "" {
		return service.FindByID(ctx, id)
	}
	return service.FindByCompany(ctx, companyID)
}

// explainLookUp says what was looked for.
func explainLookUp(err error) messages {
	var gone *connection.GoneError
	var notLinked *connection.NotLinkedError
	var several *connection.SeveralError
	switch {
	case errors.As(err, &gone):
		return messages{{pathID, "There is no such link", fmt.Sprintf(
			"Wintro has no connection with the ID %s. Look for it in Wintro's settings, or look it up by company_id.", gone.ID)}}
	case errors.As(err, &notLinked):
		return messages{{pathCompanyID, "The company is not linked", fmt.Sprintf(
			"Wintro has no connection to Recruitee company %s. Check company_id, and that the provider's API token is of the Wintro organisation that the company is linked with.", notLinked.CompanyID)}}
	case errors.As(err, &several):
		return messages{{pathCompanyID, "The company is linked more than once", fmt.Sprintf(
			"Wintro has these connections to Recruitee company %s: %s. Name one by its ID, and remove the others in Wintro's settings.",
			several.CompanyID, strings.Join(several.IDs[:min(len(several.IDs), 10)], ", "))}}
	}
	return explain(err, paths{companyID: pathCompanyID})
}
