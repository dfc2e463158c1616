package provider

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// This file contains the checks that each sequence runs in addition to Terraform's rules.

// applied contains the result of applying a change to a resource. The model adds planned and quiet.
type applied struct {
	planned, final *change
	reported
	// quiet reports whether the plan must have predicted the result of the apply.
	quiet bool
}

// ofBugs matches words in messages with which Terraform and the framework report a bug in a provider.
var ofBugs = regexp.MustCompile(`(?i)\bbug\b|always an error|always a problem|provider developer|report this|inconsistent|internal error`)

// emailAddress matches the email addresses of the sandbox's users, which all end in ".example".
var emailAddress = regexp.MustCompile(`[a-z0-9.-]+@[a-z0-9.-]+\.example`)

// checkOutput fails if a message mentions a bug in the provider, or if a message, private state or an attribute contains
// a secret. It also fails if an attribute contains an email address.
func (m *model) checkOutput(when string, diagnostics []*tfprotov6.Diagnostic, o object, private []byte) {
	for _, d := range diagnostics {
		if ofBugs.MatchString(d.Summary + " " + d.Detail) {
			m.fail(when+": mentions a bug: "+d.Summary, "%s: %s: %s", when, d.Summary, d.Detail)
		}
		m.expectNoSecret(when+", in a message", d.Summary+" "+d.Detail)
	}
	m.expectNoSecret(when+", in private state", privateText(private))
	for name, value := range o {
		if name == string(asPlain) || !value.IsKnown() || value.IsNull() {
			continue
		}
		m.expectNoSecret(when+", in "+name, value.String())
		if emailAddress.MatchString(value.String()) {
			m.fail(when+": an email address in "+name, "%s: %s", name, value)
		}
	}
}

func (m *model) expectNoSecret(where, text string) {
	if text == "" {
		return
	}
	for _, secret := range m.systems.Secrets() {
		if strings.Contains(text, secret) {
			m.fail("a secret: "+where, "found a secret: %s", where)
		}
	}
}

// checkPlan checks the planned values of computed attributes, which must follow from prior state, private state and the
// configuration without write-only values. Both systems and write-only values may make only status and
// api_token_fingerprint unknown, and only if the plan is otherwise empty.
func (m *model) checkPlan(when string, planned *change) {
	const status, fingerprint, version = "status", "api_token_fingerprint", "api_token_wo_version"
	schema := connectionSchema().resource
	onlyComputed := func(name string) bool {
		attribute := schema.attributes[name]
		return attribute != nil && attribute.Computed && !attribute.Optional
	}
	switch {
	case planned.action == noOp:
		return
	case planned.action != updateIt:
		for _, name := range schema.names() {
			if onlyComputed(name) && planned.after[name].IsKnown() {
				m.fail("planning rules: a create knows "+name, "%s: the plan of a create knows %s", when, name)
			}
		}
		return
	}

	before, after := planned.before.value, planned.after
	isEmptyOtherwise, isUnknown := true, false
	for _, name := range schema.names() {
		attribute := schema.attributes[name]
		// Timeouts are a block, so attribute is nil. The block counts as unknown if any of its values is unknown.
		isUnknown = isUnknown || (attribute == nil || !attribute.WriteOnly) && !planned.given[name].IsFullyKnown()
		if name == status || name == fingerprint {
			continue
		}
		isEmptyOtherwise = isEmptyOtherwise && after[name].Equal(before[name])
		if onlyComputed(name) && !after[name].Equal(before[name]) {
			m.fail("planning rules: an update changes "+name, "%s: %s was %s, and is planned as %s", when, name, describe(before[name]), describe(after[name]))
		}
	}
	rule := func(is bool, class string) {
		if !is {
			m.fail("planning rules: "+class, "%s: status %s -> %s, fingerprint %s -> %s", when, describe(before[status]), describe(after[status]),
				describe(before[fingerprint]), describe(after[fingerprint]))
		}
	}
	isMarked := isEmptyOtherwise && !after[status].IsKnown() && !after[fingerprint].IsKnown()
	if isUnknown || isMarked {
		rule(!after[status].IsKnown() && !after[fingerprint].IsKnown(), "an argument is unknown, but status or fingerprint isn't")
		return
	}
	rule(textOf(after, status) == string(connection.HealthyStatus(isTrue(after["enabled"]))), "the status doesn't match enabled")
	switch plain := textOf(after, string(asPlain)); {
	case plain != "":
		rule(textOf(after, fingerprint) == connection.Fingerprint(plain), "the fingerprint isn't the plain token's")
	case after[version].IsNull():
		rule(!after[fingerprint].IsKnown(), "without a version, the fingerprint is known")
	default:
		rule(!after[fingerprint].IsKnown() || after[fingerprint].Equal(before[fingerprint]), "with a version, the planned fingerprint is a new known value")
		rule(!after[fingerprint].IsKnown() || after[version].Equal(before[version]), "the version changes, but not the fingerprint")
	}
}

// checkEmptyPlan fails if the plan for a resource is empty and has no warnings, although the connection differs from
// its configuration. It accepts plans that couldn't see the difference.
func (m *model) checkEmptyPlan(r *modelResource, planned *change, options planOptions) {
	if planned.action != noOp || len(planned.warnings) > 0 || r.removed || options.noRefresh || options.minimalRefresh || options.providerUnknown || m.systems.unreachable {
		return
	}
	if wrong := m.wrong(r); wrong != "" {
		m.fail("a plan is empty, although "+wrong, "the plan for %s is empty and has no warning, although %s", r.name, wrong)
	}
}

// checkPlanError fails if a plan ends with an error although the only problem is drift, about which a plan must only
// warn.
func (m *model) checkPlanError(r *modelResource, options planOptions, errs []string) {
	c, there := m.systems.connectionOf(r)
	isThere := r.state.current != nil && !r.state.current.tainted && there && c.AtsCompanyID == textOf(r.state.current.value, "company_id")
	if r.removed || m.systems.unreachable || options.replace || options.providerUnknown || !isThere {
		return
	}
	if a := r.config.arguments["company_id"]; a.planned != r.companyID() || c.AtsCompanyID != r.companyID() {
		return
	}
	// An error is correct if the configured token is new, which means that neither state nor Wintro contains it, and
	// that it isn't the last token that the resource sent. Under the same version, a token is new only if an
	// Administrator becomes required.
	token := r.configured()
	isStored := connection.Fingerprint(token) == textOf(r.state.current.value, "api_token_fingerprint")
	if !options.noRefresh && !options.minimalRefresh {
		// If Wintro reports no fingerprint, the provider can't notice that Wintro has this token.
		isStored = isStored || c.TokenFingerprint != nil && m.systems.HoldsToken(c.ID, token)
	}
	isNew := token != "" && connection.Fingerprint(token) != r.lastSent && !isStored
	version := r.config.arguments["api_token_wo_version"]
	keepsVersion := version == known(nil) || version.planned == textOf(r.state.current.value, "api_token_wo_version")
	ignoresToken := version != known(nil) && isTrue(r.state.current.value["require_administrator"])
	if keepsVersion && (!isNew || ignoresToken) {
		m.fail("planning rules: drift blocks a plan", "%s: %q", r.name, errs)
	}
}

// checkApplied fails if a plan without warnings didn't predict the result of the apply, or if the apply tainted a
// connection without reason.
func (m *model) checkApplied(r *modelResource, done applied) {
	m.checkSentTokens(r, done)
	c, there := m.systems.connectionOf(r)
	is := r.state.current
	if is != nil && is.tainted && done.final != nil && done.final.action != updateIt {
		m.note("    tainted")
		// The next apply would replace a tainted connection, so this apply may taint the connection only if its status
		// is invalid.
		old := done.planned.before
		wasTainted := old != nil && old.tainted && textOf(old.value, "id") == textOf(is.value, "id")
		if !wasTainted && (!there || c.Status != contract.ConnectionInvalid) {
			m.fail("planning rules: a connection is tainted, although its status is "+c.Status, "%s is tainted, and its status in Wintro is %q: %v", r.name, c.Status, done.errs)
		}
	}
	planned := done.planned
	isUpdated := done.final != nil && done.final.action == updateIt && len(done.warnings) == 0 && m.systems.sawResponse(c.ID)
	isPredicted := done.quiet && !m.systems.unreachable && len(done.warnings) == 0 && len(planned.warnings) == 0
	switch {
	case done.errs != nil:
		if isPredicted && m.mustSucceed(r, planned, c) {
			m.fail("an apply fails without a warning in its plan", "%s: %q", r.name, done.errs)
		}
		return
	case isPredicted && planned.action != noOp && r.removed && there:
		m.fail("the resource was removed, but its connection still exists", "%s was removed, but Wintro still has its connection", r.name)
	case isPredicted && planned.action != noOp && !r.removed:
		if wrong := m.wrong(r); wrong != "" {
			m.fail("after an apply without warnings, "+wrong, "%s was applied without a warning, but %s", r.name, wrong)
		}
		isUpdated = true
	}
	if isUpdated && there && is != nil {
		if wrong := m.stateDifference(c, is.value); wrong != "" {
			m.fail("after an apply, state differs from Wintro in "+wrong, "%s: state and Wintro differ in %s", r.name, wrong)
		}
	}
}

// sawResponse reports whether Wintro has returned 200 to a request for this connection during the apply. The log
// contains no older requests.
func (s *systems) sawResponse(id string) bool {
	return slices.ContainsFunc(s.Requests().To(sandbox.Wintro).At(id), func(r sandbox.Request) bool { return r.Status == 200 })
}

// stateDifference returns the name of the first attribute whose value in state differs from the value in Wintro, or ""
// if no value differs.
func (m *model) stateDifference(c contract.Connection, state object) string {
	switch {
	case c.AtsCompanyID != textOf(state, "company_id"):
		return "company_id"
	case c.Name != textOf(state, "name"):
		return "name"
	case c.Enabled != isTrue(state["enabled"]):
		return "enabled"
	case c.TokenFingerprint != nil && *c.TokenFingerprint != textOf(state, "api_token_fingerprint"):
		return "api_token_fingerprint"
	}
	return ""
}

// mustSucceed reports whether the plan verified the token and knew all values, so that the apply has no reason to fail.
func (m *model) mustSucceed(r *modelResource, planned *change, c contract.Connection) bool {
	isInactive := c.Enabled && c.Status == contract.ConnectionInactive
	return m.script.verification == connection.VerifyPlan && r.config.timeouts == nil && r.configured() != "" && !isInactive &&
		planned.action != createThenDelete && connectionSchema().resource.unknowns(planned.config.values) == nil
}

// checkSentTokens fails if the provider sent Wintro a token that Recruitee rejects, or didn't save the fingerprint of a
// sent token. It also sets lastSent.
func (m *model) checkSentTokens(r *modelResource, done applied) {
	for _, request := range m.systems.Requests().To(sandbox.Wintro) {
		for name, token := range r.tokens {
			if connection.Fingerprint(token) != request.TokenFingerprint {
				continue
			}
			if request.CarriedOut {
				r.lastSent = request.TokenFingerprint
			}
			wants := done.final.after
			if m.script.verification != connection.VerifyOff && !m.systems.accepts(token, textOf(wants, "company_id"), isTrue(wants["require_administrator"])) {
				m.fail("a token was sent although Recruitee rejects it", "the %s token of %s was sent to Wintro", name, r.name)
			}
			if done.errs == nil && !strings.Contains(privateText(r.state.current.private), request.TokenFingerprint) {
				m.fail("the fingerprint of a sent token is missing from private state", "the private state of %s has no fingerprint of the %s token", r.name, name)
			}
		}
	}
}

// checkConnections fails if a connection is unexpectedly missing from state, or if a company has two connections.
func (m *model) checkConnections() {
	inState := map[string]bool{}
	for _, r := range m.systems.resources {
		for _, o := range append([]*stateObject{r.state.current}, r.state.deposed...) {
			if o != nil {
				inState[textOf(o.value, "id")] = true
			}
		}
	}
	perCompany := map[string]int{}
	for _, c := range m.systems.Connections() {
		perCompany[c.AtsCompanyID]++
		// In Wintro's settings, a user can move a connection to a company that already has a connection.
		wasMoved := slices.ContainsFunc(m.systems.resources, func(r *modelResource) bool { return c.AtsCompanyID == r.spareID() })
		if perCompany[c.AtsCompanyID] > 1 && !wasMoved {
			m.fail("two connections for a company", "company %s has two connections", c.AtsCompanyID)
		}
		isImported := slices.ContainsFunc(m.systems.resources, func(r *modelResource) bool { return c.ID == r.importID })
		if !inState[c.ID] && !m.systems.lost && !isImported {
			m.fail("a connection is missing from state", "the connection of company %s is missing from state", c.AtsCompanyID)
		}
	}
}

// checkConverged checks the last plan, which must be empty and have no warnings.
func (m *model) checkConverged(changes map[*modelResource]*change) {
	for _, r := range m.resources {
		planned := changes[r]
		if planned.action != noOp || planned.deposed != nil {
			m.fail("after the fix, the third plan isn't empty: "+string(planned.action), "%s: %s", r.name, planned.action)
		}
		if len(planned.warnings) > 0 {
			m.fail("after the fix, the third plan has warnings", "%s: %v", r.name, planned.warnings)
		}
		if wrong := m.wrong(r); wrong != "" {
			m.fail("after the fix, "+wrong, "%s: %s", r.name, wrong)
		}
	}
}

// wrong describes a difference between a connection and its configuration that a plan can find. It returns "" if there
// is no such difference.
func (m *model) wrong(r *modelResource) string {
	c, there := m.systems.connectionOf(r)
	if !there {
		return "there is no connection"
	}
	wants := func(name string, usual any) any {
		if a := r.config.arguments[name]; a.applied != nil {
			return a.applied
		}
		return usual
	}
	token := r.configured()
	holds := token != "" && m.systems.HoldsToken(c.ID, token)
	required := wants("require_administrator", true).(bool)
	switch {
	case !r.config.ignores("company_id") && c.AtsCompanyID != wants("company_id", nil):
		return "the connection belongs to another company"
	case !r.config.ignores("name") && c.Name != wants("name", defaultName):
		return "Wintro has another name"
	case !r.config.ignores("enabled") && c.Enabled != wants("enabled", true):
		return "Wintro has another value of enabled"
	case c.Enabled && c.Status != contract.ConnectionActive:
		return "Wintro's status is " + c.Status
	case token == "" && wants("api_token_wo_version", nil) != nil && !r.config.ignores("api_token_wo_version") &&
		r.lastSent != "" && c.TokenFingerprint != nil && *c.TokenFingerprint != r.lastSent:
		return "the version has no token, and Wintro stores a token that the resource didn't send"
	case token == "" || !c.Enabled:
		return ""
	case !holds && c.TokenFingerprint != nil && wants("api_token_wo_version", nil) == nil && !r.config.ignores("api_token_wo_version"):
		return "Wintro stores a token other than the configured one"
	case holds && !r.config.tokenUnknown && !r.config.ignores("require_administrator") && m.script.verification == connection.VerifyPlan && !m.systems.accepts(token, c.AtsCompanyID, required):
		return "Recruitee rejects the configured token, which Wintro stores"
	}
	return ""
}

func textOf(o object, name string) (text string) {
	if value, there := o[name]; there && value.IsKnown() && !value.IsNull() {
		_ = value.As(&text)
	}
	return text
}

func isTrue(value tftypes.Value) (flag bool) {
	if value.IsKnown() && !value.IsNull() {
		_ = value.As(&flag)
	}
	return flag
}
