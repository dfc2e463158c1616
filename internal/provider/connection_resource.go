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

func (r *connectionResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = dataOf(req.ProviderData, &resp.Diagnostics)
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

	spec := plan.spec(token)
	created, err := service.Create(ctx, spec)
	if err != nil {
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	saveCreated(ctx, resp, plan, created, token)
	awaited, warnings, err := service.Await(ctx, created, spec)
	if moved, ok := errors.AsType[*connection.MovedError](err); ok {
		// The error would taint the resource in state, so the next apply would delete this connection, although it may
		// always have belonged to the other company.
		resp.State.RemoveResource(ctx)
		explainCreatedForOther(moved).asErrors(&resp.Diagnostics)
		return
	}
	saveCreated(ctx, resp, plan, awaited, token)
	explain(errors.Join(warnings...), connectionPaths(token)).asWarnings(&resp.Diagnostics)
	explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
}

// saveCreated saves a new connection to state, except that planned values stay as planned. It also saves the identity,
// and the private state that later plans need.
func saveCreated(ctx context.Context, resp *resource.CreateResponse, plan connectionModel, created connection.Connection, token configuredToken) {
	result := plan
	result.set(created)
	result.keepPlanned(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, result)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{result.ID})...)
	saveSentToken(ctx, resp.Private, token, &resp.Diagnostics)
	saveOrganisation(ctx, resp.Private, created, &resp.Diagnostics)
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
	// The framework rejects a result without an identity, even if the connection no longer exists.
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
	// After an import, the state contains only the ID, so set the default.
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
	explain(service.ClaimConnection(read), connectionPaths(token)).asWarnings(&resp.Diagnostics)
	saveOrganisation(ctx, resp.Private, read, &resp.Diagnostics)
	saveReplacedToken(ctx, resp.Private, last, read, &resp.Diagnostics)
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
	service, ok := r.data.getService(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}

	result, err := service.Update(ctx, before, connection.Change{
		Spec:      plan.spec(token),
		Arguments: plan.arguments(state),
		Planned:   plan.planned(),
		IsMarked:  planned.IsMarked,
	})
	if result.HasToken {
		saveSentToken(ctx, resp.Private, token, &resp.Diagnostics)
	} else {
		saveReplacedToken(ctx, resp.Private, before, result.Connection, &resp.Diagnostics)
	}
	saveOrganisation(ctx, resp.Private, result.Connection, &resp.Diagnostics)
	if err != nil {
		// Save only the applied values, so that the next plan shows the changes that were not applied.
		if result.HasToken {
			state.APIToken, state.APITokenWOVersion = plan.APIToken, plan.APITokenWOVersion
		}
		state.set(result.Connection)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		explain(err, connectionPaths(token)).asErrors(&resp.Diagnostics)
		return
	}
	updated := plan
	updated.set(result.Connection)
	updated.keepPlanned(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, updated)...)
	explain(errors.Join(result.Warnings...), connectionPaths(token)).asWarnings(&resp.Diagnostics)
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
	err := service.Delete(ctx, current)
	if gone, ok := errors.AsType[*connection.GoneError](err); ok {
		explainNotDeleted(gone).asWarnings(&resp.Diagnostics)
		return
	}
	explain(err, connectionPaths(state.tokenOf(types.StringNull()))).asErrors(&resp.Diagnostics)
}

// withTimeout returns a context that ends after an operation's configured timeout. Without one, it ends after standard.
func withTimeout(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), standard time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, problems := configured(ctx, standard)
	diags.Append(problems...)
	return context.WithTimeout(ctx, limit)
}
