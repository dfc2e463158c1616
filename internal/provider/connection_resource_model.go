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

// connectionModel contains the attributes of wintro_recruitee_connection in a plan or a state.
type connectionModel struct {
	commonModel
	APIToken types.String `tfsdk:"api_token"`
	// APITokenWO is always null, because plans and states contain no write-only arguments. The framework needs the field.
	APITokenWO           types.String   `tfsdk:"api_token_wo"`
	APITokenWOVersion    types.String   `tfsdk:"api_token_wo_version"`
	RequireAdministrator types.Bool     `tfsdk:"require_administrator"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

// commonModel contains the attributes that the resource and the data sources share.
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

// equal reports whether two models are the same. Read and ModifyPlan use it to skip setting an unchanged state or plan,
// because a comparison is cheaper.
func (m connectionModel) equal(other connectionModel) bool {
	return reflect.DeepEqual(m, other)
}

// set copies a connection into the model. In a connectionModel, the arguments that Wintro doesn't store keep their
// values, such as require_administrator and timeouts.
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

// keepPlanned restores the planned values, because the result of an apply may only make unknown values known. If an
// actual value differs, the next plan shows the difference.
func (m *connectionModel) keepPlanned(planned connectionModel) {
	for _, text := range []struct{ actual, planned *types.String }{
		{&m.ID, &planned.ID}, {&m.CompanyID, &planned.CompanyID}, {&m.Name, &planned.Name}, {&m.Status, &planned.Status},
		{&m.APITokenFingerprint, &planned.APITokenFingerprint}, {&m.CompanyName, &planned.CompanyName}, {&m.CreatedAt, &planned.CreatedAt},
	} {
		if !text.planned.IsUnknown() {
			*text.actual = *text.planned
		}
	}
	if !planned.Enabled.IsUnknown() {
		m.Enabled = planned.Enabled
	}
}

// current returns the connection in a state, with the organisation from private state. An invalid ID is an error,
// because a user may have edited the state, and IDs become part of request paths.
func (m *connectionModel) current(ctx context.Context, private privateState, diags *diag.Diagnostics) connection.Connection {
	if err := connection.CheckID(m.ID.ValueString()); err != nil {
		explainInvalid(pathID, err).asErrors(diags)
	}
	// After an import, the state contains only the connection's ID.
	if !m.CompanyID.IsNull() {
		if err := connection.CheckCompanyID(m.CompanyID.ValueString()); err != nil {
			explainInvalid(pathCompanyID, err).asErrors(diags)
		}
	}
	conn := m.connection()
	conn.OrganisationID = loadPrivate[organisation](ctx, private, organisationKey, diags).ID
	return conn
}

// connection converts a state to a connection. Don't call it for a plan, which may contain unknown values.
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

// planned returns only the planned fingerprint, because connection.Service.Update doesn't use the other fields.
func (m *connectionModel) planned() connection.Planned {
	return connection.Planned{
		Fingerprint:          m.APITokenFingerprint.ValueString(),
		IsFingerprintUnknown: m.APITokenFingerprint.IsUnknown(),
	}
}

// spec returns the connection that a plan asks for, with the token from the configuration.
func (m *connectionModel) spec(t configuredToken) connection.Spec {
	return connection.Spec{
		CompanyID:            m.CompanyID.ValueString(),
		Name:                 m.Name.ValueString(),
		Enabled:              m.Enabled.ValueBool(),
		RequireAdministrator: m.RequireAdministrator.ValueBool(),
		Token:                t.value,
	}
}

// configuredToken describes the Recruitee API token in a configuration. In Read and Delete, which get no configuration,
// it describes api_token in state.
type configuredToken struct {
	// path is the path of the attribute that contains the token, or of api_token_wo if no token is configured.
	path path.Path
	// value is "" if the token is unknown or not configured.
	value string
	// configured reports whether the configuration contains a token, even if its value is unknown.
	configured bool
}

func (t configuredToken) isKnown() bool   { return t.value != "" }
func (t configuredToken) isUnknown() bool { return t.configured && t.value == "" }

// fingerprint returns "" if the token is unknown or not configured.
func (t configuredToken) fingerprint() string {
	if !t.isKnown() {
		return ""
	}
	return connection.Fingerprint(t.value)
}

// tokenOf returns api_token or, if api_token is null, writeOnly, which is the value of api_token_wo in the
// configuration. It also registers the token as a secret, so that no message contains the token.
func (m *connectionModel) tokenOf(writeOnly types.String) configuredToken {
	t := configuredToken{pathAPIToken, m.APIToken.ValueString(), true}
	if m.APIToken.IsNull() {
		t = configuredToken{pathAPITokenWO, writeOnly.ValueString(), !writeOnly.IsNull()}
	}
	connection.RememberSecret(t.value)
	return t
}

// writeOnlyToken returns api_token_wo. It reads the configuration, because a plan contains no write-only arguments.
func writeOnlyToken(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	var writeOnly types.String
	diags.Append(config.GetAttribute(ctx, pathAPITokenWO, &writeOnly)...)
	return writeOnly
}

// hasUnknownArgument reports whether any argument in a plan is unknown, including timeouts. If timeouts were left out,
// the first plan could plan a known status. The second plan may turn out to be empty and then mark the status as
// unknown, which the planning rules forbid.
func (m *connectionModel) hasUnknownArgument() bool {
	arguments := []attr.Value{m.CompanyID, m.APIToken, m.APITokenWOVersion, m.Name, m.Enabled, m.RequireAdministrator, m.Timeouts}
	arguments = slices.AppendSeq(arguments, maps.Values(m.Timeouts.Attributes()))
	return slices.ContainsFunc(arguments, attr.Value.IsUnknown)
}

// arguments returns the facts that connection.PlanUpdate needs about the arguments of a plan, and how they differ from
// the state.
func (m *connectionModel) arguments(state connectionModel) connection.Arguments {
	if m.hasUnknownArgument() {
		return connection.Arguments{IsUnknown: true}
	}
	before := *m
	before.keepComputed(state)
	args := connection.Arguments{
		IsChanged:             !before.equal(state),
		IsEnabled:             m.Enabled.ValueBool(),
		IsEnabling:            m.Enabled.ValueBool() && !state.Enabled.ValueBool(),
		RequiresAdministrator: m.RequireAdministrator.ValueBool(),
		RaisingRole:           m.RequireAdministrator.ValueBool() && !state.RequireAdministrator.ValueBool(),
		IsVersioned:           !m.APITokenWOVersion.IsNull(),
		VersionChanged:        !m.APITokenWOVersion.Equal(state.APITokenWOVersion),
	}
	if !m.APIToken.IsNull() {
		args.PlainFingerprint = connection.Fingerprint(m.APIToken.ValueString())
	}
	return args
}

// keepComputed copies the computed attributes from the state.
func (m *connectionModel) keepComputed(state connectionModel) {
	m.ID = state.ID
	m.Status = state.Status
	m.APITokenFingerprint = state.APITokenFingerprint
	m.CompanyName = state.CompanyName
	m.CreatedAt = state.CreatedAt
}

// noTimeouts returns the timeouts of a resource without a timeouts block.
func noTimeouts() timeouts.Value {
	return timeouts.Value{Object: types.ObjectNull(timeoutsType.AttrTypes)}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
