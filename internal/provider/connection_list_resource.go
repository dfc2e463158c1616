package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionListResource is the list resource wintro_recruitee_connection, for terraform query.
type connectionListResource struct {
	connectionResource
}

var _ list.ListResourceWithConfigure = (*connectionListResource)(nil)

func newConnectionListResource() list.ListResource { return &connectionListResource{} }

// connectionListModel is the list block's configuration.
type connectionListModel struct {
	CompanyID types.String `tfsdk:"company_id"`
	Status    types.String `tfsdk:"status"`
}

func (l *connectionListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds connections between Recruitee companies and Wintro, so that you can import them.",
		Attributes: map[string]schema.Attribute{
			"company_id": schema.StringAttribute{
				MarkdownDescription: "Finds only connections of the Recruitee company with this numeric ID.",
				Optional:            true,
				Validators:          []validator.String{isCompanyID},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Finds only connections with this status: `active`, `pending`, `disabled` or `invalid`.",
				Optional:            true,
				Validators:          []validator.String{isWintroStatus},
			},
		},
	}
}

func (l *connectionListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config connectionListModel
	var diags diag.Diagnostics
	diags.Append(req.Config.Get(ctx, &config)...)
	service, ok := l.data.getWintroService(&diags)
	if !ok || diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
		defer cancel()
		all, err := listConnections(ctx, service, config.CompanyID, config.Status, int(req.Limit))
		if err != nil {
			explainFind(err).asErrors(&diags)
			push(list.ListResult{Diagnostics: diags})
			return
		}
		for _, found := range all {
			if !push(listed(ctx, req, found)) {
				return
			}
		}
	}
}

// listed returns the result for one connection. The result contains no token, because an import doesn't need one.
func listed(ctx context.Context, req list.ListRequest, found connection.Connection) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = displayName(found)
	result.Diagnostics.Append(result.Identity.Set(ctx, identityModel{types.StringValue(found.ID)})...)
	if req.IncludeResource {
		model := connectionModel{RequireAdministrator: types.BoolValue(true), Timeouts: noTimeouts()}
		model.set(found)
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}

func displayName(c connection.Connection) string {
	if c.CompanyName == "" {
		return fmt.Sprintf("%s: %s", c.CompanyID, c.Name)
	}
	return fmt.Sprintf("%s (%s): %s", c.CompanyName, c.CompanyID, c.Name)
}
