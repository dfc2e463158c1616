package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"
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
	commonModel
	APIToken             types.String   `tfsdk:"api_token"`
	APITokenWO           types.String   `tfsdk:"api_token_wo"`
	APITokenWOVersion    types.String   `tfsdk:"api_token_wo_version"`
	RequireAdministrator types.Bool     `tfsdk:"require_administrator"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

// commonModel is what the resource and the data sources tell of a connection alike.
type commonModel struct {
	ID                  types.String `tfsdk:"id"`
	CompanyID           types.String `tfsdk:"company_id"`
	Name                types.String `tfsdk:"name"`
	Enabled             types.Bool   `tfsdk:"enabled"`
	Status              types.String `tfsdk:"status"`
	APITokenFingerprint types.String `tfsdk:"api_token_fingerprint"`
	CompanyName         types.String `tfsdk:"company_name"`
	CreatedAt           types.String `tfsdk:"created_at"`
}

// equal reports whether two models are the same. To set one that is costs more than to find out.
func (m connectionModel) equal(other connectionModel) bool {
	return reflect.DeepEqual(m, other)
}

// set takes over what a connection says of itself. What only the configuration says stays as it is.
func (m *commonModel) set(c connection.Connection) {
	m.ID = types.StringValue(c.ID)
	m.CompanyID = types.StringValue(c.CompanyID)
	m.Name = types.StringValue(c.Name)
	m.Enabled = types.BoolValue(c.Enabled)
	m.Status = types.StringValue(string(c.Status))
	m.APITokenFingerprint = textOrNull(c.TokenFingerprint)
	m.CreatedAt = types.StringValue(c.CreatedAt.Format(time.RFC3339Nano))
	m.CompanyName = textOrNull(c.CompanyName)
}

// keepPlanned takes back what was planned to be otherwise than it is by now: a result may only make unknown
// values known. The next plan shows the difference.
func (m *connectionModel) keepPlanned(planned connectionModel) {
	for _, text := range []struct{ is, planned *types.String }{
		{&m.ID, &planned.ID}, {&m.CompanyID, &planned.CompanyID}, {&m.Name, &planned.Name}, {&m.Status, &planned.Status},
		{&m.APITokenFingerprint, &planned.APITokenFingerprint}, {&m.CompanyName, &planned.CompanyName}, {&m.CreatedAt, &planned.CreatedAt},
	} {
		if !text.planned.IsUnknown() {
			*text.is = *text.planned
		}
	}
	if !planned.Enabled.IsUnknown() {
		m.Enabled = planned.Enabled
	}
}

// current is the connection of a state, with what private state adds to it.
func (m *connectionModel) current(ctx context.Context, private privateReader, diags *diag.Diagnostics) connection.Connection {
	conn := m.connection()
	conn.OrganisationID = loadPrivate[organisation](ctx, private, organisationKey, diags).ID
	return conn
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
		CompanyName:      m.CompanyName.ValueString(),
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

// token is the Recruitee API token that a configuration holds.
type token struct {
	// path is the attribute that holds it or, if there is none, that should.
	path path.Path
	// value is "" while it is not known, or if there is none.
	value string
	// configured reports whether there is one, known or not.
	configured bool
}

func (t token) isKnown() bool   { return t.value != "" }
func (t token) isUnknown() bool { return t.configured && t.value == "" }

// fingerprint is "" while the token is not known, or if there is none.
func (t token) fingerprint() string {
	if !t.isKnown() {
		return ""
	}
	return connection.Fingerprint(t.value)
}

// tokenOf returns api_token or, if that is null, writeOnly, which only the configuration contains. Messages won't contain
// the token.
func (m *connectionModel) tokenOf(writeOnly types.String) token {
	t := token{pathAPIToken, m.APIToken.ValueString(), true}
	if m.APIToken.IsNull() {
		t = token{pathAPITokenWO, writeOnly.ValueString(), !writeOnly.IsNull()}
	}
	connection.RememberSecret(t.value)
	return t
}

// writeOnlyToken is all that is taken from a configuration: it is in no plan.
func writeOnlyToken(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	var writeOnly types.String
	diags.Append(config.GetAttribute(ctx, pathAPITokenWO, &writeOnly)...)
	return writeOnly
}

// hasUnknownArgument reports whether any argument isn't known yet. Timeouts count, too: a plan in which nothing
// but they may change can turn out to be empty, and an empty plan may raise the alarm.
func (m *connectionModel) hasUnknownArgument() bool {
	arguments := []attr.Value{m.CompanyID, m.APIToken, m.APITokenWOVersion, m.Name, m.Enabled, m.RequireAdministrator, m.Timeouts}
	arguments = slices.AppendSeq(arguments, maps.Values(m.Timeouts.Attributes()))
	return slices.ContainsFunc(arguments, attr.Value.IsUnknown)
}

// arguments compares a plan with the state.
func (m *connectionModel) arguments(state connectionModel) connection.Arguments {
	if m.hasUnknownArgument() {
		return connection.Arguments{Unknown: true}
	}
	before := *m
	before.keepComputed(state)
	args := connection.Arguments{
		Changed:        !before.equal(state),
		Enabled:        m.Enabled.ValueBool(),
		Enabling:       m.Enabled.ValueBool() && !state.Enabled.ValueBool(),
		RaisingRole:    m.RequireAdministrator.ValueBool() && !state.RequireAdministrator.ValueBool(),
		Versioned:      !m.APITokenWOVersion.IsNull(),
		VersionChanged: !m.APITokenWOVersion.Equal(state.APITokenWOVersion),
	}
	if !m.APIToken.IsNull() {
		args.PlainFingerprint = connection.Fingerprint(m.APIToken.ValueString())
	}
	return args
}

// keepComputed plans every computed attribute to stay as it is.
func (m *connectionModel) keepComputed(state connectionModel) {
	m.ID = state.ID
	m.Status = state.Status
	m.APITokenFingerprint = state.APITokenFingerprint
	m.CompanyName = state.CompanyName
	m.CreatedAt = state.CreatedAt
}

// noTimeouts is a resource's timeouts if the configuration has none.
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
