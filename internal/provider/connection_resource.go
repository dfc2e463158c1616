package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// connectionResource is the resource wintro_recruitee_connection.
type connectionResource struct {
	data *providerData
}

var (
	_ resource.ResourceWithConfigure   = (*connectionResource)(nil)
	_ resource.ResourceWithIdentity    = (*connectionResource)(nil)
	_ resource.ResourceWithImportState = (*connectionResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*connectionResource)(nil)
)

func newConnectionResource() resource.Resource { return &connectionResource{} }

func (r *connectionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connection"
}

func (r *connectionResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*providerData)
}

func (r *connectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := tokenIn(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := limited(ctx, plan.Timeouts.Create, defaultCreateTimeout, &resp.Diagnostics)
	defer cancel()
	service, ready := r.data.ready(&resp.Diagnostics)
	if !ready || resp.Diagnostics.HasError() {
		return
	}

	save := func(made connection.Connection) {
		plan.set(made)
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{plan.ID})...)
		resp.Diagnostics.Append(rememberApplied(ctx, resp.Private, token)...)
	}
	made, err := service.Create(ctx, plan.wanted(token), save)
	if made.ID != "" {
		save(made)
	}
	messages := explain(err, connectionPaths(token))
	// The link exists: an error would make Terraform replace it, and waiting is all it needs.
	if pending(err) {
		messages.asWarnings(&resp.Diagnostics)
		return
	}
	messages.asErrors(&resp.Diagnostics)
}

func (r *connectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := limited(ctx, state.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity even of a link that turns out to be gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{state.ID})...)
	if r.data.unknownSettings() {
		explainUnread(r.data.unknown).asWarnings(&resp.Diagnostics)
		return
	}
	service, ready := r.data.ready(&resp.Diagnostics)
	if !ready {
		return
	}

	before := state
	// An import knows only the ID.
	if state.RequireAdministrator.IsNull() {
		state.RequireAdministrator = types.BoolValue(true)
	}
	token := state.token()
	read, verification, err := service.Read(ctx, state.link(), token.value, state.RequireAdministrator.ValueBool())
	if gone := (*connection.GoneError)(nil); errors.As(err, &gone) {
		resp.State.RemoveResource(ctx)
		explainRemoved(gone).asWarnings(&resp.Diagnostics)
		return
	}
	if err != nil {
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	explainDrift(read, verification, connectionPaths(token)).asWarnings(&resp.Diagnostics)
	state.set(read)
	if !state.equal(before) {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

func (r *connectionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := tokenIn(ctx, req.Config, &resp.Diagnostics)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := limited(ctx, plan.Timeouts.Update, defaultUpdateTimeout, &resp.Diagnostics)
	defer cancel()
	service, ready := r.data.ready(&resp.Diagnostics)
	if !ready || resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{state.ID})...)
	// What the plan has decided shows in what it expects to change.
	due := connection.Due{
		Token: !plan.APITokenFingerprint.Equal(state.APITokenFingerprint),
		Check: plan.Status.IsUnknown() || plan.asksMoreThan(state),
	}
	is, err := service.Update(ctx, state.link(), plan.wanted(token), due)
	sent := token.known() && is.TokenFingerprint == connection.Fingerprint(token.value)
	if sent {
		resp.Diagnostics.Append(rememberApplied(ctx, resp.Private, token)...)
	}
	if err != nil {
		// What was not applied stays as it was in state, so that the next plan applies it.
		if sent {
			state.APIToken, state.APITokenWOVersion = plan.APIToken, plan.APITokenWOVersion
		}
		state.set(is)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	plan.set(is)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *connectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := limited(ctx, state.Timeouts.Delete, defaultDeleteTimeout, &resp.Diagnostics)
	defer cancel()
	service, ready := r.data.ready(&resp.Diagnostics)
	if !ready || resp.Diagnostics.HasError() {
		return
	}
	explain(service.Delete(ctx, state.ID.ValueString()), connectionPaths(state.token())).asErrors(&resp.Diagnostics)
}

// limited gives an operation its time.
func limited(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), usual time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, usual)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}

func pending(err error) bool {
	var unhealthy *connection.NotHealthyError
	return errors.As(err, &unhealthy) && unhealthy.Status == connection.Pending
}
