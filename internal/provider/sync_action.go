package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const defaultSyncTimeout = 15 * time.Minute

// syncAction is the action wintro_recruitee_connection_sync.
type syncAction struct {
	data *providerData
}

var _ action.ActionWithConfigure = (*syncAction)(nil)

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

func (a *syncAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.data, _ = req.ProviderData.(*providerData)
}

func (a *syncAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lets Wintro read the vacancies of a link's company now, instead of within four hours: the button *Sync vacancies* in Wintro. " +
			"A sync that fails is an error.",
		Attributes: map[string]schema.Attribute{
			"connection_id": schema.StringAttribute{
				MarkdownDescription: "ID of the connection in Wintro.",
				Required:            true,
				Validators:          []validator.String{isConnectionID},
			},
			"wait": schema.BoolAttribute{
				MarkdownDescription: "Whether to wait for the end of the sync, and to report how far it has come. Default: `true`.",
				Optional:            true,
			},
			"timeout": schema.StringAttribute{
				MarkdownDescription: "How long to wait, as a duration such as `5m`. A sync that takes longer goes on, and is an error here. Default: `15m`.",
				Optional:            true,
				Validators:          []validator.String{isDuration},
			},
		},
	}
}

func (a *syncAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config syncModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	service, ready := a.data.ready(&resp.Diagnostics)
	if !ready || resp.Diagnostics.HasError() {
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
		resp.SendProgress(action.InvokeProgressEvent{Message: progressOf(s)})
	})
	explainSync(err).asErrors(&resp.Diagnostics)
}

func progressOf(s connection.Sync) string {
	return fmt.Sprintf("Vacancy sync %s is %s: %d read so far", s.ID, s.Status, s.Vacancies)
}

func explainSync(err error) messages {
	at := path.Root("connection_id")
	var gone *connection.GoneError
	var disabled *connection.DisabledError
	var failed *connection.SyncFailedError
	var unfinished *connection.SyncUnfinishedError
	switch {
	case errors.As(err, &gone):
		return explainLookUp(err).elsewhere(at)
	case errors.As(err, &disabled):
		return messages{{at, "The link is switched off", fmt.Sprintf(
			"Wintro doesn't sync the connection %s while it is disabled. Set enabled = true on it first.", disabled.ID)}}
	case errors.As(err, &failed):
		reason := failed.Reason
		if reason == "" {
			reason = "Wintro gives no reason"
		}
		return messages{{at, "The vacancy sync failed", fmt.Sprintf(
			"The sync %s ended after %d vacancies: %s. Look at the connection in Wintro's settings; Wintro tries again within four hours.",
			failed.Sync.ID, failed.Sync.Vacancies, reason)}}
	case errors.As(err, &unfinished) && unfinished.Interrupted:
		return messages{{at, "Waiting for the vacancy sync was interrupted", fmt.Sprintf(
			"The sync %s goes on in Wintro: it was %s, with %d vacancies read.", unfinished.Sync.ID, unfinished.Sync.Status, unfinished.Sync.Vacancies)}}
	case errors.As(err, &unfinished):
		return messages{{path.Root("timeout"), "The vacancy sync takes longer", fmt.Sprintf(
			"After %s the sync %s was still %s, with %d vacancies read. It goes on in Wintro. Raise timeout, or set wait = false.",
			unfinished.Waited.Round(time.Second), unfinished.Sync.ID, unfinished.Sync.Status, unfinished.Sync.Vacancies)}}
	}
	return explain(err, paths{companyID: at})
}
