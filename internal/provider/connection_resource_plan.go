package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// ModifyPlan checks the token while planning, and plans the attributes that the connection decides.
func (r *connectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := tokenIn(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	// A connection for a company or a token that is not known yet can be planned, but not checked. Where
	// Terraform can put it off until they are known, it is checked then.
	if req.State.Raw.IsNull() && req.ClientCapabilities.DeferralAllowed && (plan.CompanyID.IsUnknown() || token.isUnknown()) {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonResourceConfigUnknown}
		return
	}
	planner := planner{data: r.data, token: token, diags: &resp.Diagnostics}
	r.data.warnOnceThatVerificationIsOff(&resp.Diagnostics)

	if req.State.Raw.IsNull() {
		planner.create(ctx, plan)
		return
	}
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	lastSent, diags := loadSentToken(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	// With another company the connection is replaced: Terraform plans that again, as a creation.
	if resp.Diagnostics.HasError() || !plan.CompanyID.Equal(state.CompanyID) {
		return
	}
	before := plan
	planner.update(ctx, &plan, state, lastSent)
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

func (p planner) create(ctx context.Context, plan connectionModel) {
	if !p.token.configured {
		explainMissingToken(p.token.path).asErrors(p.diags)
		return
	}
	explainLookUp := p.startLookUp(ctx, plan)
	p.verify(ctx, plan, true)
	explainLookUp()
}

func (p planner) update(ctx context.Context, plan *connectionModel, state connectionModel, lastSent string) {
	plan.keepComputed(state)
	rotation := connection.Rotation{
		Configured:     p.token.configured,
		Token:          p.token.value,
		InWintro:       state.APITokenFingerprint.ValueString(),
		LastSent:       lastSent,
		Versioned:      !plan.APITokenWOVersion.IsNull(),
		VersionChanged: !plan.APITokenWOVersion.Equal(state.APITokenWOVersion),
	}
	if rotation.Versioned && rotation.VersionChanged && !p.token.configured {
		explainVersionWithoutToken().asErrors(p.diags)
		return
	}
	spec := plan.spec(p.token)
	reasons := connection.Reasons{SendToken: rotation.NeedsSending(), Verify: plan.raisesRequirement(state)}
	change := connection.Compare(state.connection(), spec, reasons)

	// Read has verified a token that is in state, unless what is asked of it has changed since.
	unverified := p.token.writeOnly || rotation.IsNew() || change.Enabled || reasons.Verify
	refuted := false
	if unverified && (spec.Enabled || change.Token) {
		refuted = p.verify(ctx, *plan, rotation.IsNew())
	}
	change.Verify = change.Verify || refuted
	plan.setPlanned(change, refuted, p.token)
}

// verify verifies the token for the planned company, as far as both are known, and reports whether it was
// refuted. What is wrong with a token that is new here is an error: applying it can only fail. What is
// wrong with one that was sent before is drift: a warning, and never in the way of the plan.
func (p planner) verify(ctx context.Context, plan connectionModel, isNew bool) bool {
	if p.data == nil || len(p.data.unknownSettings()) > 0 {
		return false
	}
	if !p.token.isKnown() || plan.CompanyID.IsUnknown() || plan.RequireAdministrator.IsUnknown() {
		return false
	}
	verification := p.data.service.Verify(ctx, plan.spec(p.token), connection.Planning)
	if isNew && verification.Refuted() {
		explain(verification.Err, connectionPaths(p.token)).asErrors(p.diags)
		return true
	}
	explainPlanned(verification, connectionPaths(p.token)).asWarnings(p.diags)
	return verification.Refuted()
}

// startLookUp asks Wintro whether the connection can be created, while Recruitee is asked about the token. What
// could not be asked is asked again by apply.
func (p planner) startLookUp(ctx context.Context, plan connectionModel) (explain func()) {
	if p.data == nil || len(p.data.unknownSettings()) > 0 || plan.CompanyID.IsUnknown() {
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

// keepComputed plans every computed attribute to stay as it is.
func (m *connectionModel) keepComputed(state connectionModel) {
	m.ID = state.ID
	m.Status = state.Status
	m.APITokenFingerprint = state.APITokenFingerprint
	m.CreatedAt = state.CreatedAt
	m.Company = state.Company
	m.TokenOwner = state.TokenOwner
}

// setPlanned plans the computed attributes that a change will change. refuted reports whether the plan
// has found that the token doesn't work. What Update reads of it again, reasonsPlanned finds.
func (m *connectionModel) setPlanned(change connection.Change, refuted bool, t token) {
	if m.Enabled.IsUnknown() {
		// Then it isn't known either whether the token will be sent.
		change.Token, change.Verify = t.configured, true
	}
	healthy := string(connection.HealthyStatus(m.Enabled.ValueBool()))
	switch {
	case m.Enabled.IsUnknown():
		m.Status = types.StringUnknown()
	case !change.IsEmpty() && m.Status.ValueString() != healthy:
		m.Status = types.StringValue(healthy)
	case refuted:
		// In state the status is the healthy one: a token that is in no state only a plan can verify.
		m.Status = types.StringUnknown()
	}
	if change.Token {
		m.APITokenFingerprint = types.StringUnknown()
		if t.isKnown() && !t.writeOnly {
			// A write-only value may be another one when it is applied.
			m.APITokenFingerprint = types.StringValue(connection.Fingerprint(t.value))
		}
	}
	if change.Verify {
		m.Company = types.ObjectUnknown(companyTypes)
		m.TokenOwner = types.ObjectUnknown(ownerTypes)
	}
}

// reasonsPlanned are the reasons for an update that the plan has found. They show in what it expects to
// change.
func reasonsPlanned(plan, state connectionModel) connection.Reasons {
	return connection.Reasons{
		SendToken: !plan.APITokenFingerprint.Equal(state.APITokenFingerprint),
		Verify:    plan.Status.IsUnknown() || plan.raisesRequirement(state),
	}
}
