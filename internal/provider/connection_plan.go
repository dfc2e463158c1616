package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// ModifyPlan checks the token while planning, and plans the attributes that the link decides.
func (r *connectionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan connectionModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	token := tokenIn(ctx, req.Config, &resp.Diagnostics)
	ctx, cancel := limited(ctx, plan.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	// A link for a company or a token that is not known yet can be planned, but not checked. Where
	// Terraform can put it off until they are known, it is checked then.
	if req.State.Raw.IsNull() && req.ClientCapabilities.DeferralAllowed && (plan.CompanyID.IsUnknown() || token.unknown()) {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonResourceConfigUnknown}
		return
	}
	planner := planner{data: r.data, token: token, creates: req.State.Raw.IsNull(), diags: &resp.Diagnostics}
	r.data.sayOnceThatNothingIsVerified(&resp.Diagnostics)

	if planner.creates {
		planner.create(ctx, plan)
		return
	}
	var state connectionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	applied, diags := lastApplied(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	// With another company the link is replaced: Terraform plans that again, as a creation.
	if resp.Diagnostics.HasError() || !plan.CompanyID.Equal(state.CompanyID) {
		return
	}
	before := plan
	planner.update(ctx, &plan, state, applied)
	if !plan.equal(before) {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

// planner plans one connection.
type planner struct {
	data  *providerData
	token token
	// creates tells whether there is no link yet.
	creates bool
	diags   *diag.Diagnostics
}

func (p planner) create(ctx context.Context, plan connectionModel) {
	if !p.token.configured {
		explainMissingToken(p.token.path).asErrors(p.diags)
		return
	}
	p.verify(ctx, plan, true)
}

func (p planner) update(ctx context.Context, plan *connectionModel, state connectionModel, applied string) {
	plan.keepComputed(state)
	rotation := connection.Rotation{
		Managed:        p.token.configured,
		Token:          p.token.value,
		Held:           state.APITokenFingerprint.ValueString(),
		Applied:        applied,
		Versioned:      !plan.APITokenWOVersion.IsNull(),
		VersionChanged: !plan.APITokenWOVersion.Equal(state.APITokenWOVersion),
	}
	if rotation.Versioned && rotation.VersionChanged && !p.token.configured {
		explainVersionWithoutToken().asErrors(p.diags)
		return
	}
	wanted := plan.wanted(p.token)
	due := connection.Due{Token: rotation.Due(), Check: plan.asksMoreThan(state)}
	change := connection.Compare(state.link(), wanted, due)

	// Read has checked a token that is in state, unless what is asked of it has changed since.
	unseen := p.token.writeOnly || rotation.Changed() || change.Enabled || due.Check
	refuted := false
	if unseen && (wanted.Enabled || change.SendToken) {
		refuted = p.verify(ctx, *plan, rotation.Changed()).Refuted()
	}
	change.Verify = change.Verify || refuted
	plan.expect(change, refuted, p.token)
}

// verify checks the token for the planned company, as far as both are known. What is wrong with a token
// that is new here is an error: applying it can only fail. What is wrong with one that was applied
// before is drift: a warning, and never in the way of the plan.
func (p planner) verify(ctx context.Context, plan connectionModel, isNew bool) connection.Finding {
	if p.data == nil || p.data.service == nil {
		return connection.Unchecked
	}
	if !p.token.known() || plan.CompanyID.IsUnknown() || plan.RequireAdministrator.IsUnknown() {
		return connection.Unchecked
	}
	verification := p.data.service.VerifyPlanned(ctx, plan.wanted(p.token), p.creates)
	messages := explainPlanned(verification, connectionPaths(p.token))
	if isNew && verification.Finding.Refuted() {
		messages = explain(verification.Err, connectionPaths(p.token))
		messages.asErrors(p.diags)
		return verification.Finding
	}
	messages.asWarnings(p.diags)
	return verification.Finding
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

// expect plans the computed attributes that a change will change. refuted tells whether the plan has
// found that the token doesn't work.
func (m *connectionModel) expect(change connection.Change, refuted bool, t token) {
	if m.Enabled.IsUnknown() {
		// Then it isn't known either whether the token will be sent.
		change.SendToken, change.Verify = t.configured, true
	}
	wanted := string(connection.HealthyStatus(m.Enabled.ValueBool()))
	switch {
	case m.Enabled.IsUnknown():
		m.Status = types.StringUnknown()
	case change.Any() && m.Status.ValueString() != wanted:
		m.Status = types.StringValue(wanted)
	case refuted:
		// In state the status is the wanted one: a token that is in no state only a plan can check.
		m.Status = types.StringUnknown()
	}
	if change.SendToken {
		m.APITokenFingerprint = types.StringUnknown()
		if t.known() && !t.writeOnly {
			// A write-only value may be another one when it is applied.
			m.APITokenFingerprint = types.StringValue(connection.Fingerprint(t.value))
		}
	}
	if change.Verify {
		m.Company = types.ObjectUnknown(companyTypes)
		m.TokenOwner = types.ObjectUnknown(ownerTypes)
	}
}
