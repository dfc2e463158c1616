package provider

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// systems contains both systems. It also records facts that the sandbox doesn't report, and the resources of the
// sequence.
type systems struct {
	*sandboxtest.Server
	// reads is the number of further reads after which Wintro's pending checks end.
	reads atomic.Int64
	// owners maps tokens to the IDs of their owners.
	owners map[string]int64
	// organisationToken is the Wintro API token that the provider uses.
	organisationToken string
	// unreachable reports whether an event has happened after which correct requests may fail, such as an outage.
	unreachable bool
	// hidesFingerprints and losesResponses are never both true, because the provider can recognise its own connection
	// after a lost response only by the fingerprint.
	hidesFingerprints, losesResponses bool
	// lost reports whether state may lack a connection, for example because a create ended before Wintro's response
	// arrived.
	lost      bool
	resources []*modelResource
	// names maps tokens and fingerprints to names that are the same in each run.
	names map[string]string
}

func newSystems(server *sandboxtest.Server) *systems {
	s := &systems{Server: server, organisationToken: server.WintroToken(), owners: map[string]int64{}, names: map[string]string{}}
	s.finishChecksSoon(false)
	server.Before(func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, sandbox.WintroPath) && s.reads.Add(-1) < 0 {
			s.finishChecks()
		}
	})
	return s
}

// The names of the tokens that each resource can use.
const (
	firstToken     = "first"     // from an administrator
	secondToken    = "second"    // from the same administrator
	colleagueToken = "colleague" // from another administrator
	recruiterToken = "recruiter" // from a user who isn't an administrator
	revokedToken   = "revoked"   // from the first administrator, and revoked from the start
	foreignToken   = "foreign"   // from an administrator of another company
	newToken       = "new"       // issued by fix, if the configured token is invalid
)

// newResource adds a resource, the two companies that it can link, and all its tokens.
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
		r.tokens[name], s.owners[token] = token, id
		s.names[token], s.names[connection.Fingerprint(token)] = name+" token", "fingerprint of the "+name+" token"
	}
}

// ownerOf returns the owner of a token, and reports whether the token hasn't been revoked.
func (s *systems) ownerOf(token string) (owner sandbox.Person, isValid bool) {
	for _, company := range s.Snapshot().Companies {
		for _, person := range company.People {
			if person.ID == s.owners[token] {
				return person, slices.ContainsFunc(person.Tokens, func(t sandbox.PersonalToken) bool { return t.Value == token && !t.Revoked })
			}
		}
	}
	return sandbox.Person{}, false
}

// accepts reports whether Recruitee accepts a token for a company. If asAdministrator is true, the token's owner must
// be an Administrator.
func (s *systems) accepts(token, company string, asAdministrator bool) bool {
	owner, isValid := s.ownerOf(token)
	return isValid && strconv.FormatInt(owner.CompanyID, 10) == company && owner.Active && (!asAdministrator || owner.Administrator)
}

// connect creates a connection as a user does in Wintro's settings, so that Terraform can import it.
func (s *systems) connect(r *modelResource) string {
	return s.Connect(r.company, defaultName, r.tokens[firstToken])
}

// connectionOf returns the connection with the ID in state. If state contains no connection, it returns the company's
// connection.
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

// tokenIn returns the token that Wintro stores for a connection, or "" if the connection doesn't exist.
func (s *systems) tokenIn(id string) string {
	for token := range s.owners {
		if s.HoldsToken(id, token) {
			return token
		}
	}
	return ""
}

// named replaces tokens and fingerprints in a text with their names.
func (s *systems) named(text string) string {
	for secret, name := range s.names {
		text = strings.ReplaceAll(text, secret, "<"+name+">")
	}
	return text
}

func (s *systems) revoke(token string) {
	if _, isValid := s.ownerOf(token); isValid {
		s.RevokeToken(token)
	}
}

// An event changes a resource block, the resource's state, one or both systems, or the source of a token.
type event struct {
	what string
	// weight determines how often the event is drawn, relative to the other events.
	weight int
	happen func(s *systems, r *modelResource)
}

// onConnection returns an event that calls happen with the resource's connection, if the connection exists.
func onConnection(happen func(s *systems, r *modelResource, c contract.Connection)) func(*systems, *modelResource) {
	return func(s *systems, r *modelResource) {
		if c, there := s.connectionOf(r); there {
			happen(s, r, c)
		}
	}
}

// yield returns an event after which the source of the configured token returns the named token.
func yield(name string) func(*systems, *modelResource) {
	return func(_ *systems, r *modelResource) {
		if r.token != name {
			r.before, r.token = r.token, name
		}
	}
}

// toOwner returns an event that happens to the owner of the configured token, such as losing a role.
func toOwner(happen func(s *systems, id int64)) func(*systems, *modelResource) {
	return func(s *systems, r *modelResource) {
		if token := r.tokens[r.token]; token != "" {
			happen(s, s.owners[token])
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

// trouble returns an event after which correct requests may fail. It sets unreachable, so that the checks allow such
// failures.
func trouble(happen func(s *systems)) func(*systems, *modelResource) {
	return func(s *systems, _ *modelResource) {
		happen(s)
		s.unreachable = true
	}
}

func report(status contract.ConnectionStatus) func(*systems, *modelResource) {
	return onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.SetStatus(c.ID, status) })
}

// Wintro never finishes a check of the length longCheck by itself. With shortTimeout, the provider soon stops waiting
// for such a check.
const (
	longCheck    = -1
	shortTimeout = "300ms"
)

// shortTimeouts is the timeouts block of a resource that doesn't wait until a long check ends.
var shortTimeouts = fields{"create": shortTimeout, "update": shortTimeout}

// The order of events matters: if several events lead to the same failure, shrinking keeps the first of them.
var events = []event{
	{"the configured token is revoked", 3, func(s *systems, r *modelResource) { s.revoke(r.tokens[r.token]) }},
	{"the source returns the second token", 3, yield(secondToken)},
	{"the connection is relabelled in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.Relabel(c.ID, "By hand") })},
	{"the connection is switched on or off in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.SetEnabled(c.ID, !c.Enabled) })},
	{"the connection gets the colleague's token in Wintro", 3, onConnection(func(s *systems, r *modelResource, c contract.Connection) { s.SwapToken(c.ID, r.tokens[colleagueToken]) })},
	{"the connection is removed in Wintro", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.Disconnect(c.ID) })},
	{"the connection moves to another company", 2, onConnection(func(s *systems, r *modelResource, c contract.Connection) { s.MoveToCompany(c.ID, r.spare) })},
	{"the owner loses the role", 3, toOwner(func(s *systems, id int64) { s.SetAdministrator(id, false) })},
	{"the owner leaves", 3, toOwner(func(s *systems, id int64) { s.SetActive(id, false) })},
	{"the source returns the colleague's token", 2, yield(colleagueToken)},
	{"the source returns a recruiter's token", 2, yield(recruiterToken)},
	{"the source returns a revoked token", 2, yield(revokedToken)},
	{"the source returns a token of another company", 1, yield(foreignToken)},
	{"the source returns no token", 1, yield("")},
	{"the source returns its previous token", 3, func(_ *systems, r *modelResource) { r.before, r.token = r.token, r.before }},
	{"the token that Wintro stores is revoked", 3, onConnection(func(s *systems, _ *modelResource, c contract.Connection) { s.revoke(s.tokenIn(c.ID)) })},
	{"Wintro reports the status invalid", 3, report(contract.ConnectionInvalid)},
	{"Wintro reports the status inactive", 1, report(contract.ConnectionInactive)},
	{"Wintro reports the status frozen", 1, report("frozen")},
	{"Wintro's checks take a while", 3, func(s *systems, _ *modelResource) { s.StayPending(3) }},
	{"Wintro's checks take long", 1, func(s *systems, _ *modelResource) { s.StayPending(longCheck) }},
	{"Wintro's checks are quick", 1, func(s *systems, _ *modelResource) { s.StayPending(0); s.finishChecks() }},
	{"Wintro's logins fail", 1, trouble(func(s *systems) { s.FailLogins(true) })},
	{"Wintro reports no fingerprints", 1, func(s *systems, _ *modelResource) {
		if !s.losesResponses {
			s.hideFingerprints()
		}
	}},
	{"Wintro reports fingerprints", 1, func(s *systems, _ *modelResource) { s.ReportFingerprints(true) }},
	{"Recruitee is down", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})},
	{"Wintro is down", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusServiceUnavailable})},
	{"Recruitee's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Kind: sandbox.TooManyBare})},
	{"Wintro's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Wintro, Kind: sandbox.TooManyBare})},
	{"Wintro fails once", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusInternalServerError, Times: 1})},
	{"Wintro fails PATCH requests", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Status: http.StatusServiceUnavailable})},
	{"Wintro's responses to create requests get lost", 1, func(s *systems, r *modelResource) {
		// After a lost response, the provider needs the fingerprint to recognise the connection that it has created.
		if !s.hidesFingerprints {
			s.losesResponses = true
			fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Kind: sandbox.AnswerLost})(s, r)
		}
	}},
	{"Wintro's responses to PATCH requests get lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Kind: sandbox.AnswerLost})},
	{"Wintro's responses to DELETE requests get lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Kind: sandbox.AnswerLost})},
	{"Wintro rejects the provider's token", 1, trouble(func(s *systems) { s.SetWintroAccess(sandbox.AccessUnauthorized) })},
	{"Wintro has no endpoints for connections", 1, trouble(func(s *systems) { s.OfferConnectionsAPI(false) })},
	{"the provider gets another organisation's token", 1, trouble((*systems).changeOrganisation)},
	{"both systems recover", 1, func(s *systems, _ *modelResource) { s.recover() }},
	{"the company is renamed", 1, func(s *systems, r *modelResource) { s.RenameCompany(r.company, "Renamed") }},
}

// changeOrganisation gives the provider an API token of another organisation. Without the connection's organisation in
// private state, the provider can't notice the change, and may create a connection in the other organisation.
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

// fix repairs both systems and the configurations. If restored is true, it first restores the tokens and roles that
// events have removed. If a configured token still doesn't work, fix replaces it.
func (s *systems) fix(restored bool) {
	s.recover()
	s.StayPending(0)
	for _, c := range s.Snapshot().Connections {
		if c.OrganisationID != s.Organisations()[0].ID {
			s.Disconnect(c.ID)
		}
	}
	for _, r := range s.resources {
		if restored {
			s.restore(r)
		}
		s.forgetOtherOrganisations(r)
		s.fixResource(r)
	}
}

// restore restores the tokens and roles that events have removed.
func (s *systems) restore(r *modelResource) {
	for name, token := range r.tokens {
		owner, isValid := s.ownerOf(token)
		s.SetActive(owner.ID, true)
		s.SetAdministrator(owner.ID, name != recruiterToken)
		if !isValid && name != revokedToken {
			s.AddToken(owner.CompanyID, owner.ID, token)
		}
	}
}

// forgetOtherOrganisations removes a resource from state, as terraform state rm does, if the provider created one of
// its connections in another organisation. The provider can't find out that fix has removed this connection, because
// the token of the first organisation can't read connections of other organisations.
func (s *systems) forgetOtherOrganisations(r *modelResource) {
	for _, other := range s.Organisations()[1:] {
		for _, o := range append(r.state.deposed, r.state.current) {
			if o != nil && strings.Contains(privateText(o.private), other.ID) {
				// terraform state rm also removes the deposed objects of the first organisation.
				s.lost = s.lost || r.state.deposed != nil
				r.state = instance{}
			}
		}
	}
}

func (s *systems) fixResource(r *modelResource) {
	c := r.config.whenKnown()
	c.timeouts, c.ignoreChanges, c.createBeforeDestroy = nil, nil, false
	c.arguments["company_id"] = known(r.companyID())
	r.config, r.removed = c, false
	if is := r.state.current; is == nil || is.tainted || textOf(is.value, "company_id") != r.companyID() {
		// Remove the connections of deposed objects. Terraform would delete them only after it has created the new
		// connection, and that create would fail because a company can have only one connection.
		for _, deposed := range r.state.deposed {
			if c, there := s.Connection(textOf(deposed.value, "id")); there {
				s.Disconnect(c.ID)
			}
		}
	}
	current, there := s.connectionOf(r)
	switch {
	case !there:
		// If the import block's connection has moved to another company, no configuration can import it.
		if moved, exists := s.Connection(r.importID); exists {
			s.Disconnect(moved.ID)
		}
		r.importID = ""
	case r.state.current == nil && s.lost:
		r.importID = current.ID
	}
	// An update can't fix a status other than active and invalid, so let Wintro log in again.
	if current.Enabled && current.Status != contract.ConnectionActive && current.Status != contract.ConnectionInvalid {
		s.logIn(current.ID)
		current, _ = s.connectionOf(r)
	}
	required := c.arguments["require_administrator"].applied != false
	if c.mode == asNothing {
		delete(c.arguments, "api_token_wo_version")
		// Without fingerprints, the provider can't tell whether Wintro still stores the token that it last sent.
		isWell := (r.importID != "" || r.state.current != nil && !r.state.current.tainted) &&
			current.Status != contract.ConnectionInvalid && current.TokenFingerprint != nil &&
			current.AtsCompanyID == r.companyID() && s.accepts(s.tokenIn(current.ID), r.companyID(), required)
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

// finishChecksSoon makes Wintro's pending checks end after a few reads if soon is true. If soon is false, a long check
// never ends, so the number of polls before a timeout can't change the result.
func (s *systems) finishChecksSoon(soon bool) {
	s.reads.Store(math.MaxInt64)
	if soon {
		s.reads.Store(2)
	}
}

// finishChecks ends all pending checks in Wintro.
func (s *systems) finishChecks() {
	for _, c := range s.Connections() {
		if c.Enabled && c.Status == contract.ConnectionPending {
			s.logIn(c.ID)
		}
	}
}

// logIn lets Wintro log in to Recruitee with the token of a connection, which sets the status of the connection.
func (s *systems) logIn(id string) {
	s.SetStatus(id, contract.ConnectionActive)
	s.SwapToken(id, s.tokenIn(id))
}

// tokenMode is the name of the argument that contains the token.
type tokenMode string

const (
	asWriteOnly tokenMode = "api_token_wo"
	asPlain     tokenMode = "api_token"
	asNothing   tokenMode = "no token"
)

// argument contains the values of an argument in a resource block, which can be unknown during the plan.
type argument struct {
	// planned is the value during the plan. It is the constant unknown if the value is known only after apply, and nil
	// if the value is null.
	planned any
	// applied is the value during the apply.
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

// configuration describes the content of a resource block.
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

// whenKnown returns the configuration in which every planned value is the applied value.
func (c configuration) whenKnown() configuration {
	arguments := map[string]argument{}
	for name, a := range c.arguments {
		arguments[name] = known(a.applied)
	}
	c.arguments, c.tokenUnknown = arguments, false
	return c
}

// complete removes settings that contradict the token mode.
func (c *configuration) complete() {
	if c.mode == asPlain {
		delete(c.arguments, "api_token_wo_version")
	}
	c.tokenUnknown = c.tokenUnknown && c.mode != asNothing
}

// edits contains the events that change a resource block or taint an object. As in events, the order matters for
// shrinking.
var edits = func() (all []event) {
	add := func(weight int, what string, apply func(r *modelResource)) {
		all = append(all, event{what, weight, func(_ *systems, r *modelResource) { apply(r) }})
	}
	set := func(weight int, name string, values ...argument) {
		for _, value := range values {
			add(weight, name+" = "+value.String(), func(r *modelResource) { r.config.arguments[name] = value })
		}
	}
	for _, mode := range []tokenMode{asWriteOnly, asPlain, asNothing} {
		add(2, "the token is in "+string(mode), func(r *modelResource) { r.config.mode = mode })
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
