package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// ModifyPlan plans the computed attributes by the law in connection.PlanUpdate, and says what is wrong on
// both sides.
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
	// A connection for a company or a token that is not known yet can be planned, but not verified. If
	// Terraform can put it off until they are known, it is verified then.
	if isNew && req.ClientCapabilities.DeferralAllowed && (plan.CompanyID.IsUnknown() || token.isUnknown()) {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonResourceConfigUnknown}
		return
	}
	planner := planner{data: r.data, token: token, diags: &resp.Diagnostics}
	r.data.warnOnceThatVerificationIsOff(&resp.Diagnostics)
	if isNew {
		planner.create(ctx, plan)
		return
	}
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	sent := loadPrivate[sentToken](ctx, req.Private, sentTokenKey, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// With another company the connection is replaced: Terraform plans that again, as a creation, and drops
	// what that says but for errors.
	if !plan.CompanyID.Equal(state.CompanyID) {
		planner.create(ctx, plan)
		return
	}
	before := plan
	isEmpty, alarm := planner.update(ctx, &plan, state, sent.Fingerprint)
	if !isEmpty {
		savePrivate(ctx, resp.Private, plannedKey, plannedUpdate{TokenConfigured: token.configured, Verify: alarm}, &resp.Diagnostics)
	}
	if !plan.equal(before) {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

// planner plans one connection.
type planner struct {
	data  *providerData
	token token
	diags *diag.Diagnostics
}

// create says what is wrong with a connection that is to be created. Its computed attributes stay unknown.
func (p planner) create(ctx context.Context, plan connectionModel) {
	if !p.token.configured {
		explainMissingToken(plan.CompanyID.ValueString(), p.token.path).asErrors(p.diags)
		return
	}
	if plan.CompanyID.IsUnknown() {
		return
	}
	explainLookUp := p.startLookUp(ctx, plan)
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

// update plans the computed attributes. It reports whether the plan is empty, and whether it raises the alarm.
func (p planner) update(ctx context.Context, plan *connectionModel, state connectionModel, lastSent string) (isEmpty, alarm bool) {
	args := plan.arguments(state)
	prior := state.connection()
	token := connection.Token{Configured: p.token.configured, Fingerprint: p.token.fingerprint()}
	planned := connection.PlanUpdate(prior, lastSent, args)
	if args.VersionChanged && args.Versioned && !p.token.configured {
		explainVersionWithoutToken(prior.CompanyID).asErrors(p.diags)
	}

	var verification connection.Verification
	if planned.NeedsVerifying(prior, args, token) {
		verification = p.verify(ctx, *plan)
	}
	if verification.IsRejected() && token.IsNew(prior, lastSent, args) {
		explain(verification.Err, connectionPaths(p.token)).asErrors(p.diags)
	} else {
		explainDrift(prior, args, p.token, verification).asWarnings(p.diags)
	}

	planned, alarm = planned.WithRejectedToken(prior, args, token, verification)
	plan.keepComputed(state)
	if planned.Status == "" {
		plan.Status = types.StringUnknown()
	} else {
		plan.Status = types.StringValue(string(planned.Status))
	}
	if planned.FingerprintUnknown {
		plan.APITokenFingerprint = types.StringUnknown()
	} else {
		plan.APITokenFingerprint = textOrNull(planned.Fingerprint)
	}
	return planned.IsEmpty, alarm
}

// canAsk reports whether the provider is configured and the settings of both systems are known.
func (p planner) canAsk() bool {
	return p.data.service != nil && len(p.data.unknownSettings()) == 0
}

// verify verifies the token for the planned company. Both are known.
func (p planner) verify(ctx context.Context, plan connectionModel) connection.Verification {
	if !p.canAsk() {
		return connection.Verification{}
	}
	return p.data.service.Verify(ctx, plan.spec(p.token), connection.Planning)
}

// startLookUp asks Wintro whether the connection can be created, while Recruitee is asked about the token. What
// could not be asked is asked again by apply.
func (p planner) startLookUp(ctx context.Context, plan connectionModel) (explain func()) {
	if !p.canAsk() {
		return func() {}
	}
	service, ok := p.data.getWintroService(p.diags)
	if !ok {
		return func() {}
	}
	answered := make(chan error, 1)
	go func() { answered <- service.LookUp(ctx, plan.CompanyID.ValueString()) }()
	return func() { explainLookUp(<-answered, connectionPaths(p.token), p.diags) }
}
