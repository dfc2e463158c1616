package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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

	_ resource.ResourceWithValidateConfig = (*connectionResource)(nil)
)

func newConnectionResource() resource.Resource { return &connectionResource{} }

func (r *connectionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recruitee_connection"
}

func (r *connectionResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = dataOf(req.ProviderData, &resp.Diagnostics)
}

func (r *connectionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var configured timeouts.Value
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, pathTimeouts, &configured)...)
	checkTimeouts(configured.Object, &resp.Diagnostics)
}

func (r *connectionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := plan.tokenOf(writeOnlyToken(ctx, req.Config, &resp.Diagnostics))
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, defaultCreateTimeout, &resp.Diagnostics)
	defer cancel()
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	planned := plan
	save := func(created connection.Connection) {
		plan.set(created)
		plan.keepPlanned(planned)
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{plan.ID})...)
		saveSentToken(ctx, resp.Private, token, &resp.Diagnostics)
		saveOrganisation(ctx, resp.Private, created, &resp.Diagnostics)
	}
	created, notes, err := service.Create(ctx, plan.spec(token), save)
	if created.ID != "" {
		save(created)
	}
	explain(errors.Join(notes...), connectionPaths(token)).asWarnings(&resp.Diagnostics)
	explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
}

func (r *connectionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	last := state.current(ctx, req.Private, &resp.Diagnostics)
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
	token := state.tokenOf(types.StringNull())
	read, err := service.Read(ctx, last, token.value, state.RequireAdministrator.ValueBool())
	if gone, ok := errors.AsType[*connection.GoneError](err); ok {
		resp.State.RemoveResource(ctx)
		explainRemoved(gone).asWarnings(&resp.Diagnostics)
		return
	}
	if err != nil {
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	saveOrganisation(ctx, resp.Private, read, &resp.Diagnostics)
	state.set(read)
	if !state.equal(before) {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

func (r *connectionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	writeOnly := writeOnlyToken(ctx, req.Config, &resp.Diagnostics)
	planned := loadPrivate[plannedUpdate](ctx, req.Private, plannedKey, &resp.Diagnostics)
	if !planned.TokenConfigured {
		writeOnly = types.StringNull()
	}
	token := plan.tokenOf(writeOnly)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, defaultUpdateTimeout, &resp.Diagnostics)
	defer cancel()
	before := state.current(ctx, req.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{state.ID})...)
	savePrivate(ctx, resp.Private, plannedKey, plannedUpdate{}, &resp.Diagnostics)
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	args := plan.arguments(state)
	current, notes, err := service.Update(ctx, before, connection.Change{
		Spec:    plan.spec(token),
		MaySend: plan.APITokenFingerprint.IsUnknown() || plan.APITokenFingerprint.ValueString() == token.fingerprint(),
		Verify:  planned.Verify || args.RaisingRole || args.VersionChanged,
	})
	isHeld := token.isKnown() && current.TokenFingerprint == token.fingerprint()
	sent := isHeld && current.TokenFingerprint != before.TokenFingerprint
	if sent || err == nil && isHeld {
		saveSentToken(ctx, resp.Private, token, &resp.Diagnostics)
	}
	saveOrganisation(ctx, resp.Private, current, &resp.Diagnostics)
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
	result := plan
	result.set(current)
	result.keepPlanned(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
	explain(errors.Join(notes...), connectionPaths(token)).asWarnings(&resp.Diagnostics)
}

func (r *connectionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Delete, defaultDeleteTimeout, &resp.Diagnostics)
	defer cancel()
	current := state.current(ctx, req.Private, &resp.Diagnostics)
	service, ok := r.data.getWintroService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	explain(service.Delete(ctx, current), connectionPaths(state.tokenOf(types.StringNull()))).asErrors(&resp.Diagnostics)
}

// withTimeout gives an operation its time.
func withTimeout(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), usual time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, usual)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}
