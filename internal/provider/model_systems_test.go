package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// systems contains both systems, and records facts about them that the sandbox doesn't report, such as the revoked
// tokens.
type systems struct {
	*sandboxtest.Server
	// finishes makes Wintro's checks end after a few reads. While it is false, a long check never ends, so that nothing
	// depends on the speed of this machine.
	finishes atomic.Bool
	reads    atomic.Int32
	owners   map[string]owner
	// revoked contains tokens. left and demoted contain the IDs of owners who left their company or lost the role of
	// administrator.
	revoked       map[string]bool
	left, demoted map[int64]bool
	// organisationToken is the Wintro API token that the provider uses.
	organisationToken string
	// unreachable reports whether correct calls may fail because of a fault in a system.
	unreachable bool
	// byHand contains the IDs of connections that were never in state.
	byHand map[string]bool
	// hidesFingerprints and losesCreations are never both true.
	hidesFingerprints, losesCreations bool
	// lost reports whether a connection may be missing from state, for example because a create ended before Wintro's
	// response arrived.
	lost      bool
	resources []*modelResource
	// names maps tokens and fingerprints, which differ from run to run, to the model's names for them.
	names map[string]string
}

// owner is the owner of a token.
type owner struct {
	id, company   int64
	administrator bool
}

func newSystems(server *sandboxtest.Server) *systems {
	s := &systems{
		Server: server, organisationToken: server.WintroToken(),
		owners: map[string]owner{}, revoked: map[string]bool{}, left: map[int64]bool{}, demoted: map[int64]bool{},
		byHand: map[string]bool{}, names: map[string]string{},
	}
	server.Before(func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, sandbox.WintroPath) && s.finishes.Load() && s.reads.Add(1) >= 3 {
			s.finishChecks()
		}
	})
	return s
}

// These constants name the tokens that the model has for each company.
const (
	firstToken     = "first"     // belongs to an administrator
	secondToken    = "second"    // belongs to the same administrator
	colleagueToken = "colleague" // belongs to another administrator
	recruiterToken = "recruiter" // belongs to a user who isn't an administrator
	revokedToken   = "revoked"   // belongs to the first administrator, and is revoked from the start
	foreignToken   = "foreign"   // belongs to an administrator of another company
	newToken       = "new"       // fixes the connection
)

// newResource adds two companies with all tokens, and returns a resource for the first company.
func (s *systems) newResource(i int) *modelResource {
	r := &modelResource{
		name: []string{"acme", "globex"}[i], company: int64(1816 + 10*i), spare: int64(1817 + 10*i),
		tokens: map[string]string{}, token: firstToken, before: firstToken,
	}
	s.AddCompany(sandbox.Company{ID: r.company})
	s.AddCompany(sandbox.Company{ID: r.spare})
	s.issue(r, r.company, true, firstToken, secondToken, revokedToken)
	s.issue(r, r.company, true, colleagueToken)
	s.issue(r, r.company, false, recruiterToken)
	s.issue(r, r.spare, true, foreignToken)
	s.revoke(r.tokens[revokedToken])
	s.resources = append(s.resources, r)
	return r
}

// issue adds an owner and issues the named tokens to that owner.
func (s *systems) issue(r *modelResource, company int64, administrator bool, names ...string) {
	id := s.AddOwner(sandbox.Owner{CompanyID: company, Administrator: administrator}).ID
	for _, name := range names {
		token := s.IssueToken(company, id)
		r.tokens[name], s.owners[token] = token, owner{id, company, administrator}
		s.names[token], s.names[connection.Fingerprint(token)] = name+" token", "fingerprint of the "+name+" token"
	}
}

// accepts reports whether Recruitee accepts a token for a company. If asAdministrator is true, its owner must be an
// administrator.
func (s *systems) accepts(token, company string, asAdministrator bool) bool {
	o := s.owners[token]
	return token != "" && strconv.FormatInt(o.company, 10) == company && !s.revoked[token] && !s.left[o.id] &&
		(!asAdministrator || o.administrator && !s.demoted[o.id])
}

// connect creates a connection as a user does in Wintro's settings, so that Terraform can import it.
func (s *systems) connect(r *modelResource) string {
	id := s.Connect(r.company, defaultName, r.tokens[firstToken])
	s.byHand[id] = true
	return id
}

// connectionOf returns the connection in state or, if there is none, the company's connection.
func (s *systems) connectionOf(r *modelResource) (contract.Connection, bool) {
	if r.state.current != nil {
		return s.Connection(textOf(r.state.current.value, "id"))
	}
	for _, c := range s.Connections() {
		if c.AtsCompanyID == r.companyID() {
			return c, true
		}
	}
	return contract.Connection{}, false
}

// has reports whether the connection exists in Wintro.
func (s *systems) has(id string) bool {
	_, there := s.Connection(id)
	return there
}

// inWintro returns the name of the token that Wintro stores for a connection, or "" if it is none of the resource's
// tokens.
func (s *systems) inWintro(r *modelResource, id string) string {
	for name, token := range r.tokens {
		if s.HoldsToken(id, token) {
			return name
		}
	}
	return ""
}

// named replaces secrets and fingerprints in a text with the model's names.
func (s *systems) named(text string) string {
	for secret, name := range s.names {
		text = strings.ReplaceAll(text, secret, "<"+name+">")
	}
	return text
}

// describe formats a value in the same way in each run.
func (s *systems) describe(value tftypes.Value) string {
	var text string
	var flag bool
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return "null"
	case value.As(&flag) == nil:
		return strconv.FormatBool(flag)
	case value.As(&text) != nil:
		return "an object"
	case s.names[text] != "":
		return "<" + s.names[text] + ">"
	case strings.ContainsAny(text, ":_") && !strings.Contains(text, " ") && !slices.Contains(connection.Statuses(), connection.Status(text)):
		// This is an ID, a time or a fingerprint, which differs from run to run.
		return "a value"
	}
	return strconv.Quote(text)
}

func (s *systems) revoke(token string) {
	if token != "" && !s.revoked[token] {
		s.revoked[token] = true
		s.RevokeToken(token)
	}
}

// An event changes one or both systems, or the source of a token.
type event struct {
	what string
	// weight is the relative frequency.
	weight int
	happen func(s *systems, r *modelResource)
}

// onConnection returns an event that changes the resource's connection, if it exists.
func onConnection(happen func(s *systems, r *modelResource, c contract.Connection)) func(*systems, *modelResource) {
	return func(s *systems, r *modelResource) {
		if c, there := s.connectionOf(r); there {
			happen(s, r, c)
		}
	}
}

// yield returns an event after which the source of the configured token yields the named one.
func yield(name string) func(*systems, *modelResource) {
	return func(_ *systems, r *modelResource) {
		if r.token != name {
			r.before, r.token = r.token, name
		}
	}
}

// toOwner returns an event that changes the owner of the configured token.
func toOwner(happen func(s *systems, id int64)) func(*systems, *modelResource) {
	return func(s *systems, r *modelResource) {
		if token := r.tokens[r.token]; token != "" {
			happen(s, s.owners[token].id)
		}
	}
}

func (s *systems) hideFingerprints() {
	s.hidesFingerprints = true
	s.ReportFingerprints(false)
}

func fault(f sandbox.Fault) func(*systems, *modelResource) {
	return trouble(func(s *systems) { s.Fail(f) })
}

// trouble returns an event after which correct calls may fail.
func trouble(happen func(s *systems)) func(*systems, *modelResource) {
	return func(s *systems, _ *modelResource) {
		happen(s)
		s.unreachable = true
	}
}

func report(status contract.ConnectionStatus) func(*systems, *modelResource) {
	return onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.SetStatus(c.ID, status) })
}

// Wintro never finishes a check of the length longCheck by itself. A resource with shortTimeout stops waiting for it
// soon.
const (
	longCheck    = -1
	shortTimeout = "300ms"
)

// shortTimeouts is the timeouts block of a resource that doesn't wait for Wintro's checks.
var shortTimeouts = fields{"create": shortTimeout, "update": shortTimeout}

// events are in order of preference. If several of them lead to the same failure, shrinking keeps the first.
var events = []event{
	{"the configured token is revoked", 3, func(s *systems, r *modelResource) { s.revoke(r.tokens[r.token]) }},
	{"the source yields the second token", 3, yield(secondToken)},
	{"the connection is relabelled in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.Relabel(c.ID, "By hand") })},
	{"the connection is switched on or off in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.SetEnabled(c.ID, !c.Enabled) })},
	{"the connection gets the colleague's token in Wintro", 3, onConnection(func(s *systems, r *modelResource, c contract.Connection) { s.SwapToken(c.ID, r.tokens[colleagueToken]) })},
	{"the connection is removed in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.Disconnect(c.ID) })},
	{"the connection moves to another company", 2, onConnection(func(s *systems, r *modelResource, c contract.Connection) { s.MoveToCompany(c.ID, r.spare) })},
	{"the owner loses the role", 3, toOwner(func(s *systems, id int64) { s.demoted[id] = true; s.SetAdministrator(id, false) })},
	{"the owner leaves", 3, toOwner(func(s *systems, id int64) { s.left[id] = true; s.SetActive(id, false) })},
	{"the source yields the colleague's token", 2, yield(colleagueToken)},
	{"the source yields a recruiter's token", 2, yield(recruiterToken)},
	{"the source yields a revoked token", 2, yield(revokedToken)},
	{"the source yields a token of another company", 1, yield(foreignToken)},
	{"the source yields no token", 1, yield("")},
	{"the source yields what it did before", 3, func(_ *systems, r *modelResource) { r.before, r.token = r.token, r.before }},
	{"the token that Wintro holds is revoked", 3, onConnection(func(s *systems, r *modelResource, c contract.Connection) { s.revoke(r.tokens[s.inWintro(r, c.ID)]) })},
	{"Wintro reports the status invalid", 3, report(contract.ConnectionInvalid)},
	{"Wintro reports the status inactive", 1, report(contract.ConnectionInactive)},
	{"Wintro reports the status frozen", 1, report("frozen")},
	{"Wintro's checks take a while", 3, func(s *systems, _ *modelResource) { s.StayPending(3) }},
	{"Wintro's checks take long", 1, func(s *systems, _ *modelResource) { s.StayPending(longCheck) }},
	{"Wintro's checks are quick", 1, func(s *systems, _ *modelResource) { s.StayPending(0); s.finishChecks() }},
	{"Wintro's logins fail", 1, trouble(func(s *systems) { s.FailLogins(true) })},
	{"Wintro reports no fingerprints", 1, func(s *systems, _ *modelResource) {
		if !s.losesCreations {
			s.hideFingerprints()
		}
	}},
	{"Wintro reports fingerprints", 1, func(s *systems, _ *modelResource) { s.ReportFingerprints(true) }},
	{"Recruitee is down", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})},
	{"Wintro is down", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusServiceUnavailable})},
	{"Recruitee's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Kind: sandbox.TooManyBare})},
	{"Wintro's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Wintro, Kind: sandbox.TooManyBare})},
	{"Wintro fails once", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusInternalServerError, Times: 1})},
	{"Wintro fails at changes", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Status: http.StatusServiceUnavailable})},
	{"Wintro's responses to create requests get lost", 1, func(s *systems, r *modelResource) {
		// After a lost response, only the fingerprint shows which token created the connection.
		if !s.hidesFingerprints {
			s.losesCreations = true
			fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Kind: sandbox.AnswerLost})(s, r)
		}
	}},
	{"Wintro's answers to changes get lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Kind: sandbox.AnswerLost})},
	{"Wintro's answers to deletions get lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Kind: sandbox.AnswerLost})},
	{"Wintro refuses the provider", 1, trouble(func(s *systems) { s.SetWintroAccess(sandbox.AccessUnauthorized) })},
	{"Wintro's endpoints are gone", 1, trouble(func(s *systems) { s.OfferConnectionsAPI(false) })},
	{"the provider gets another organisation's token", 1, trouble((*systems).changeOrganisation)},
	{"both systems are well again", 1, func(s *systems, _ *modelResource) { s.recover() }},
	{"the company is renamed", 1, func(s *systems, r *modelResource) { s.RenameCompany(r.company, "Renamed") }},
}

// changeOrganisation gives the provider a token of another organisation. If state doesn't say which organisation a
// connection belongs to, the provider can't notice the change, and creates a connection in the other organisation.
func (s *systems) changeOrganisation() {
	s.organisationToken = s.AddOrganisation("Other").Token
	for _, r := range s.resources {
		s.lost = s.lost || r.state.current == nil || r.state.current.tainted || r.state.deposed != nil
	}
}

func (s *systems) recover() {
	s.ClearFaults()
	s.FailLogins(false)
	s.SetWintroAccess(sandbox.AccessGranted)
	s.OfferConnectionsAPI(true)
	s.organisationToken = s.WintroToken()
	s.unreachable = false
}

// fix repairs both systems and the configurations. If restored is true, former tokens and roles work again. A
// configured token that doesn't work is replaced by a new one.
func (s *systems) fix(resources []*modelResource, restored bool) {
	s.recover()
	s.StayPending(0)
	if restored {
		for token, o := range s.owners {
			if s.revoked[token] && !slices.ContainsFunc(resources, func(r *modelResource) bool { return r.tokens[revokedToken] == token }) {
				s.AddToken(o.company, o.id, token)
				delete(s.revoked, token)
			}
		}
		for id := range s.demoted {
			s.SetAdministrator(id, true)
		}
		for id := range s.left {
			s.SetActive(id, true)
		}
		clear(s.demoted)
		clear(s.left)
	}
	for _, r := range resources {
		s.fixResource(r)
	}
}

func (s *systems) fixResource(r *modelResource) {
	c := r.config.whenKnown()
	c.timeouts, c.ignoreChanges, c.createBeforeDestroy = nil, nil, false
	c.arguments["company_id"] = known(r.companyID())
	r.config, r.removed = c, false
	s.leaveOtherOrganisations(r)
	if is := r.state.current; is == nil || is.tainted || textOf(is.value, "company_id") != r.companyID() {
		// Terraform would create the new connection before it deletes the deposed ones. That fails, because a company
		// can have only one connection.
		for _, deposed := range r.state.deposed {
			if id := textOf(deposed.value, "id"); s.has(id) {
				s.Disconnect(id)
			}
		}
	}
	current, there := s.connectionOf(r)
	switch {
	case !there:
		r.importID = ""
	case r.state.current == nil && s.lost:
		r.importID = current.ID
	}
	required := c.arguments["require_administrator"].applied != false
	isWell := false
	if there {
		// An update can't fix any other status, so let Wintro log in again.
		if inWintro := s.inWintro(r, current.ID); inWintro != "" && current.Enabled && current.Status != contract.ConnectionActive && current.Status != contract.ConnectionInvalid {
			s.logIn(current.ID, r.tokens[inWintro])
		}
		current, _ = s.connectionOf(r)
		// Without fingerprints, the provider can't tell whether Wintro stores another token than the last one that it
		// was sent.
		isWell = (r.importID != "" || r.state.current != nil && !r.state.current.tainted) &&
			current.Status != contract.ConnectionInvalid && current.TokenFingerprint != nil &&
			current.AtsCompanyID == r.companyID() && s.accepts(r.tokens[s.inWintro(r, current.ID)], r.companyID(), required)
	}
	if c.mode == asNothing {
		delete(c.arguments, "api_token_wo_version")
		if isWell {
			return
		}
		r.config.mode = asWriteOnly
	}
	if !s.accepts(r.tokens[r.token], r.companyID(), required) {
		s.issue(r, r.company, true, newToken)
		r.token = newToken
	}
	if c.arguments["api_token_wo_version"].applied != nil {
		c.arguments["api_token_wo_version"] = known("fixed")
	}
}

// leaveOtherOrganisations removes the connections that the provider created in another organisation by mistake, from
// Wintro and from state.
func (s *systems) leaveOtherOrganisations(r *modelResource) {
	for _, c := range s.Snapshot().Connections {
		if c.OrganisationID == s.Organisations()[0].ID {
			continue
		}
		isIt := func(o *stateObject) bool { return o != nil && textOf(o.value, "id") == c.ID }
		if c.AtsCompanyID == r.companyID() || c.AtsCompanyID == r.spareID() {
			s.Disconnect(c.ID)
		}
		r.forget(isIt)
	}
	// Also forget connections that were removed in another organisation. With its own token, the provider can't see
	// that they no longer exist.
	for _, other := range s.Organisations()[1:] {
		r.forget(func(o *stateObject) bool {
			if o == nil || !strings.Contains(privateText(o.private), other.ID) {
				return false
			}
			return !s.has(textOf(o.value, "id"))
		})
	}
}

// forget removes objects from state, as terraform state rm does.
func (r *modelResource) forget(isIt func(*stateObject) bool) {
	if isIt(r.state.current) {
		r.state.current = nil
	}
	r.state.deposed = slices.DeleteFunc(r.state.deposed, isIt)
}

// beginApply makes Wintro's checks end after a few reads if a resource waits for them.
func (s *systems) beginApply(somebodyWaits bool) {
	s.reads.Store(0)
	s.finishes.Store(somebodyWaits)
}

// finishChecks ends all pending checks in Wintro.
func (s *systems) finishChecks() {
	for _, r := range s.resources {
		for _, c := range s.Connections() {
			if inWintro := s.inWintro(r, c.ID); inWintro != "" && c.Enabled && c.Status == contract.ConnectionPending {
				s.logIn(c.ID, r.tokens[inWintro])
			}
		}
	}
}

// logIn sets the status of a connection as Wintro does when it logs in to Recruitee with the token.
func (s *systems) logIn(id, token string) {
	s.SetStatus(id, contract.ConnectionActive)
	s.SwapToken(id, token)
}

// tokenMode is the argument that contains the token in a configuration.
type tokenMode string

const (
	asWriteOnly tokenMode = "api_token_wo"
	asPlain     tokenMode = "api_token"
	asNothing   tokenMode = "no token"
)

// argument is the value of an argument in a resource block.
type argument struct {
	// planned is the value while planning. It is unknown if the value is known only after apply, and nil if it is null.
	planned any
	// applied is the value while applying.
	applied any
}

func known(value any) argument      { return argument{value, value} }
func knownLater(value any) argument { return argument{unknown, value} }

func (a argument) String() string {
	value := fmt.Sprintf("%#v", a.applied)
	if a.applied == nil {
		value = "null"
	}
	if a.planned == unknown {
		return "(known after apply) " + value
	}
	return value
}

// configuration describes a resource block.
type configuration struct {
	mode         tokenMode
	tokenUnknown bool
	// arguments maps the names of arguments to their values.
	arguments map[string]argument
	// timeouts is nil if there is no timeouts block.
	timeouts            fields
	ignoreChanges       []string
	createBeforeDestroy bool
}

func (c configuration) ignores(name string) bool { return slices.Contains(c.ignoreChanges, name) }

func (c configuration) String() string {
	parts := []string{string(c.mode)}
	if c.tokenUnknown {
		parts[0] += " (known after apply)"
	}
	for _, name := range slices.Sorted(maps.Keys(c.arguments)) {
		if a := c.arguments[name]; a != known(nil) && name != "company_id" || a.planned == unknown {
			parts = append(parts, name+" = "+a.String())
		}
	}
	if c.timeouts != nil {
		parts = append(parts, "timeouts")
	}
	for _, name := range c.ignoreChanges {
		parts = append(parts, "ignore_changes with "+name)
	}
	if c.createBeforeDestroy {
		parts = append(parts, "create_before_destroy")
	}
	return strings.Join(parts, ", ")
}

// whenKnown returns the configuration with known values in place of unknown ones.
func (c configuration) whenKnown() configuration {
	arguments := map[string]argument{}
	for name, a := range c.arguments {
		arguments[name] = known(a.applied)
	}
	c.arguments, c.tokenUnknown = arguments, false
	return c
}

// complete removes settings that contradict each other.
func (c *configuration) complete() {
	if c.mode == asPlain {
		delete(c.arguments, "api_token_wo_version")
	}
	c.tokenUnknown = c.tokenUnknown && c.mode != asNothing
}

// An edit changes a resource block or the resource's state.
type edit struct {
	what string
	// weight is the relative frequency.
	weight int
	apply  func(r *modelResource)
}

// edits are in order of preference. If several of them lead to the same failure, shrinking keeps the first.
var edits = func() (all []edit) {
	add := func(weight int, what string, apply func(r *modelResource)) {
		all = append(all, edit{what, weight, apply})
	}
	set := func(weight int, name string, values ...argument) {
		for _, value := range values {
			add(weight, name+" = "+value.String(), func(r *modelResource) { r.config.arguments[name] = value })
		}
	}
	for _, mode := range []tokenMode{asWriteOnly, asPlain, asNothing} {
		add(2, "the token is in: "+string(mode), func(r *modelResource) { r.config.mode = mode })
	}
	add(3, "the token is (known after apply)", func(r *modelResource) { r.config.tokenUnknown = true })
	set(2, "name", known("Jobs"), known(nil), knownLater("Jobs"), knownLater(defaultName), knownLater(nil))
	for _, name := range []string{"enabled", "require_administrator"} {
		set(2, name, known(false), known(true), known(nil), knownLater(true), knownLater(false), knownLater(nil))
	}
	set(2, "api_token_wo_version", known("1"), known("2"), known(nil), knownLater("1"), knownLater("2"), knownLater(nil))
	add(1, "another company", func(r *modelResource) { r.config.arguments["company_id"] = known(r.spareID()) })
	add(1, "company_id is (known after apply), and the same", func(r *modelResource) { r.config.arguments["company_id"] = knownLater(r.companyID()) })
	add(1, "company_id is (known after apply), and another one", func(r *modelResource) { r.config.arguments["company_id"] = knownLater(r.spareID()) })
	for _, timeouts := range []fields{{"create": "10m"}, shortTimeouts, {"update": unknown}, nil} {
		add(1, fmt.Sprintf("timeouts: %v", timeouts), func(r *modelResource) { r.config.timeouts = timeouts })
	}
	for _, name := range []string{"name", "enabled", "require_administrator", "api_token_wo_version", string(asWriteOnly), string(asPlain), "company_id"} {
		add(1, "ignore_changes with "+name, func(r *modelResource) { r.config.ignoreChanges = append(slices.Clone(r.config.ignoreChanges), name) })
	}
	add(2, "the resource is removed", func(r *modelResource) { r.removed = true })
	add(2, "the object is tainted", func(r *modelResource) { r.state.current = r.state.current.taint() })
	add(4, "create_before_destroy", func(r *modelResource) { r.config.createBeforeDestroy = true })
	return all
}()
