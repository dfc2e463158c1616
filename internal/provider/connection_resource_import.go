package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// identityModel is the resource identity of a connection, which never changes.
type identityModel struct {
	ID types.String `tfsdk:"id"`
}

func (r *connectionResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				Description:       "ID of the connection in Wintro.",
				RequiredForImport: true,
			},
		},
	}
}

// byCompany is the prefix of an import ID that names a company instead of a connection.
const byCompany = "company_id="

// ImportState finds a connection by its ID, by its identity, or by its company. It saves only the ID, because Terraform
// then calls Read, which saves the other attributes.
func (r *connectionResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, at := req.ID, path.Empty()
	if id == "" && req.Identity != nil {
		var identity types.String
		// If the ID is empty, Terraform passes a null identity. GetAttribute accepts it, but Get returns an error.
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, pathID, &identity)...)
		id, at = identity.ValueString(), pathID
	}
	companyID, isCompany := strings.CutPrefix(id, byCompany)
	check, named := connection.CheckID, id
	if isCompany {
		check, named, id = connection.CheckCompanyID, companyID, ""
	}
	if named == "" {
		explainNothingToImport(at).asErrors(&resp.Diagnostics)
	} else if err := check(named); err != nil {
		explainNotImportable(at, err).asErrors(&resp.Diagnostics)
	}
	ctx, cancel := context.WithTimeout(ctx, defaultReadTimeout)
	defer cancel()
	service, ok := r.data.getWintroService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	found, err := findConnection(ctx, service, id, companyID)
	if err != nil {
		explainImport(err, id, at).asErrors(&resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, pathID, found.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{types.StringValue(found.ID)})...)
}
