package provider

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// TestModel lets things happen, in any order, between what Terraform does: to the tokens and connections, to what a
// configuration takes from elsewhere, to the two systems. Whatever happens, the plan keeps its word, and once the
// world is mended two applies end in an empty plan. A sequence that fails is shrunk to the few steps that it takes.
//
//	go test ./internal/provider -run TestModel -rapid.checks 10000
func TestModel(t *testing.T) {
	t.Parallel()
	// Most of a sequence is waiting, so that several go on at the same time.
	for i := range 4 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				found := play(t)
				if found == nil || !wanted(found) {
					return
				}
				for _, line := range found.trace {
					t.Log(line)
				}
				t.Log(found.text)
				t.Fatalf("%s (%d steps)", found.class, found.steps)
			})
		})
	}
}

// The survey finds out how often what goes wrong, without shrinking.
var (
	surveyed = flag.Int("model.survey", 0, "how many sequences TestModelSurvey counts the failures of")
	only     = flag.String("model.only", "", "the failures that TestModel looks for, as a regular expression")
	except   = flag.String("model.except", "", "the failures that TestModel takes no notice of, as a regular expression")
)

func wanted(f *finding) bool {
	return *only == "" || regexp.MustCompile(*only).MatchString(f.class)
}

func TestModelSurvey(t *testing.T) {
	if *surveyed == 0 {
		t.Skip("only with -model.survey")
	}
	failures, shortest := map[string]int{}, map[string]*finding{}
	all := 0
	sequences := rapid.Custom(play)
	for seed := range *surveyed {
		if found := sequences.Example(seed + 1); found != nil {
			failures[found.class]++
			if known := shortest[found.class]; known == nil || found.steps < known.steps {
				shortest[found.class] = found
			}
			all++
		}
	}
	t.Logf("%d of %d sequences fail", all, *surveyed)
	classes := slices.SortedFunc(maps.Keys(failures), func(a, b string) int {
		return cmp.Or(failures[b]-failures[a], strings.Compare(a, b))
	})
	for _, class := range classes {
		t.Logf("%5d  %s", failures[class], class)
		t.Logf("       %s", strings.Join(shortest[class].trace, "\n       "))
		t.Logf("       %s", shortest[class].text)
	}
}

// A finding is a rule that was broken.
type finding struct {
	class, text string
	trace       []string
	steps       int
}

// model is one sequence: two systems, a Terraform, and what is known of both.
type model struct {
	t         *rapid.T
	world     *sandbox.Server
	terraform *core
	resources []*modelResource
	trace     []string
	steps     int
	// names are what tokens, fingerprints and IDs are called: real ones differ from run to run.
	names map[string]string
	// unreachable reports whether something may fail because of the systems themselves.
	unreachable bool
	// counts are how often things happened, for the survey.
	counts map[string]int
	// lost reports whether a creation may have ended before Wintro's answer was there.
	lost bool
	// revoked are tokens, and gone, demoted are their owners: of what Recruitee thinks, the model keeps its own account.
	revoked       map[string]bool
	left, demoted map[int64]bool
	owners        map[string]owner
}

// owner is whom a token belongs to.
type owner struct{ id, company int64 }

// modelResource is a company with what a resource block says about it.
type modelResource struct {
	name           string
	company, spare int64
	// tokens by the names that the model has for them.
	tokens map[string]string
	// token is the one that the configuration's source yields now, before is what it was before it was rotated.
	token, before string
	config        configuration
	state         instance
	// importID is of an import block that is not applied yet.
	importID string
}

// The tokens that there are for each company.
const (
	firstToken     = "first"     // the administrator's
	secondToken    = "second"    // the administrator's, too
	colleagueToken = "colleague" // another administrator's
	recruiterToken = "recruiter" // of somebody who is no administrator
	revokedToken   = "revoked"   // the administrator's, revoked from the beginning
	foreignToken   = "foreign"   // of another company
)

// argument is what one expression of a configuration comes to.
type argument struct {
	// planned is unknown where only the apply knows it, nil where it is null.
	planned any
	// applied is what it turns out to be where it is unknown.
	applied any
}

func known(value any) argument       { return argument{value, value} }
func knownLater(value any) argument  { return argument{unknown, value} }
func (a argument) isUnknown() bool   { return a.planned == unknown }
func (a argument) isAbsent() bool    { return a.planned == nil && a.applied == nil }
func (a argument) mended() argument  { return known(a.applied) }
func (a argument) is(value any) bool { return a.applied == value }

func (a argument) String() string {
	switch {
	case a.isUnknown():
		return fmt.Sprintf("(known after apply: %v)", a.applied)
	default:
		return fmt.Sprint(a.planned)
	}
}

type tokenMode string

const (
	asWriteOnly tokenMode = "api_token_wo"
	asPlain     tokenMode = "api_token"
	asNothing   tokenMode = "no token"
)

// configuration is a resource block.
type configuration struct {
	mode         tokenMode
	tokenUnknown bool
	// arguments by their names.
	arguments map[string]argument
	// timeouts are nil where there is no such block.
	timeouts            fields
	ignoreChanges       []string
	createBeforeDestroy bool
	hasConditions       bool
}

func (c configuration) String() string {
	parts := []string{string(c.mode)}
	if c.tokenUnknown {
		parts[0] += " (known after apply)"
	}
	for _, name := range slices.Sorted(maps.Keys(c.arguments)) {
		if !c.arguments[name].isAbsent() {
			parts = append(parts, name+" = "+c.arguments[name].String())
		}
	}
	if c.timeouts != nil {
		parts = append(parts, fmt.Sprintf("timeouts %v", c.timeouts))
	}
	if c.ignoreChanges != nil {
		parts = append(parts, fmt.Sprintf("ignore_changes = %v", c.ignoreChanges))
	}
	if c.createBeforeDestroy {
		parts = append(parts, "create_before_destroy")
	}
	if c.hasConditions {
		parts = append(parts, "a postcondition")
	}
	return strings.Join(parts, ", ")
}

// values are those of the resource block, while planning or while applying.
func (r *modelResource) values(applying bool) object {
	set := fields{}
	for name, a := range r.config.arguments {
		set[name] = a.planned
		if applying {
			set[name] = a.applied
		}
	}
	if r.config.mode != asNothing {
		set[string(r.config.mode)] = r.tokens[r.token]
		if r.config.tokenUnknown && !applying {
			set[string(r.config.mode)] = unknown
		}
	}
	if r.config.timeouts != nil {
		timeouts := maps.Clone(r.config.timeouts)
		for name, value := range timeouts {
			if value == unknown && applying {
				timeouts[name] = "10m"
			}
		}
		set["timeouts"] = timeouts
	}
	return connectionSchema().resource.newObject(set)
}

func (r *modelResource) block() resourceConfig {
	return resourceConfig{
		values: r.values(false), ignoreChanges: r.config.ignoreChanges,
		createBeforeDestroy: r.config.createBeforeDestroy, hasConditions: r.config.hasConditions,
	}
}

// appliedValues are what a planned block comes to while it is applied: of what was known then, only write-only
// values can be others by now.
func (r *modelResource) appliedValues(planned object) object {
	schema := connectionSchema().resource
	now := r.values(true)
	for name, value := range planned {
		attribute := schema.attributes[name]
		if value.IsFullyKnown() && (attribute == nil || !attribute.WriteOnly) {
			now[name] = value
		}
	}
	return now
}

// play plays one sequence, and returns what it has found.
func play(t *rapid.T) (found *finding) {
	m := &model{
		t: t, names: map[string]string{}, revoked: map[string]bool{}, left: map[int64]bool{}, demoted: map[int64]bool{}, owners: map[string]owner{},
	}
	defer func() {
		switch stopped := recover().(type) {
		case nil:
		case *finding:
			stopped.trace, stopped.steps = m.trace, m.steps
			found = stopped
		default:
			panic(stopped)
		}
	}()
	m.begin()
	m.play()
	return nil
}

func (m *model) fail(class, format string, args ...any) {
	if *except != "" && regexp.MustCompile(*except).MatchString(class) {
		return
	}
	panic(&finding{class: class, text: fmt.Sprintf(format, args...)})
}

// step notes a step of the sequence. What comes after the world was mended isn't one.
func (m *model) step(format string, args ...any) {
	m.note(format, args...)
	m.steps++
}

func (m *model) note(format string, args ...any) {
	m.trace = append(m.trace, m.named(fmt.Sprintf(format, args...)))
}

// named is a text with the model's names in place of real ones.
func (m *model) named(text string) string {
	for real, name := range m.names {
		text = strings.ReplaceAll(text, real, "<"+name+">")
	}
	return text
}

func (m *model) describe(value tftypes.Value) string {
	var text string
	switch {
	case !value.IsKnown():
		return "unknown"
	case value.IsNull():
		return "null"
	case value.As(&text) == nil:
		if strings.HasPrefix(text, "SHA256:") || strings.HasPrefix(text, "conn_") || strings.Contains(text, ":") {
			return m.named("a value")
		}
		return m.named(strconv.Quote(text))
	}
	var flag bool
	if value.As(&flag) == nil {
		return strconv.FormatBool(flag)
	}
	return "an object"
}

func (m *model) begin() {
	world, err := sandbox.Serve(m.t.Context(), sandbox.New())
	if err != nil {
		m.t.Fatal(err)
	}
	m.world = world
	m.t.Cleanup(world.Close)
	m.terraform = &core{
		ctx: m.t.Context(),
		provider: fields{
			"endpoint": world.WintroEndpoint(), "recruitee_endpoint": world.RecruiteeEndpoint(), "api_token": world.WintroToken(), "max_retries": 1,
		},
		identities: rapid.SampledFrom([]bool{true, false}).Draw(m.t, "identities"),
		describe:   m.describe,
		fail:       m.fail,
		check:      m.check,
	}
	for i := range rapid.SampledFrom([]int{1, 1, 2}).Draw(m.t, "resources") {
		m.addCompany(i)
	}
}

func (m *model) addCompany(i int) {
	r := &modelResource{
		name: []string{"acme", "globex"}[i], company: int64(816 + 10*i), spare: int64(817 + 10*i), tokens: map[string]string{},
		token: firstToken, before: firstToken,
	}
	m.resources = append(m.resources, r)
	for _, id := range []int64{r.company, r.spare} {
		m.world.AddCompany(sandbox.Company{ID: id})
	}
	add := func(company int64, administrator bool, tokens ...string) {
		id := m.world.AddOwner(sandbox.Owner{CompanyID: company, Administrator: administrator}).ID
		for _, name := range tokens {
			token := m.world.IssueToken(company, id)
			r.tokens[name], m.owners[token] = token, owner{id, company}
			m.names[token], m.names[connection.Fingerprint(token)] = name+" token", "fingerprint of the "+name+" token"
		}
	}
	add(r.company, true, firstToken, secondToken, revokedToken)
	add(r.company, true, colleagueToken)
	add(r.company, false, recruiterToken)
	add(r.spare, true, foreignToken)
	m.revoke(r.tokens[revokedToken])
}

// play is the sequence itself.
func (m *model) play() {
	for _, r := range m.resources {
		m.prepare(r)
	}
	for range rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(m.t, "rounds") {
		m.round()
	}
	m.mend()
	for range 2 {
		m.note("apply, with the world mended")
		m.converge()
	}
	m.note("plan, with the world mended")
	m.expectEmptyPlan()
}

// round is one plan and its apply, and what happens before and in between.
func (m *model) round() {
	for _, r := range m.resources {
		r.config = m.drawConfiguration(r)
		m.step("%s is configured: %s", r.name, r.config)
	}
	m.happen("before the plan")
	options := planOptions{
		noRefresh: rapid.SampledFrom([]bool{false, false, false, true}).Draw(m.t, "-refresh=false"),
		replace:   rapid.SampledFrom([]bool{false, false, false, false, true}).Draw(m.t, "-replace"),
	}
	m.step("plan%s", options)
	changes, failed := m.plan(options)
	if failed {
		return
	}
	if m.happen("before the apply") {
		m.step("apply the plan")
	} else {
		m.step("apply")
	}
	m.apply(changes)
}

func (o planOptions) String() string {
	text := ""
	if o.noRefresh {
		text += " -refresh=false"
	}
	if o.replace {
		text += " -replace"
	}
	return text
}

// plan plans all resources in one process.
func (m *model) plan(options planOptions) (map[*modelResource]*change, bool) {
	process := m.terraform.start()
	changes := map[*modelResource]*change{}
	failed := false
	for _, r := range m.resources {
		block := r.block()
		options.importID = r.importID
		if err := process.validate(r.whileValidating()); err != nil {
			m.fail("validate fails", "%s: %v", r.name, err)
		}
		planned, err := process.planInstance(r.state, block, options)
		if err != nil {
			m.note("  %s: error: %s", r.name, err)
			failed = true
			continue
		}
		m.note("  %s: %s", r.name, planned.action)
		for _, warning := range planned.warnings {
			m.note("    warning: %s", firstSentence(warning))
		}
		changes[r] = planned
		if planned.action == noOp && !options.noRefresh && !m.unreachable && planned.warnings == nil {
			if wrong := m.wrong(r); wrong != "" {
				m.fail("empty plan though "+wrong, "the plan for %s is empty and has no warning, though %s", r.name, wrong)
			}
		}
	}
	return changes, failed
}

func firstSentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return first
}

// whileValidating is the configuration as `terraform validate` sees it, without any variable.
func (r *modelResource) whileValidating() object {
	values := r.values(false)
	for name := range values {
		if attribute := connectionSchema().resource.attributes[name]; attribute != nil && !values[name].IsNull() {
			values[name] = tftypes.NewValue(attribute.Type, tftypes.UnknownValue)
		}
	}
	return values
}

// apply applies a plan in one new process. It reports whether all went well.
func (m *model) apply(changes map[*modelResource]*change) bool {
	process := m.terraform.start()
	m.world.ClearRequests()
	allWell := true
	for _, r := range m.resources {
		planned := changes[r]
		before := r.state
		state, final, warnings, err := process.applyInstance(planned, r.appliedValues(planned.config.values))
		r.state, r.importID = state, ""
		if err != nil {
			allWell = false
			// Whoever gives a creation too little time finds the connection in Wintro, and imports it.
			m.lost = m.lost || strings.Contains(err.Error(), "time was up")
			m.note("  %s: error: %s", r.name, err)
		} else {
			m.note("  %s: done", r.name)
		}
		for _, warning := range warnings {
			m.note("    warning: %s", firstSentence(warning))
		}
		_ = before
		_ = final
		if r.state.current != nil && r.state.current.tainted {
			m.note("    tainted")
		}
		m.checkConnections(r)
	}
	m.checkSentTokens()
	return allWell
}

// checkSentTokens looks at the tokens that Wintro was sent: only what Recruitee accepts may be.
func (m *model) checkSentTokens() {
	for _, request := range m.world.Requests().To(sandbox.Wintro) {
		if request.TokenFingerprint == "" {
			continue
		}
		for _, r := range m.resources {
			for name, token := range r.tokens {
				required := !r.config.arguments["require_administrator"].is(false)
				if connection.Fingerprint(token) == request.TokenFingerprint && !m.accepts(r, token, r.config.arguments["company_id"].applied, required) {
					m.fail("a token was sent that Recruitee refuses", "the %s token of %s was sent to Wintro", name, r.name)
				}
			}
		}
	}
}

// checkConnections looks whether there is a connection for each one in state, and one for each company.
func (m *model) checkConnections(r *modelResource) {
	var ids []string
	if r.state.current != nil {
		ids = append(ids, textOf(r.state.current.value, "id"))
	}
	for _, o := range r.state.deposed {
		ids = append(ids, textOf(o.value, "id"))
	}
	perCompany := map[string]int{}
	for _, c := range m.world.Connections() {
		perCompany[c.AtsCompanyID]++
		if perCompany[c.AtsCompanyID] > 1 && !m.movedThere(c.AtsCompanyID) {
			m.fail("two connections for a company", "company %s has two connections", c.AtsCompanyID)
		}
		if c.AtsCompanyID == strconv.FormatInt(r.company, 10) && !m.lost && !slices.Contains(ids, c.ID) {
			m.fail("a connection is in no state", "the connection of %s is not in state any more", r.name)
		}
	}
}

// movedThere reports whether it is the model that has given a company a second connection.
func (m *model) movedThere(company string) bool {
	return slices.ContainsFunc(m.resources, func(r *modelResource) bool { return company == strconv.FormatInt(r.spare, 10) })
}

func textOf(o object, name string) string {
	var text string
	if value, there := o[name]; there && value.IsKnown() && !value.IsNull() {
		_ = value.As(&text)
	}
	return text
}

// converge plans and applies with the world mended.
func (m *model) converge() {
	changes, failed := m.plan(planOptions{})
	if !failed {
		m.apply(changes)
	}
}

func (m *model) expectEmptyPlan() {
	changes, failed := m.plan(planOptions{})
	if failed {
		m.fail("mended, and the third plan fails", "the plan fails")
	}
	for _, r := range m.resources {
		planned := changes[r]
		if planned.action != noOp || planned.deposed != nil {
			var was object
			if planned.before != nil {
				was = planned.before.value
			}
			m.fail(fmt.Sprintf("mended, and the third plan isn't empty: %s", planned.action), "the plan for %s: %v", r.name,
				connectionSchema().resource.changes(was, planned.after, m.describe))
		}
		if planned.warnings != nil {
			m.fail("mended, and the third plan warns", "the plan for %s warns: %v", r.name, planned.warnings)
		}
		if wrong := m.wrong(r); wrong != "" {
			m.fail("mended, and "+wrong, "%s: %s", r.name, wrong)
		}
	}
}

// wrong is what isn't as the configuration wants it, though a plan can find it out. Where something is unknown,
// a plan can't.
func (m *model) wrong(r *modelResource) string {
	c, there := m.connectionOf(r)
	wants := func(name string, usual any) any {
		if a := r.config.arguments[name]; a.applied != nil && !slices.Contains(r.config.ignoreChanges, name) {
			return a.applied
		}
		return usual
	}
	ignored := func(name string) bool { return slices.Contains(r.config.ignoreChanges, name) }
	if !there {
		return "there is no connection"
	}
	enabled := wants("enabled", true).(bool)
	switch {
	case !ignored("company_id") && c.AtsCompanyID != wants("company_id", nil):
		return "the connection is another company's"
	case !ignored("name") && c.Name != wants("name", defaultName):
		return "the name is another one"
	case !ignored("enabled") && c.Enabled != enabled:
		return "enabled is another one"
	case c.Enabled && c.Status != contract.ConnectionActive:
		return "the status is " + m.named(string(c.Status))
	case r.config.mode == asNothing || ignored(string(r.config.mode)) || !c.Enabled:
		return ""
	}
	version := r.config.arguments["api_token_wo_version"]
	holds := m.world.HoldsToken(c.ID, r.tokens[r.token])
	required := wants("require_administrator", true).(bool)
	switch {
	case version.isAbsent() && !holds && c.TokenFingerprint != nil:
		return "Wintro holds another token than the configured one"
	case holds && !ignored("require_administrator") && !m.accepts(r, r.tokens[r.token], c.AtsCompanyID, required):
		return "Recruitee refuses the token that is held and configured"
	}
	return ""
}

// accepts reports whether a token is good for the company.
func (m *model) accepts(r *modelResource, token string, company any, administrator bool) bool {
	owner := m.owners[token]
	return strconv.FormatInt(owner.company, 10) == company && !m.revoked[token] && !m.left[owner.id] &&
		(!administrator || token != r.tokens[recruiterToken] && !m.demoted[owner.id])
}

// connectionOf is the connection that is in state, or else the company's.
func (m *model) connectionOf(r *modelResource) (contract.Connection, bool) {
	if r.state.current != nil {
		return m.world.Connection(textOf(r.state.current.value, "id"))
	}
	for _, c := range m.world.Connections() {
		if c.AtsCompanyID == strconv.FormatInt(r.company, 10) {
			return c, true
		}
	}
	return contract.Connection{}, false
}

// ofBugs are words in which Terraform and the framework speak of bugs in providers.
var ofBugs = regexp.MustCompile(`(?i)\bbug\b|always an error|always a problem|provider developer|report this|inconsistent|internal error`)

// emailAddress is an address of e-mail, which is personal data.
var emailAddress = regexp.MustCompile(`[a-z0-9.-]+@[a-z0-9.-]+\.example`)

// check looks at what the provider says, and at what is going to be in a plan or in state.
func (m *model) check(when string, diagnostics []*tfprotov6.Diagnostic, o object, private []byte) {
	for _, d := range diagnostics {
		if ofBugs.MatchString(d.Summary + " " + d.Detail) {
			m.fail(when+": speaks of a bug: "+d.Summary, "%s: %s: %s", when, d.Summary, d.Detail)
		}
		m.expectNoSecret(when+" in a message", d.Summary+" "+d.Detail)
	}
	m.expectNoSecret(when+" in private state", privateText(private))
	for name, value := range o {
		if name != string(asPlain) {
			m.expectNoSecret(when+" in "+name, value.String())
			if emailAddress.MatchString(value.String()) {
				m.fail(when+": an address of e-mail in "+name, "%s: %s", name, value)
			}
		}
	}
}

func (m *model) expectNoSecret(where, text string) {
	for _, secret := range m.world.Secrets() {
		if strings.Contains(text, secret) {
			m.fail("a token: "+where, "there is a secret in %s", where)
		}
	}
}

// An event is something that happens to the world.
type event struct {
	name   string
	happen func(m *model, r *modelResource)
}

// onConnection is for what happens to a connection, where there is one.
func onConnection(happen func(m *model, r *modelResource, c contract.Connection)) func(*model, *modelResource) {
	return func(m *model, r *modelResource) {
		if c, there := m.connectionOf(r); there {
			happen(m, r, c)
		}
	}
}

// rotate lets the source of the configured token yield another one.
func rotate(to string) func(*model, *modelResource) {
	return func(_ *model, r *modelResource) {
		if r.token != to {
			r.before, r.token = r.token, to
		}
	}
}

func fault(f sandbox.Fault) func(*model, *modelResource) {
	return func(m *model, _ *modelResource) {
		m.world.Fail(f)
		m.unreachable = true
	}
}

// events are in the order in which they are preferred where several lead to the same failure.
var events = []event{
	{"the configured token is revoked", func(m *model, r *modelResource) { m.revoke(r.tokens[r.token]) }},
	{"the configured token is rotated to the second one", rotate(secondToken)},
	{"the connection is relabelled in Wintro", onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.Relabel(c.ID, "By hand") })},
	{"the connection is switched on or off in Wintro", onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.SetEnabled(c.ID, !c.Enabled) })},
	{"the connection gets the colleague's token in Wintro", onConnection(func(m *model, r *modelResource, c contract.Connection) {
		m.world.SwapToken(c.ID, r.tokens[colleagueToken])
	})},
	{"the connection is removed in Wintro", onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.Disconnect(c.ID) })},
	{"the connection moves to another company", onConnection(func(m *model, r *modelResource, c contract.Connection) { m.world.MoveToCompany(c.ID, r.spare) })},
	{"the token's owner loses the role", func(m *model, r *modelResource) { m.demote(m.owners[r.tokens[r.token]].id) }},
	{"the token's owner leaves", func(m *model, r *modelResource) { m.leave(m.owners[r.tokens[r.token]].id) }},
	{"the configured token is rotated to the colleague's", rotate(colleagueToken)},
	{"the configured token is rotated to a recruiter's", rotate(recruiterToken)},
	{"the configured token is rotated to a revoked one", rotate(revokedToken)},
	{"the configured token is rotated to another company's", rotate(foreignToken)},
	{"the configured token is rotated back", func(_ *model, r *modelResource) { r.before, r.token = r.token, r.before }},
	{"the token that Wintro holds is revoked", onConnection(func(m *model, r *modelResource, c contract.Connection) {
		for _, token := range r.tokens {
			if m.world.HoldsToken(c.ID, token) {
				m.revoke(token)
			}
		}
	})},
	{"Wintro reports the status invalid", onConnection(func(m *model, _ *modelResource, c contract.Connection) {
		m.world.SetStatus(c.ID, contract.ConnectionInvalid)
	})},
	{"Wintro reports the status inactive", onConnection(func(m *model, _ *modelResource, c contract.Connection) {
		m.world.SetStatus(c.ID, contract.ConnectionInactive)
	})},
	{"Wintro reports the status frozen", onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.SetStatus(c.ID, "frozen") })},
	{"Wintro's checks take a while", func(m *model, _ *modelResource) { m.world.StayPending(3) }},
	{"Wintro's checks take long", func(m *model, _ *modelResource) { m.world.StayPending(12) }},
	{"Wintro's checks are quick", func(m *model, _ *modelResource) { m.world.StayPending(0) }},
	{"Wintro's logins fail", func(m *model, _ *modelResource) { m.world.FailLogins(true); m.unreachable = true }},
	{"Wintro reports no fingerprints", func(m *model, _ *modelResource) { m.world.ReportFingerprints(false) }},
	{"Wintro reports fingerprints", func(m *model, _ *modelResource) { m.world.ReportFingerprints(true) }},
	{"Recruitee is down", fault(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})},
	{"Wintro is down", fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusServiceUnavailable})},
	{"Recruitee's rate limit is used up", fault(sandbox.Fault{System: sandbox.Recruitee, Kind: sandbox.TooManyBare})},
	{"Wintro's rate limit is used up", fault(sandbox.Fault{System: sandbox.Wintro, Kind: sandbox.TooManyBare})},
	{"Wintro's changes fail", fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Status: http.StatusServiceUnavailable})},
	{"Wintro fails once", fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusInternalServerError, Times: 1})},
	{"Wintro refuses its own token", func(m *model, _ *modelResource) {
		m.world.SetWintroAccess(sandbox.AccessUnauthorized)
		m.unreachable = true
	}},
	{"both systems are well again", func(m *model, _ *modelResource) { m.recover() }},
	{"the company is renamed", func(m *model, r *modelResource) { m.world.RenameCompany(r.company, "Renamed") }},
}

// happen lets some events happen, and reports whether there were any.
func (m *model) happen(when string) bool {
	names := make([]string, 0, len(events))
	for _, e := range events {
		names = append(names, e.name)
	}
	drawn := rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(m.t, when)
	for _, name := range drawn {
		r := m.resources[0]
		if len(m.resources) > 1 {
			r = rapid.SampledFrom(m.resources).Draw(m.t, "to")
		}
		m.step("%s: %s", r.name, name)
		events[slices.Index(names, name)].happen(m, r)
	}
	return len(drawn) > 0
}

func (m *model) revoke(token string) {
	if !m.revoked[token] {
		m.revoked[token] = true
		m.world.RevokeToken(token)
	}
}

func (m *model) demote(owner int64) {
	m.demoted[owner] = true
	m.world.SetAdministrator(owner, false)
}

func (m *model) leave(owner int64) {
	m.left[owner] = true
	m.world.SetActive(owner, false)
}

func (m *model) recover() {
	m.world.ClearFaults()
	m.world.FailLogins(false)
	m.world.SetWintroAccess(sandbox.AccessGranted)
	m.unreachable = false
}

// priors are the states that a sequence can begin with.
var priors = []string{"nothing", "fresh", "imported", "pending", "invalid", "swapped", "without fingerprints", "disabled", "frozen", "import block"}

// prepare brings a resource into a state to begin with, the way that people get there.
func (m *model) prepare(r *modelResource) {
	r.config = configuration{
		mode:      rapid.SampledFrom([]tokenMode{asWriteOnly, asPlain}).Draw(m.t, "mode before"),
		arguments: map[string]argument{"company_id": known(strconv.FormatInt(r.company, 10))},
	}
	if r.config.mode == asWriteOnly && rapid.Bool().Draw(m.t, "versioned before") {
		r.config.arguments["api_token_wo_version"] = known("1")
	}
	if rapid.SampledFrom([]bool{false, false, true}).Draw(m.t, "any role before") {
		r.config.arguments["require_administrator"] = known(false)
	}
	prior := rapid.SampledFrom(priors).Draw(m.t, "prior state")
	version := ""
	if !r.config.arguments["api_token_wo_version"].isAbsent() {
		version = " with a version"
	}
	if a := r.config.arguments["require_administrator"]; !a.isAbsent() {
		version += ", require_administrator = false"
	}
	m.step("%s: %s (%s%s)", r.name, prior, r.config.mode, version)
	if prior == "nothing" {
		return
	}
	if prior == "imported" || prior == "import block" {
		id := m.world.Connect(r.company, defaultName, r.tokens[firstToken])
		r.importID = id
		if prior == "import block" {
			return
		}
		r.config.mode = asNothing
		delete(r.config.arguments, "api_token_wo_version")
	}
	if prior == "disabled" {
		r.config.arguments["enabled"] = known(false)
	}
	if prior == "without fingerprints" {
		m.world.ReportFingerprints(false)
	}
	if prior == "pending" {
		m.world.StayPending(12)
		r.config.timeouts = fields{"create": "60ms"}
	}
	m.applyOne(r)
	m.world.StayPending(0)
	c, there := m.connectionOf(r)
	switch {
	case !there:
		if prior != "pending" {
			m.fail("preparing "+prior+" fails", "there is no connection")
		}
	case prior == "invalid":
		m.world.SetStatus(c.ID, contract.ConnectionInvalid)
	case prior == "frozen":
		m.world.SetStatus(c.ID, "frozen")
	case prior == "swapped":
		m.world.SwapToken(c.ID, r.tokens[colleagueToken])
	}
}

// applyOne plans and applies one resource, while there is no other one.
func (m *model) applyOne(r *modelResource) {
	all := m.resources
	defer func() { m.resources = all }()
	m.resources = []*modelResource{r}
	m.converge()
}

// drawConfiguration is any configuration. What is simple comes first, so that shrinking ends there.
func (m *model) drawConfiguration(r *modelResource) configuration {
	own, spare := strconv.FormatInt(r.company, 10), strconv.FormatInt(r.spare, 10)
	draw := func(name string, from ...argument) argument {
		return rapid.SampledFrom(from).Draw(m.t, name)
	}
	c := configuration{arguments: map[string]argument{}}
	c.mode = rapid.SampledFrom([]tokenMode{asWriteOnly, asWriteOnly, asPlain, asNothing}).Draw(m.t, "mode")
	c.tokenUnknown = c.mode != asNothing && rapid.SampledFrom([]bool{false, false, false, true}).Draw(m.t, "token unknown")
	if c.mode == asWriteOnly {
		c.arguments["api_token_wo_version"] = draw("version",
			known(nil), known(nil), known(nil), known("1"), known("1"), known("2"), knownLater("1"), knownLater("2"), knownLater(nil))
	}
	if c.mode == asNothing {
		c.arguments["api_token_wo_version"] = draw("version", known(nil), known(nil), known(nil), known("1"), known("2"))
	}
	c.arguments["name"] = draw("name", known(nil), known(nil), known("Jobs"), known("Jobs"), knownLater(nil), knownLater(defaultName), knownLater("Jobs"))
	for _, name := range []string{"enabled", "require_administrator"} {
		c.arguments[name] = draw(name, known(nil), known(nil), known(nil), known(true), known(false), known(false), knownLater(true), knownLater(false), knownLater(nil))
	}
	c.arguments["company_id"] = draw("company", known(own), known(own), known(own), known(own), known(own), known(own), knownLater(own), known(spare), knownLater(spare))
	c.timeouts = rapid.SampledFrom([]fields{nil, nil, nil, {"create": "10m"}, {"create": "60ms", "update": "60ms"}, {"update": unknown}}).Draw(m.t, "timeouts")
	var ignorable []string
	for name := range c.arguments {
		ignorable = append(ignorable, name)
	}
	if c.mode != asNothing {
		ignorable = append(ignorable, string(c.mode))
	}
	slices.Sort(ignorable)
	if rapid.SampledFrom([]bool{false, false, false, false, true}).Draw(m.t, "ignores") {
		c.ignoreChanges = rapid.SliceOfNDistinct(rapid.SampledFrom(ignorable), 1, 2, rapid.ID[string]).Draw(m.t, "ignore_changes")
	}
	c.createBeforeDestroy = rapid.SampledFrom([]bool{false, false, false, true}).Draw(m.t, "create_before_destroy")
	c.hasConditions = rapid.SampledFrom([]bool{false, false, true}).Draw(m.t, "conditions")
	return c
}

// mend makes the world and the configurations such that all can be well.
func (m *model) mend() {
	m.recover()
	m.world.StayPending(0)
	restored := rapid.Bool().Draw(m.t, "tokens and roles are restored")
	if restored {
		m.note("mended: faults, roles and tokens")
		for token, owner := range m.owners {
			if m.revoked[token] && !slices.ContainsFunc(m.resources, func(r *modelResource) bool { return r.tokens[revokedToken] == token }) {
				m.world.AddToken(owner.company, owner.id, token)
				delete(m.revoked, token)
			}
		}
		for owner := range m.demoted {
			m.world.SetAdministrator(owner, true)
		}
		for owner := range m.left {
			m.world.SetActive(owner, true)
		}
		clear(m.demoted)
		clear(m.left)
	} else {
		m.note("mended: faults, and a good token is configured")
	}
	for _, r := range m.resources {
		m.mendResource(r)
		m.note("%s is configured: %s", r.name, r.config)
	}
}

func (m *model) mendResource(r *modelResource) {
	c := configuration{mode: r.config.mode, arguments: map[string]argument{}}
	for name, a := range r.config.arguments {
		c.arguments[name] = a.mended()
	}
	own := strconv.FormatInt(r.company, 10)
	c.arguments["company_id"] = known(own)
	c.hasConditions = r.config.hasConditions
	r.config = c
	current, there := m.connectionOf(r)
	switch {
	case !there:
		r.importID = ""
	case r.state.current == nil && m.lost:
		r.importID = current.ID
	}
	if there {
		m.finishChecks(r, current)
		current, there = m.connectionOf(r)
	}
	required := !c.arguments["require_administrator"].is(false)
	held := ""
	for name, token := range r.tokens {
		if there && m.world.HoldsToken(current.ID, token) {
			held = name
		}
	}
	isWell := there && current.Status != contract.ConnectionInvalid && held != "" &&
		current.AtsCompanyID == own && m.accepts(r, r.tokens[held], own, required)
	if c.mode == asNothing {
		delete(c.arguments, "api_token_wo_version")
		if isWell {
			return
		}
		r.config.mode = asWriteOnly
	}
	if !m.accepts(r, r.tokens[r.token], own, required) {
		id := m.world.AddOwner(sandbox.Owner{CompanyID: r.company, Administrator: true}).ID
		good := m.world.IssueToken(r.company, id)
		m.owners[good] = owner{id, r.company}
		m.names[good], m.names[connection.Fingerprint(good)] = "new token", "fingerprint of the new token"
		r.tokens["new"], r.token = good, "new"
	}
	if c.mode == asWriteOnly && !c.arguments["api_token_wo_version"].isAbsent() {
		c.arguments["api_token_wo_version"] = known("mended")
	}
}

// finishChecks lets Wintro's checks of a connection end, and takes back a status that no change can mend.
func (m *model) finishChecks(r *modelResource, c contract.Connection) {
	if c.Status == contract.ConnectionActive || c.Status == contract.ConnectionInvalid || !c.Enabled {
		return
	}
	for _, token := range r.tokens {
		if m.world.HoldsToken(c.ID, token) {
			m.world.SetStatus(c.ID, contract.ConnectionActive)
			m.world.SwapToken(c.ID, token)
			return
		}
	}
}
