package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// ModifyPlan plans the computed attributes of an update with connection.PlanUpdate. For creates and updates, it also
// reports problems that it finds in Wintro and Recruitee.
func (r *connectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	writeOnly := writeOnlyToken(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	isNew := req.State.Raw.IsNull()
	token := plan.tokenOf(writeOnly)
	// While the company or the token is unknown, the provider can plan the connection, but can't verify the token. If
	// Terraform can defer the resource, defer it, so that a later plan verifies the token.
	if isNew && req.ClientCapabilities.DeferralAllowed && (plan.CompanyID.IsUnknown() || token.isUnknown()) {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonResourceConfigUnknown}
		return
	}
	planner := planner{data: r.data, token: token, diags: &resp.Diagnostics}
	r.data.warnOnceThatVerificationIsOff(&resp.Diagnostics)
	if isNew {
		planner.create(ctx, plan, "")
		return
	}
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	sent := loadPrivate[sentToken](ctx, req.Private, sentTokenKey, &resp.Diagnostics)
	replaced := loadPrivate[replacedTokens](ctx, req.Private, replacedTokensKey, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// A change of company replaces the connection. Terraform plans the replacement again, as a create, but drops that
	// plan's warnings. So report all problems here.
	if !plan.CompanyID.Equal(state.CompanyID) {
		planner.create(ctx, plan, state.ID.ValueString())
		return
	}
	if !plan.APIToken.IsNull() && !writeOnly.IsNull() {
		explainUnusedToken(state.CompanyID.ValueString()).asWarnings(&resp.Diagnostics)
	}
	before := plan
	isMarked := planner.update(ctx, &plan, state, sent.Fingerprint, replaced.Fingerprints)
	savePrivate(ctx, resp.Private, plannedKey, plannedUpdate{TokenConfigured: token.configured, IsMarked: isMarked}, &resp.Diagnostics)
	if !plan.equal(before) {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

// planner plans one connection, and adds errors and warnings to diags.
type planner struct {
	data  *providerData
	token configuredToken
	diags *diag.Diagnostics
}

// create reports problems with a connection that the plan would create. In the plan, the attributes that Wintro sets are
// already unknown, so create doesn't change the plan. replaced has the same meaning as in
// connection.Service.ClaimCompany.
func (p planner) create(ctx context.Context, plan connectionModel, replaced string) {
	if !p.token.configured {
		explainMissingToken(plan.CompanyID.ValueString(), p.token.path).asErrors(p.diags)
		return
	}
	if plan.CompanyID.IsUnknown() {
		return
	}
	explainLookUp := p.startLookUp(ctx, plan)
	if p.canCall() {
		explain(p.data.service.ClaimCompany(plan.CompanyID.ValueString(), replaced), connectionPaths(p.token)).asWarnings(p.diags)
	}
	if p.token.isKnown() && !plan.RequireAdministrator.IsUnknown() {
		verification := p.verify(ctx, plan)
		if verification.IsRejected() {
			explain(verification.Err, connectionPaths(p.token)).asErrors(p.diags)
		} else {
			explainUnverified(verification, connectionPaths(p.token)).asWarnings(p.diags)
		}
	}
	explainLookUp()
}

// update plans the computed attributes. isMarked has the same meaning as in connection.Change.
func (p planner) update(ctx context.Context, plan *connectionModel, state connectionModel, lastSent string, replaced []string) (isMarked bool) {
	args := plan.arguments(state)
	prior := state.connection()
	token := connection.PlannedToken{IsConfigured: p.token.configured, Fingerprint: p.token.fingerprint()}
	planned := connection.PlanUpdate(prior, lastSent, args)
	if args.VersionChanged && args.IsVersioned && !p.token.configured {
		explainNewVersionWithoutToken(prior.CompanyID).asErrors(p.diags)
	}

	var verification connection.Verification
	if planned.NeedsVerifying(prior, args, token) {
		verification = p.verify(ctx, *plan)
	}
	if verification.IsRejected() && token.IsNew(prior, append(replaced, lastSent), args) {
		explain(verification.Err, connectionPaths(p.token)).asErrors(p.diags)
	} else {
		explainDrift(prior, planned, args, p.token, verification).asWarnings(p.diags)
	}

	planned, isMarked = planned.WithRejectedToken(prior, args, token, verification)
	plan.keepComputed(state)
	if planned.Status == "" {
		plan.Status = types.StringUnknown()
	} else {
		plan.Status = types.StringValue(string(planned.Status))
	}
	if planned.IsFingerprintUnknown {
		plan.APITokenFingerprint = types.StringUnknown()
	} else {
		plan.APITokenFingerprint = textOrNull(planned.Fingerprint)
	}
	return isMarked
}

// canCall reports whether the provider is configured and the settings of both systems are known.
func (p planner) canCall() bool {
	return p.data.service != nil && len(p.data.unknownSettings()) == 0
}

// verify verifies the token for the planned company. Token and company must be known. If canCall is false, verify
// returns an empty Verification, which reports no problem.
func (p planner) verify(ctx context.Context, plan connectionModel) connection.Verification {
	if !p.canCall() {
		return connection.Verification{}
	}
	return p.data.service.Verify(ctx, plan.spec(p.token), connection.Planning)
}

// startLookUp starts to look up the company in Wintro, so that the caller can verify the token with Recruitee at the
// same time. explain waits for the look-up and reports its problems.
func (p planner) startLookUp(ctx context.Context, plan connectionModel) (explain func()) {
	if !p.canCall() {
		return func() {}
	}
	service, ok := p.data.getWintroService(p.diags)
	if !ok {
		return func() {}
	}
	done := make(chan error, 1)
	go func() { done <- service.LookUp(ctx, plan.CompanyID.ValueString()) }()
	return func() { explainLookUp(<-done, connectionPaths(p.token), p.diags) }
}
