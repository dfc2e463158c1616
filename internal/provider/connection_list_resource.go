package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
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
		MarkdownDescription: "Finds the connections between Recruitee companies and Wintro, to import them.",
		Attributes: map[string]schema.Attribute{
			"company_id": schema.StringAttribute{
				MarkdownDescription: "Only the connections of the Recruitee company with this numeric ID.",
				Optional:            true,
				Validators:          []validator.String{isCompanyID},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Only connections with this status: `active`, `pending`, `disabled` or `invalid`, which are those that Wintro itself knows of.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(statusesOfWintro()...)},
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
		isWanted := func(found connection.Connection) bool {
			return config.Status.IsNull() || config.Status.ValueString() == string(found.Status)
		}
		pushed := int64(0)
		all, err := service.ListFirst(ctx, config.CompanyID.ValueString(), req.Limit, isWanted)
		if err != nil {
			explainFind(err).asErrors(&diags)
			push(list.ListResult{Diagnostics: diags})
			return
		}
		for _, found := range all {
			if !isWanted(found) {
				continue
			}
			if !push(listed(ctx, req, found)) {
				return
			}
			if pushed++; pushed == req.Limit {
				return
			}
		}
	}
}

// listed is one result. The resource in it has no token: an import doesn't need one.
func listed(ctx context.Context, req list.ListRequest, found connection.Connection) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s (%s)", found.Name, found.CompanyID)
	result.Diagnostics.Append(result.Identity.Set(ctx, identityModel{types.StringValue(found.ID)})...)
	if req.IncludeResource {
		model := connectionModel{RequireAdministrator: types.BoolValue(true), Timeouts: noTimeouts()}
		model.set(found)
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}

// statusesOfWintro are the statuses that Wintro knows of without anybody's token.
func statusesOfWintro() []string {
	return []string{string(connection.Active), string(connection.Pending), string(connection.Disabled), string(connection.Invalid)}
}
