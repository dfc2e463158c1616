package provider

import (
	"context"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionModel is a wintro_recruitee_connection in configuration, plan and state.
type connectionModel struct {
	ID                   types.String   `tfsdk:"id"`
	CompanyID            types.String   `tfsdk:"company_id"`
	APIToken             types.String   `tfsdk:"api_token"`
	APITokenWO           types.String   `tfsdk:"api_token_wo"`
	APITokenWOVersion    types.String   `tfsdk:"api_token_wo_version"`
	Name                 types.String   `tfsdk:"name"`
	Enabled              types.Bool     `tfsdk:"enabled"`
	RequireAdministrator types.Bool     `tfsdk:"require_administrator"`
	Status               types.String   `tfsdk:"status"`
	APITokenFingerprint  types.String   `tfsdk:"api_token_fingerprint"`
	CreatedAt            types.String   `tfsdk:"created_at"`
	Company              types.Object   `tfsdk:"company"`
	TokenOwner           types.Object   `tfsdk:"token_owner"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

var (
	companyTypes = map[string]attr.Type{
		"id":        types.StringType,
		"name":      types.StringType,
		"subdomain": types.StringType,
	}
	ownerTypes = map[string]attr.Type{
		"id":            types.StringType,
		"email":         types.StringType,
		"name":          types.StringType,
		"role":          types.StringType,
		"administrator": types.BoolType,
	}
)

// equal tells whether two models are the same. To set one that is costs more than to find out.
func (m connectionModel) equal(other connectionModel) bool {
	return reflect.DeepEqual(m, other)
}

// set takes over what a connection says of itself. What only the configuration says stays as it is.
func (m *connectionModel) set(l connection.Connection) {
	m.ID = types.StringValue(l.ID)
	m.CompanyID = types.StringValue(l.CompanyID)
	m.Name = types.StringValue(l.Name)
	m.Enabled = types.BoolValue(l.Enabled)
	m.Status = types.StringValue(string(l.Status))
	m.APITokenFingerprint = textOrNull(l.TokenFingerprint)
	m.CreatedAt = types.StringValue(l.CreatedAt.Format(time.RFC3339Nano))
	m.Company = companyObject(l.Company)
	m.TokenOwner = ownerObject(l.Owner)
}

// connection is what the model knows of a connection. Nothing in it may be unknown.
func (m *connectionModel) connection() connection.Connection {
	created, _ := time.Parse(time.RFC3339Nano, m.CreatedAt.ValueString())
	return connection.Connection{
		ID:               m.ID.ValueString(),
		CompanyID:        m.CompanyID.ValueString(),
		Name:             m.Name.ValueString(),
		Enabled:          m.Enabled.ValueBool(),
		Status:           connection.Status(m.Status.ValueString()),
		TokenFingerprint: m.APITokenFingerprint.ValueString(),
		CreatedAt:        created,
		Company:          companyOf(m.Company),
		Owner:            ownerOf(m.TokenOwner),
	}
}

// spec is the connection that a plan or a configuration asks for, with the token from the configuration.
func (m *connectionModel) spec(t token) connection.Spec {
	return connection.Spec{
		CompanyID:            m.CompanyID.ValueString(),
		Name:                 m.Name.ValueString(),
		Enabled:              m.Enabled.ValueBool(),
		RequireAdministrator: m.RequireAdministrator.ValueBool(),
		Token:                t.value,
	}
}

// raisesRequirement reports whether an Administrator is required that wasn't before.
func (m *connectionModel) raisesRequirement(before connectionModel) bool {
	return m.RequireAdministrator.ValueBool() && !before.RequireAdministrator.ValueBool()
}

// token is the Recruitee API token that a configuration holds.
type token struct {
	// path is the attribute that holds it or, where there is none, that should.
	path path.Path
	// value is "" while it is not known, or where there is none.
	value string
	// configured tells whether there is one, known or not.
	configured bool
	// writeOnly tells whether it is in the configuration only.
	writeOnly bool
}

func (t token) isKnown() bool   { return t.value != "" }
func (t token) isUnknown() bool { return t.configured && t.value == "" }

// tokenIn finds the token in a configuration. It is all that a configuration has and a plan doesn't.
func tokenIn(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) token {
	var plain, writeOnly types.String
	diags.Append(config.GetAttribute(ctx, pathAPIToken, &plain)...)
	diags.Append(config.GetAttribute(ctx, pathAPITokenWO, &writeOnly)...)
	return tokenOf(plain, writeOnly)
}

// token is the token in state, where only a plain one can be.
func (m *connectionModel) token() token {
	return tokenOf(m.APIToken, m.APITokenWO)
}

func tokenOf(plain, writeOnly types.String) token {
	if plain.IsNull() {
		return token{pathAPITokenWO, writeOnly.ValueString(), !writeOnly.IsNull(), true}
	}
	return token{pathAPIToken, plain.ValueString(), true, false}
}

// noTimeouts is a resource's timeouts where the configuration has none.
func noTimeouts() timeouts.Value {
	names := map[string]attr.Type{}
	for _, operation := range []string{"create", "read", "update", "delete"} {
		names[operation] = types.StringType
	}
	return timeouts.Value{Object: types.ObjectNull(names)}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func companyObject(c *connection.Company) types.Object {
	if c == nil {
		return types.ObjectNull(companyTypes)
	}
	return types.ObjectValueMust(companyTypes, map[string]attr.Value{
		"id":        types.StringValue(c.ID),
		"name":      textOrNull(c.Name),
		"subdomain": textOrNull(c.Subdomain),
	})
}

func ownerObject(o *connection.Owner) types.Object {
	if o == nil {
		return types.ObjectNull(ownerTypes)
	}
	return types.ObjectValueMust(ownerTypes, map[string]attr.Value{
		"id":            types.StringValue(o.ID),
		"email":         types.StringValue(o.Email),
		"name":          types.StringValue(o.Name),
		"role":          types.StringValue(o.Role),
		"administrator": types.BoolValue(o.IsAdministrator),
	})
}

func companyOf(object types.Object) *connection.Company {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	return &connection.Company{
		ID:        textIn(object, "id"),
		Name:      textIn(object, "name"),
		Subdomain: textIn(object, "subdomain"),
	}
}

func ownerOf(object types.Object) *connection.Owner {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	administrator, _ := object.Attributes()["administrator"].(types.Bool)
	return &connection.Owner{
		ID:              textIn(object, "id"),
		Email:           textIn(object, "email"),
		Name:            textIn(object, "name"),
		Role:            textIn(object, "role"),
		IsAdministrator: administrator.ValueBool(),
	}
}

func textIn(object types.Object, name string) string {
	text, _ := object.Attributes()[name].(types.String)
	return text.ValueString()
}
