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
	resourceBase
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

func (r *connectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := tokenIn(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, defaultCreateTimeout, &resp.Diagnostics)
	defer cancel()
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	save := func(made connection.Connection) {
		plan.set(made)
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{plan.ID})...)
		resp.Diagnostics.Append(saveSentToken(ctx, resp.Private, token)...)
		resp.Diagnostics.Append(saveOrganisation(ctx, resp.Private, made)...)
	}
	made, err := service.Create(ctx, plan.spec(token), save)
	if made.ID != "" {
		save(made)
	}
	messages := explain(err, connectionPaths(token))
	// The connection exists: an error would make Terraform replace it, and waiting is all it needs.
	if isPending(err) {
		messages.asWarnings(&resp.Diagnostics)
		return
	}
	messages.asErrors(&resp.Diagnostics)
}

func (r *connectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	// The framework wants an identity even of a connection that turns out to be gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{state.ID})...)
	if unknown := r.data.unknownSettings(); len(unknown) > 0 {
		explainUnread(unknown).asWarnings(&resp.Diagnostics)
		return
	}
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok {
		return
	}

	before := state
	// An import knows only the ID.
	if state.RequireAdministrator.IsNull() {
		state.RequireAdministrator = types.BoolValue(true)
	}
	token := state.token()
	last := state.connection()
	var diags diag.Diagnostics
	last.OrganisationID, diags = loadOrganisation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	read, verification, err := service.Read(ctx, last, token.value, state.RequireAdministrator.ValueBool())
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
	resp.Diagnostics.Append(saveOrganisation(ctx, resp.Private, read)...)
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
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, defaultUpdateTimeout, &resp.Diagnostics)
	defer cancel()
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{state.ID})...)
	before := state.connection()
	var diags diag.Diagnostics
	before.OrganisationID, diags = loadOrganisation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	current, err := service.Update(ctx, before, plan.spec(token), reasonsPlanned(plan, state))
	sent := token.isKnown() && current.TokenFingerprint == connection.Fingerprint(token.value)
	if sent {
		resp.Diagnostics.Append(saveSentToken(ctx, resp.Private, token)...)
	}
	if err != nil {
		// What was not applied stays as it was in state, so that the next plan applies it.
		if sent {
			state.APIToken, state.APITokenWOVersion = plan.APIToken, plan.APITokenWOVersion
		}
		state.set(current)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	plan.set(current)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *connectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Delete, defaultDeleteTimeout, &resp.Diagnostics)
	defer cancel()
	organisation, diags := loadOrganisation(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	service, ok := r.data.getWintroService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	current := state.connection()
	current.OrganisationID = organisation
	explain(service.Delete(ctx, current), connectionPaths(state.token())).asErrors(&resp.Diagnostics)
}

// withTimeout gives an operation its time.
func withTimeout(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), usual time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, usual)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}

func isPending(err error) bool {
	var unhealthy *connection.NotHealthyError
	return errors.As(err, &unhealthy) && unhealthy.Status == connection.Pending
}
