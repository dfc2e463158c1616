package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const defaultSyncTimeout = 15 * time.Minute

var (
	pathConnectionID = path.Root("connection_id")
	pathTimeout      = path.Root("timeout")
)

// syncAction is the action wintro_recruitee_connection_sync.
type syncAction struct {
	data *providerData
}

var (
	_ action.ActionWithConfigure  = (*syncAction)(nil)
	_ action.ActionWithModifyPlan = (*syncAction)(nil)
)

func newSyncAction() action.Action { return &syncAction{} }

// syncModel is the action's configuration.
type syncModel struct {
	ConnectionID types.String `tfsdk:"connection_id"`
	Wait         types.Bool   `tfsdk:"wait"`
	Timeout      types.String `tfsdk:"timeout"`
}

func (a *syncAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connection_sync"
}

func (a *syncAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

func (a *syncAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts a vacancy sync, like the button *Sync Vacancies* in Wintro. Wintro itself starts a sync every four hours. " +
			"By default, the action waits for the sync, and fails if the sync fails.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "ID of the connection in Wintro.",
				Required:            true,
				Validators:          []validator.String{isConnectionID},
			},
			"wait": schema.BoolAttribute{
				MarkdownDescription: "Whether to wait for the sync to finish, and report its progress. Default: `true`.",
				Optional:            true,
			},
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long to wait, as a duration such as `5m`. If the sync takes longer, the action fails and the sync continues in Wintro. Default: `15m`.",
				Optional:            true,
				Validators:          []validator.String{isDuration},
			},
		},
	}
}

func (a *syncAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	loadSync(ctx, req.Config, &resp.Diagnostics)
}

func (a *syncAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config := loadSync(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	service, ok := a.data.getWintroService(&resp.Diagnostics)
	if !ok {
		return
	}
	limit := defaultSyncTimeout
	if !config.Timeout.IsNull() {
		limit, _ = time.ParseDuration(config.Timeout.ValueString())
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	wait := config.Wait.IsNull() || config.Wait.ValueBool()
	err := service.Sync(ctx, config.ConnectionID.ValueString(), wait, func(s connection.Sync) {
		resp.SendProgress(action.InvokeProgressEvent{Message: syncProgress(s)})
	})
	explainSync(err).asErrors(&resp.Diagnostics)
}

// loadSync reads and validates the configuration. Terraform validates an action only before it knows the values of
// variables (1.16.4), so the plan and the invocation must validate these values.
func loadSync(ctx context.Context, source tfsdk.Config, diags *diag.Diagnostics) syncModel {
	var config syncModel
	diags.Append(source.Get(ctx, &config)...)
	if config.ConnectionID.IsNull() {
		explainMissing(pathConnectionID, "The action needs the ID of a connection in Wintro.").asErrors(diags)
	}
	var resp validator.StringResponse
	isConnectionID.ValidateString(ctx, validator.StringRequest{Path: pathConnectionID, ConfigValue: config.ConnectionID}, &resp)
	isDuration.ValidateString(ctx, validator.StringRequest{Path: pathTimeout, ConfigValue: config.Timeout}, &resp)
	diags.Append(resp.Diagnostics...)
	return config
}
