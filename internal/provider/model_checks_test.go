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

// applied is the result of applying a change to a resource.
type applied struct {
	planned, final *change
	said
	// quiet reports whether no event happened between the plan and the apply.
	quiet bool
}

// ofBugs matches the words that Terraform and the framework use for bugs in providers.
var ofBugs = regexp.MustCompile(`(?i)\bbug\b|always an error|always a problem|provider developer|report this|inconsistent|internal error`)

// emailAddress matches the email addresses of the sandbox's users, which all end in ".example".
var emailAddress = regexp.MustCompile(`[a-z0-9.-]+@[a-z0-9.-]+\.example`)

// checkSaid fails if a message mentions a bug in the provider, or if a message, private state or an attribute contains
// a secret. It also fails if an attribute contains an email address.
func (m *model) checkSaid(when string, diagnostics []*tfprotov6.Diagnostic, o object, private []byte) {
	for _, d := range diagnostics {
		if ofBugs.MatchString(d.Summary + " " + d.Detail) {
			m.fail(when+": speaks of a bug: "+d.Summary, "%s: %s: %s", when, d.Summary, d.Detail)
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
			m.fail(when+": an address of e-mail in "+name, "%s: %s", name, value)
		}
	}
}

func (m *model) expectNoSecret(where, text string) {
	if text == "" {
		return
	}
	for _, secret := range m.systems.Secrets() {
		if strings.Contains(text, secret) {
			m.fail("a secret: "+where, "there is a secret in %s", where)
		}
	}
}

// checkPlan checks that a plan depends only on prior state, private state and the configuration without write-only
// values. Both systems, and write-only values, may add errors and warnings. If the plan is otherwise empty, they may
// also mark status and fingerprint as unknown.
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
				m.fail("planning rules: a creation knows "+name, "%s: the plan of a creation knows %s", when, name)
			}
		}
		return
	}

	before, after := planned.before.value, planned.after
	isEmptyOtherwise, isUnknown := true, false
	for _, name := range schema.names() {
		attribute := schema.attributes[name]
		// timeouts is a block, which counts as unknown if any of its values is unknown.
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
	isAlarm := isEmptyOtherwise && !after[status].IsKnown() && !after[fingerprint].IsKnown()
	if isUnknown || isAlarm {
		rule(!after[status].IsKnown() && !after[fingerprint].IsKnown(), "an argument is unknown, but status or fingerprint isn't")
		return
	}
	rule(textOf(after, status) == string(connection.HealthyStatus(isTrue(after["enabled"]))), "the status isn't what enabled wants")
	switch plain := textOf(after, string(asPlain)); {
	case plain != "":
		rule(textOf(after, fingerprint) == connection.Fingerprint(plain), "the fingerprint isn't the plain token's")
	case after[version].IsNull():
		rule(!after[fingerprint].IsKnown(), "without a version, the fingerprint is known")
	default:
		rule(!after[fingerprint].IsKnown() || after[fingerprint].Equal(before[fingerprint]), "under a version, the fingerprint is another one")
		rule(!after[fingerprint].IsKnown() || after[version].Equal(before[version]), "the version changes, but not the fingerprint")
	}
}

// checkEmptyPlan fails if a plan is empty and has no warnings, although a connection differs from its configuration.
func (m *model) checkEmptyPlan(r *modelResource, planned *change, options planOptions) {
	if planned.action != noOp || len(planned.warnings) > 0 || r.removed || options.noRefresh || options.minimalRefresh || options.providerUnknown || m.systems.unreachable {
		return
	}
	if wrong := m.wrong(r); wrong != "" {
		m.fail("an empty plan, though "+wrong, "the plan for %s is empty and warns of nothing, though %s", r.name, wrong)
	}
}

// checkPlanError fails if a plan ends in an error although the only problem is drift.
func (m *model) checkPlanError(r *modelResource, options planOptions, errs []string) {
	c, there := m.systems.connectionOf(r)
	isThere := r.state.current != nil && !r.state.current.tainted && there && c.AtsCompanyID == textOf(r.state.current.value, "company_id")
	if r.removed || m.systems.unreachable || options.replace || options.providerUnknown || !isThere {
		return
	}
	if a := r.config.arguments["company_id"]; a.planned != r.companyID() || c.AtsCompanyID != r.companyID() {
		return
	}
	// Recruitee may refuse the configured token if it is neither the token that Wintro stores nor the last one that was
	// sent.
	token := r.configured()
	isHeld := m.systems.HoldsToken(c.ID, token)
	if options.noRefresh || options.minimalRefresh {
		isHeld = connection.Fingerprint(token) == textOf(r.state.current.value, "api_token_fingerprint")
	}
	isNew := token != "" && connection.Fingerprint(token) != r.lastSent && !isHeld
	version := r.config.arguments["api_token_wo_version"]
	keepsVersion := version == known(nil) || version.planned == textOf(r.state.current.value, "api_token_wo_version")
	if !isNew && keepsVersion {
		m.fail("planning rules: drift is in the way of a plan", "%s: %q", r.name, errs)
	}
}

// checkApplied checks the result of an apply for one resource.
func (m *model) checkApplied(r *modelResource, done applied) {
	m.checkSentTokens(r, done)
	c, there := m.systems.connectionOf(r)
	is := r.state.current
	if is != nil && is.tainted && done.final != nil && done.final.action != updateIt {
		m.note("    tainted")
		// Terraform will replace a tainted connection. That is right only if the new connection is invalid, or if this
		// connection was already tainted before the apply.
		old := done.planned.before
		wasTainted := old != nil && old.tainted && textOf(old.value, "id") == textOf(is.value, "id")
		if !wasTainted && (!there || c.Status != contract.ConnectionInvalid) {
			m.fail("planning rules: tainted, though it is "+c.Status, "%s is tainted, and in Wintro %q: %v", r.name, c.Status, done.errs)
		}
	}
	planned := done.planned
	isUpdated := done.final != nil && done.final.action == updateIt && len(done.warnings) == 0 && m.systems.sawAnswer(c.ID)
	isPredicted := done.quiet && !m.systems.unreachable && len(done.warnings) == 0 && len(planned.warnings) == 0
	switch {
	case done.errs != nil:
		if isPredicted && m.nothingExcuses(r, planned, c) {
			m.fail("an apply fails that its plan has not warned of", "%s: %q", r.name, done.errs)
		}
		return
	case isPredicted && planned.action != noOp && r.removed && there:
		m.fail("removed, and there still is a connection", "%s was removed, and Wintro still has the connection", r.name)
	case isPredicted && planned.action != noOp && !r.removed:
		if wrong := m.wrong(r); wrong != "" {
			m.fail("applied, though "+wrong, "%s was applied without a warning, though %s", r.name, wrong)
		}
		isUpdated = true
	}
	if isUpdated && there && is != nil {
		if wrong := m.anotherThan(c, is.value); wrong != "" {
			m.fail("applied, and in state is another "+wrong, "%s: Wintro has another %s than state", r.name, wrong)
		}
	}
}

// sawAnswer reports whether Wintro has returned 200 to a request for this connection since the requests were cleared.
func (s *systems) sawAnswer(id string) bool {
	return slices.ContainsFunc(s.Requests().To(sandbox.Wintro).At(id), func(r sandbox.Request) bool { return r.Status == 200 })
}

// anotherThan returns the name of an attribute whose value in state differs from Wintro's, or "" if there is none.
func (m *model) anotherThan(c contract.Connection, state object) string {
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

// nothingExcuses reports whether the plan knew everything that the apply depends on. If it did, the apply must not
// fail.
func (m *model) nothingExcuses(r *modelResource, planned *change, c contract.Connection) bool {
	isInactive := c.Enabled && c.Status == contract.ConnectionInactive
	return m.script.verification == connection.VerifyPlan && r.config.timeouts == nil && r.configured() != "" && !isInactive &&
		planned.action != createThenDelete && connectionSchema().resource.unknowns(planned.config.values) == nil
}

// checkSentTokens fails if the provider sent Wintro a token that Recruitee refuses, or didn't save the fingerprint of a
// token that Wintro accepted. It also records the last token that Wintro accepted.
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
				m.fail("a token was sent that Recruitee refuses", "the %s token of %s was sent to Wintro", name, r.name)
			}
			if done.errs == nil && !strings.Contains(privateText(r.state.current.private), request.TokenFingerprint) {
				m.fail("a token was sent, but not recorded", "the private state of %s has no fingerprint of the %s token", r.name, name)
			}
		}
	}
}

// checkConnections fails if a connection isn't in state, or if a company has two connections.
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
		// In Wintro's settings, a user can move a connection to a company that already has one.
		wasMoved := slices.ContainsFunc(m.systems.resources, func(r *modelResource) bool { return c.AtsCompanyID == r.spareID() })
		if perCompany[c.AtsCompanyID] > 1 && !wasMoved {
			m.fail("two connections for a company", "company %s has two connections", c.AtsCompanyID)
		}
		isImported := slices.ContainsFunc(m.systems.resources, func(r *modelResource) bool { return c.ID == r.importID })
		if !inState[c.ID] && !m.systems.lost && !isImported {
			m.fail("a connection is in no state", "the connection of company %s is in no state", c.AtsCompanyID)
		}
	}
}

// checkConverged checks the last plan, which must be empty.
func (m *model) checkConverged(changes map[*modelResource]*change) {
	for _, r := range m.resources {
		planned := changes[r]
		if planned.action != noOp || planned.deposed != nil {
			m.fail("fixed, and the third plan isn't empty: "+string(planned.action), "%s: %s", r.name, planned.action)
		}
		if len(planned.warnings) > 0 {
			m.fail("fixed, and the third plan warns", "%s: %v", r.name, planned.warnings)
		}
		if wrong := m.wrong(r); wrong != "" {
			m.fail("fixed, though "+wrong, "%s: %s", r.name, wrong)
		}
	}
}

// wrong describes a difference from the configuration that a plan can find. It returns "" if there is none.
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
		return "the connection is another company's"
	case !r.config.ignores("name") && c.Name != wants("name", defaultName):
		return "the name is another one"
	case !r.config.ignores("enabled") && c.Enabled != wants("enabled", true):
		return "enabled is another one"
	case c.Enabled && c.Status != contract.ConnectionActive:
		return "Wintro's status is " + c.Status
	case token == "" || !c.Enabled:
		return ""
	case !holds && c.TokenFingerprint != nil && wants("api_token_wo_version", nil) == nil && !r.config.ignores("api_token_wo_version"):
		return "Wintro holds another token than the configured one"
	case holds && !r.config.tokenUnknown && !r.config.ignores("require_administrator") && m.script.verification == connection.VerifyPlan && !m.systems.accepts(token, c.AtsCompanyID, required):
		return "Recruitee refuses the token that is held and configured"
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
