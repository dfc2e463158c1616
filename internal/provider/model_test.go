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
				m := play(t)
				if m.finding == nil || !wanted(m.finding) {
					return
				}
				for _, line := range m.trace {
					t.Log(line)
				}
				t.Log(m.finding.text)
				t.Fatalf("%s (%d steps)", m.finding.class, m.steps)
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
	failures, shortest, happened := map[string]int{}, map[string]*model{}, map[string]int{}
	all := 0
	sequences := rapid.Custom(play)
	for seed := range *surveyed {
		m := sequences.Example(seed + 1)
		for what := range m.happened {
			happened[what]++
		}
		if m.finding == nil {
			continue
		}
		all++
		class := m.finding.class
		failures[class]++
		if shortest[class] == nil || m.steps < shortest[class].steps {
			shortest[class] = m
		}
	}
	for _, what := range slices.Sorted(maps.Keys(happened)) {
		t.Logf("%5d  %s", happened[what], what)
	}
	t.Logf("%d of %d sequences fail", all, *surveyed)
	classes := slices.SortedFunc(maps.Keys(failures), func(a, b string) int {
		return cmp.Or(failures[b]-failures[a], strings.Compare(a, b))
	})
	for _, class := range classes {
		t.Logf("%5d  %s", failures[class], class)
		t.Logf("       %s", strings.Join(shortest[class].trace, "\n       "))
		t.Logf("       %s", shortest[class].finding.text)
	}
}

// A finding is a rule that was broken.
type finding struct{ class, text string }

// model is one sequence: two systems, a Terraform, and what is known of both.
type model struct {
	t         *rapid.T
	world     *sandbox.Server
	terraform *core
	// resources are planned and applied together, all are those that there are.
	resources, all []*modelResource
	trace          []string
	steps          int
	// names are what tokens, fingerprints and IDs are called: real ones differ from run to run.
	names        map[string]string
	verification connection.VerificationMode
	// own is Wintro's API token.
	own string
	// unreachable reports whether something may fail because of the systems themselves.
	unreachable bool
	// happened is what has happened, for the survey.
	happened map[string]bool
	// finding is what was wrong in the end, or nil.
	finding *finding
	// lost reports whether a creation may have ended before Wintro's answer was there.
	lost bool
	// byHand are connections that were never in state.
	byHand map[string]bool
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
	// removed reports whether there is no resource block any more.
	removed bool
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
	if r.removed {
		return resourceConfig{}
	}
	return resourceConfig{
		values: r.values(false), ignoreChanges: r.config.ignoreChanges,
		createBeforeDestroy: r.config.createBeforeDestroy,
	}
}

// appliedValues are what a planned block comes to while it is applied: of what was known then, only write-only
// values can be others by now.
func (r *modelResource) appliedValues(planned object) object {
	if planned == nil {
		return nil
	}
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

// play plays one sequence.
func play(t *rapid.T) (m *model) {
	m = &model{
		t: t, happened: map[string]bool{}, byHand: map[string]bool{}, names: map[string]string{}, revoked: map[string]bool{}, left: map[int64]bool{}, demoted: map[int64]bool{}, owners: map[string]owner{},
	}
	defer func() {
		switch stopped := recover().(type) {
		case nil:
		case *finding:
			m.finding = stopped
		default:
			panic(stopped)
		}
	}()
	m.begin()
	m.play()
	return m
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
		checkPlan:  m.checkPlan,
	}
	m.own = world.WintroToken()
	m.verification = connection.VerificationMode(rapid.SampledFrom([]string{"plan", "plan", "plan", "plan", "plan", "apply", "off"}).Draw(m.t, "recruitee_verification"))
	if m.verification != connection.VerificationPlan {
		m.terraform.provider["recruitee_verification"] = string(m.verification)
		m.note("recruitee_verification = %q", m.verification)
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
	m.all = m.resources
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
	clear(m.happened)
	for range rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(m.t, "rounds") {
		m.round()
	}
	m.mend()
	rounds := m.happened
	m.happened = map[string]bool{}
	defer func() { m.happened = rounds }()
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
		m.edit(r)
	}
	m.happen("before the plan")
	options := planOptions{
		noRefresh: rapid.SampledFrom([]bool{false, false, false, true}).Draw(m.t, "-refresh=false"),
		replace:   rapid.SampledFrom([]bool{false, false, false, false, false, false, false, true}).Draw(m.t, "-replace"),
	}
	m.step("plan%s", options)
	changes, failed := m.plan(options)
	if failed {
		return
	}
	quiet := !m.happen("before the apply")
	m.step("apply")
	m.apply(changes, quiet && !options.noRefresh)
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
			m.happened["plan fails"] = true
			failed = true
			continue
		}
		planned.warnings = m.worthReading(planned.warnings)
		m.note("  %s: %s", r.name, planned.action)
		if planned.before != nil && planned.after != nil {
			for _, change := range connectionSchema().resource.differences(planned.before.value, planned.after, m.describe) {
				m.note("    %s", change)
			}
		}
		m.happened["plan: "+string(planned.action)] = true
		for _, warning := range planned.warnings {
			m.note("    warning: %s", firstSentence(warning))
		}
		changes[r] = planned
		if planned.action == noOp && !r.removed && !options.noRefresh && !m.unreachable && len(planned.warnings) == 0 {
			if wrong := m.wrong(r); wrong != "" {
				m.fail("empty plan though "+wrong, "the plan for %s is empty and has no warning, though %s", r.name, wrong)
			}
		}
	}
	return changes, failed
}

// worthReading leaves out what the provider warns of whenever it is configured like this.
func (m *model) worthReading(warnings []string) []string {
	return slices.DeleteFunc(warnings, func(warning string) bool {
		return m.verification == connection.VerificationOff && strings.HasPrefix(warning, "Recruitee API tokens are not checked")
	})
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
//
// quiet reports whether nothing has happened since the plan, so that nothing may be a surprise.
func (m *model) apply(changes map[*modelResource]*change, quiet bool) bool {
	process := m.terraform.start()
	m.world.ClearRequests()
	allWell := true
	for _, r := range m.resources {
		planned := changes[r]
		state, final, warnings, err := process.applyInstance(planned, r.appliedValues(planned.config.values))
		r.state, r.importID = state, ""
		warnings = m.worthReading(warnings)
		if err != nil {
			allWell = false
			m.note("  %s: error: %s", r.name, err)
			m.happened["apply to "+string(planned.action)+" fails"] = true
			// Whoever gives a creation too little time finds the connection in Wintro, and imports it.
			m.lost = m.lost || strings.Contains(err.Error(), "time was up")
		} else {
			m.note("  %s: done", r.name)
			m.happened["apply to "+string(planned.action)] = true
		}
		if final != nil && final.action != planned.action {
			m.happened[fmt.Sprintf("final plan: %s", cmp.Or(string(final.action), "error"))] = true
		}
		for _, warning := range warnings {
			m.note("    warning: %s", firstSentence(warning))
		}
		m.checkSentTokens(r, final)
		m.checkResult(r, planned, warnings, err, quiet)
	}
	m.checkConnections()
	return allWell
}

// checkSentTokens looks at the tokens that Wintro was sent for a resource: only what Recruitee accepts may be.
func (m *model) checkSentTokens(r *modelResource, final *change) {
	for _, request := range m.world.Requests().To(sandbox.Wintro) {
		if request.TokenFingerprint == "" || m.verification == connection.VerificationOff {
			continue
		}
		if final == nil {
			m.fail("a token was sent without a plan", "%s", r.name)
			continue
		}
		for name, token := range r.tokens {
			if connection.Fingerprint(token) == request.TokenFingerprint &&
				!m.accepts(r, token, textOf(final.after, "company_id"), isTrue(final.after["require_administrator"])) {
				m.fail("a token was sent that Recruitee refuses", "the %s token of %s was sent to Wintro", name, r.name)
			}
		}
	}
	m.world.ClearRequests()
}

func isTrue(value tftypes.Value) (flag bool) {
	if value.IsKnown() && !value.IsNull() {
		_ = value.As(&flag)
	}
	return flag
}

// checkResult looks at what an apply has come to for one resource.
func (m *model) checkResult(r *modelResource, planned *change, warnings []string, err error, quiet bool) {
	c, there := m.connectionOf(r)
	if is := r.state.current; is != nil && is.tainted && planned.action != noOp && err != nil {
		m.note("    tainted")
		// Terraform replaces it: that is right only where nothing of it can be used.
		if there && c.Status != contract.ConnectionInvalid && (planned.action == createIt || planned.before == nil) {
			m.fail("law: tainted, though it is "+string(c.Status), "%s is tainted, and in Wintro %s: %v", r.name, c.Status, err)
		}
	}
	if !quiet || m.unreachable || len(warnings) > 0 || len(planned.warnings) > 0 {
		return
	}
	switch {
	case err == nil && r.removed:
		if there {
			m.fail("removed, and there still is a connection", "%s was removed, and Wintro still has the connection", r.name)
		}
	case err == nil && planned.action != noOp:
		if wrong := m.wrong(r); wrong != "" {
			m.fail("applied, and "+wrong, "%s was applied without a warning, and %s", r.name, wrong)
		}
		if is := textOf(r.state.current.value, "api_token_fingerprint"); c.TokenFingerprint != nil && *c.TokenFingerprint != is {
			m.fail("applied, and another token's fingerprint is in state", "%s: %s is in state, and Wintro holds the token of %s", r.name, is, *c.TokenFingerprint)
		}
	case err != nil && m.nothingExcuses(r, planned, c):
		m.fail("an apply fails that its plan has not warned of", "%s: %v", r.name, err)
	}
}

// nothingExcuses reports whether the plan knew all that the apply was going to find.
func (m *model) nothingExcuses(r *modelResource, planned *change, c contract.Connection) bool {
	hasToken := r.config.mode != asNothing && !slices.Contains(r.config.ignoreChanges, string(r.config.mode))
	isInactive := c.Enabled && c.Status == contract.ConnectionInactive
	return m.verification == connection.VerificationPlan && r.config.timeouts == nil && hasToken && !isInactive &&
		planned.action != createThenDelete && connectionSchema().resource.unknowns(planned.config.values) == nil
}

// checkConnections looks whether each connection is in state, and whether no company has two.
func (m *model) checkConnections() {
	managed := map[string]bool{}
	for _, r := range m.all {
		for _, o := range append([]*stateObject{r.state.current}, r.state.deposed...) {
			if o != nil {
				managed[textOf(o.value, "id")] = true
				delete(m.byHand, textOf(o.value, "id"))
			}
		}
	}
	perCompany := map[string]int{}
	for _, c := range m.world.Connections() {
		perCompany[c.AtsCompanyID]++
		if perCompany[c.AtsCompanyID] > 1 && !m.movedThere(c.AtsCompanyID) {
			m.fail("two connections for a company", "company %s has two connections", c.AtsCompanyID)
		}
		if !managed[c.ID] && !m.lost && !m.byHand[c.ID] {
			m.fail("a connection is in no state", "the connection of company %s is in no state", c.AtsCompanyID)
		}
	}
}

// checkPlan holds a plan for an object against what a plan may say of an attribute: that is a function of prior
// state, private state and the configuration without its write-only values. Nothing else may come from the
// outside world than the alarm, in a plan that is empty otherwise.
func (m *model) checkPlan(when string, planned *change) {
	schema := connectionSchema().resource
	const status, fingerprint = "status", "api_token_fingerprint"
	var isUnknown bool
	for name, attribute := range schema.attributes {
		isUnknown = isUnknown || !attribute.WriteOnly && !planned.given[name].IsKnown()
	}
	if planned.action != updateIt {
		if planned.action == noOp {
			return
		}
		for name, attribute := range schema.attributes {
			if attribute.Computed && !attribute.Optional && planned.after[name].IsKnown() {
				m.fail("law: a creation plans "+name, "%s: the plan of a creation says what %s is going to be", when, name)
			}
		}
		return
	}
	before, after := planned.before.value, planned.after
	isEmptyOtherwise := true
	for _, name := range schema.names() {
		if name == status || name == fingerprint {
			continue
		}
		isEmptyOtherwise = isEmptyOtherwise && after[name].Equal(before[name])
		attribute := schema.attributes[name]
		if attribute != nil && attribute.Computed && !attribute.Optional && !after[name].Equal(before[name]) {
			m.fail("law: an update changes "+name, "%s: %s was %s, and is planned as %s", when, name, m.describe(before[name]), m.describe(after[name]))
		}
	}
	isAlarm := isEmptyOtherwise && !after[status].IsKnown() && !after[fingerprint].IsKnown()
	if isUnknown || isAlarm {
		if after[status].IsKnown() || after[fingerprint].IsKnown() {
			m.fail("law: something is unknown, but status or fingerprint isn't", "%s: status %s, fingerprint %s", when, m.describe(after[status]), m.describe(after[fingerprint]))
		}
		return
	}
	enabled := isTrue(after["enabled"])
	if textOf(after, status) != string(connection.HealthyStatus(enabled)) {
		m.fail("law: the status isn't what enabled wants", "%s: status %s, enabled %t", when, m.describe(after[status]), enabled)
	}
	switch plain := textOf(after, string(asPlain)); {
	case plain != "":
		if textOf(after, fingerprint) != connection.Fingerprint(plain) {
			m.fail("law: the fingerprint isn't the plain token's", "%s: fingerprint %s", when, m.describe(after[fingerprint]))
		}
	case after["api_token_wo_version"].IsNull():
		if after[fingerprint].IsKnown() {
			m.fail("law: a fingerprint without a version is known", "%s: fingerprint %s", when, m.describe(after[fingerprint]))
		}
	case after[fingerprint].IsKnown() && !after[fingerprint].Equal(before[fingerprint]):
		m.fail("law: the fingerprint under a version is new", "%s: fingerprint %s", when, m.describe(after[fingerprint]))
	case after[fingerprint].IsKnown() && !after["api_token_wo_version"].Equal(before["api_token_wo_version"]):
		m.fail("law: the version changes, and the fingerprint stays", "%s: fingerprint %s", when, m.describe(after[fingerprint]))
	}
}

// movedThere reports whether it is the model that has given a company a second connection.
func (m *model) movedThere(company string) bool {
	return slices.ContainsFunc(m.resources, func(r *modelResource) bool { return company == text(r.spare) })
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
		m.apply(changes, true)
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
		if len(planned.warnings) > 0 {
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
	case holds && !ignored("require_administrator") && m.verification == connection.VerificationPlan && !m.accepts(r, r.tokens[r.token], c.AtsCompanyID, required):
		return "Recruitee refuses the token that is held and configured"
	}
	return ""
}

// accepts reports whether a token is good for the company.
func (m *model) accepts(r *modelResource, token string, company any, administrator bool) bool {
	owner := m.owners[token]
	return text(owner.company) == company && !m.revoked[token] && !m.left[owner.id] &&
		(!administrator || token != r.tokens[recruiterToken] && !m.demoted[owner.id])
}

// connectionOf is the connection that is in state, or else the company's.
func (m *model) connectionOf(r *modelResource) (contract.Connection, bool) {
	if r.state.current != nil {
		return m.world.Connection(textOf(r.state.current.value, "id"))
	}
	for _, c := range m.world.Connections() {
		if c.AtsCompanyID == text(r.company) {
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
	name string
	// weight is how often it is drawn, compared with the others.
	weight int
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
	{"the configured token is revoked", 3, func(m *model, r *modelResource) { m.revoke(r.tokens[r.token]) }},
	{"the configured token is rotated to the second one", 3, rotate(secondToken)},
	{"the connection is relabelled in Wintro", 3, onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.Relabel(c.ID, "By hand") })},
	{"the connection is switched on or off in Wintro", 3, onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.SetEnabled(c.ID, !c.Enabled) })},
	{"the connection gets the colleague's token in Wintro", 3, onConnection(func(m *model, r *modelResource, c contract.Connection) {
		m.world.SwapToken(c.ID, r.tokens[colleagueToken])
	})},
	{"the connection is removed in Wintro", 3, onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.Disconnect(c.ID) })},
	{"the connection moves to another company", 1, onConnection(func(m *model, r *modelResource, c contract.Connection) { m.world.MoveToCompany(c.ID, r.spare) })},
	{"the token's owner loses the role", 3, func(m *model, r *modelResource) { m.demote(m.owners[r.tokens[r.token]].id) }},
	{"the token's owner leaves", 3, func(m *model, r *modelResource) { m.leave(m.owners[r.tokens[r.token]].id) }},
	{"the configured token is rotated to the colleague's", 3, rotate(colleagueToken)},
	{"the configured token is rotated to a recruiter's", 3, rotate(recruiterToken)},
	{"the configured token is rotated to a revoked one", 3, rotate(revokedToken)},
	{"the configured token is rotated to another company's", 1, rotate(foreignToken)},
	{"the configured token is rotated back", 3, func(_ *model, r *modelResource) { r.before, r.token = r.token, r.before }},
	{"the token that Wintro holds is revoked", 3, onConnection(func(m *model, r *modelResource, c contract.Connection) {
		for _, token := range r.tokens {
			if m.world.HoldsToken(c.ID, token) {
				m.revoke(token)
			}
		}
	})},
	{"Wintro reports the status invalid", 3, onConnection(func(m *model, _ *modelResource, c contract.Connection) {
		m.world.SetStatus(c.ID, contract.ConnectionInvalid)
	})},
	{"Wintro reports the status inactive", 1, onConnection(func(m *model, _ *modelResource, c contract.Connection) {
		m.world.SetStatus(c.ID, contract.ConnectionInactive)
	})},
	{"Wintro reports the status frozen", 1, onConnection(func(m *model, _ *modelResource, c contract.Connection) { m.world.SetStatus(c.ID, "frozen") })},
	{"Wintro's checks take a while", 3, func(m *model, _ *modelResource) { m.world.StayPending(3) }},
	{"Wintro's checks take long", 1, func(m *model, _ *modelResource) { m.world.StayPending(12) }},
	{"Wintro's checks are quick", 3, func(m *model, _ *modelResource) { m.world.StayPending(0) }},
	{"Wintro's logins fail", 1, func(m *model, _ *modelResource) { m.world.FailLogins(true); m.unreachable = true }},
	{"Wintro reports no fingerprints", 1, func(m *model, _ *modelResource) { m.world.ReportFingerprints(false) }},
	{"Wintro reports fingerprints", 1, func(m *model, _ *modelResource) { m.world.ReportFingerprints(true) }},
	{"Recruitee is down", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable})},
	{"Wintro is down", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusServiceUnavailable})},
	{"Recruitee's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Recruitee, Kind: sandbox.TooManyBare})},
	{"Wintro's rate limit is used up", 1, fault(sandbox.Fault{System: sandbox.Wintro, Kind: sandbox.TooManyBare})},
	{"Wintro's changes fail", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Status: http.StatusServiceUnavailable})},
	{"Wintro fails once", 1, fault(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusInternalServerError, Times: 1})},
	{"Wintro refuses its own token", 1, func(m *model, _ *modelResource) {
		m.world.SetWintroAccess(sandbox.AccessUnauthorized)
		m.unreachable = true
	}},
	{"Wintro's answers to creations are lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Kind: sandbox.AnswerLost})},
	{"Wintro's answers to changes are lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Kind: sandbox.AnswerLost})},
	{"Wintro's answers to deletions are lost", 1, fault(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodDelete, Kind: sandbox.AnswerLost})},
	{"Wintro's endpoints are gone", 1, func(m *model, _ *modelResource) { m.world.OfferConnectionsAPI(false); m.unreachable = true }},
	{"the provider has the token of another organisation", 1, func(m *model, _ *modelResource) {
		m.terraform.provider["api_token"] = m.world.AddOrganisation("Other").Token
		m.unreachable = true
	}},
	{"both systems are well again", 1, func(m *model, _ *modelResource) { m.recover() }},
	{"the company is renamed", 1, func(m *model, r *modelResource) { m.world.RenameCompany(r.company, "Renamed") }},
}

// happen lets some events happen, and reports whether there were any.
func (m *model) happen(when string) bool {
	var weights []int
	for _, e := range events {
		weights = append(weights, e.weight)
	}
	drawn := rapid.SliceOfN(weighted(weights), 0, 3).Draw(m.t, when)
	for _, i := range drawn {
		r := m.resources[0]
		if len(m.resources) > 1 {
			r = rapid.SampledFrom(m.resources).Draw(m.t, "to")
		}
		m.step("%s: %s", r.name, events[i].name)
		events[i].happen(m, r)
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
	m.world.OfferConnectionsAPI(true)
	m.terraform.provider["api_token"] = m.own
	m.unreachable = false
}

// priors are the states that a sequence can begin with.
var priors = []string{"nothing", "fresh", "imported", "pending", "invalid", "swapped", "without fingerprints", "disabled", "frozen", "import block"}

// prepare brings a resource into a state to begin with, the way that people get there.
func (m *model) prepare(r *modelResource) {
	r.config = configuration{
		mode:      rapid.SampledFrom([]tokenMode{asWriteOnly, asPlain}).Draw(m.t, "mode before"),
		arguments: map[string]argument{"company_id": known(text(r.company))},
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
		r.importID, m.byHand[id] = id, true
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
	defer func() { m.resources = m.all }()
	m.resources = []*modelResource{r}
	m.converge()
}

// An edit changes a resource block.
type edit struct {
	what string
	// weight is how often it is drawn, compared with the others.
	weight int
	apply  func(r *modelResource, c *configuration)
}

func setMode(mode tokenMode) func(*modelResource, *configuration) {
	return func(_ *modelResource, c *configuration) { c.mode = mode }
}

// edits are in the order in which they are preferred where several lead to the same failure.
func edits() []edit {
	all := []edit{
		{"the token is write-only", 2, setMode(asWriteOnly)},
		{"the token is plain", 2, setMode(asPlain)},
		{"there is no token", 2, setMode(asNothing)},
		{"the token is unknown", 3, func(_ *modelResource, c *configuration) { c.tokenUnknown = true }},
	}
	set := func(weight int, name string, values ...argument) {
		for _, value := range values {
			all = append(all, edit{name + " = " + value.String(), weight, func(_ *modelResource, c *configuration) { c.arguments[name] = value }})
		}
	}
	set(2, "name", known("Jobs"), known(nil), knownLater("Jobs"), knownLater(defaultName), knownLater(nil))
	for _, name := range []string{"enabled", "require_administrator"} {
		set(2, name, known(false), known(true), known(nil), knownLater(true), knownLater(false), knownLater(nil))
	}
	set(2, "api_token_wo_version", known("1"), known("2"), known(nil), knownLater("1"), knownLater("2"), knownLater(nil))
	company := func(what string, argument func(r *modelResource) argument) {
		all = append(all, edit{what, 1, func(r *modelResource, c *configuration) { c.arguments["company_id"] = argument(r) }})
	}
	company("company_id is another one", func(r *modelResource) argument { return known(text(r.spare)) })
	company("company_id is unknown, and the same", func(r *modelResource) argument { return knownLater(text(r.company)) })
	company("company_id is unknown, and another one", func(r *modelResource) argument { return knownLater(text(r.spare)) })
	for _, timeouts := range []fields{{"create": "10m"}, {"create": "60ms", "update": "60ms"}, {"update": unknown}, nil} {
		all = append(all, edit{fmt.Sprintf("timeouts are %v", timeouts), 1, func(_ *modelResource, c *configuration) { c.timeouts = timeouts }})
	}
	for _, name := range []string{"name", "enabled", "require_administrator", "api_token_wo_version", string(asWriteOnly), string(asPlain), "company_id"} {
		all = append(all, edit{"ignore_changes with " + name, 1, func(_ *modelResource, c *configuration) {
			c.ignoreChanges = append(slices.Clone(c.ignoreChanges), name)
		}})
	}
	return append(all,
		edit{"the resource is removed", 2, func(r *modelResource, _ *configuration) { r.removed = true }},
		edit{"the object is tainted", 2, func(r *modelResource, _ *configuration) {
			if r.state.current != nil {
				tainted := *r.state.current
				tainted.tainted = true
				r.state.current = &tainted
			}
		}},
		edit{"create_before_destroy", 4, func(_ *modelResource, c *configuration) { c.createBeforeDestroy = true }})
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

// weighted draws a name as often as its weight says.
func weighted(weights []int) *rapid.Generator[int] {
	var all []int
	for i, weight := range weights {
		for range weight {
			all = append(all, i)
		}
	}
	return rapid.SampledFrom(all)
}

// edit changes some of a resource's block.
func (m *model) edit(r *modelResource) {
	// What was unknown is known by now.
	c := r.config.mended()
	r.removed = false
	all := edits()
	var weights []int
	for _, e := range all {
		weights = append(weights, e.weight)
	}
	for _, i := range rapid.SliceOfN(weighted(weights), 0, 3).Draw(m.t, "edits") {
		m.step("%s: %s", r.name, all[i].what)
		all[i].apply(r, &c)
	}
	if c.mode == asPlain {
		delete(c.arguments, "api_token_wo_version")
	}
	c.tokenUnknown = c.tokenUnknown && c.mode != asNothing
	r.config = c
	m.note("  %s: %s", r.name, c)
}

// mended is the configuration once everything in it is known.
func (c configuration) mended() configuration {
	arguments := map[string]argument{}
	for name, a := range c.arguments {
		arguments[name] = a.mended()
	}
	c.arguments, c.tokenUnknown = arguments, false
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
	r.removed = false
	c := r.config.mended()
	c.timeouts, c.ignoreChanges, c.createBeforeDestroy = nil, nil, false
	own := text(r.company)
	c.arguments["company_id"] = known(own)
	r.config = c
	current, there := m.connectionOf(r)
	switch {
	case !there:
		r.importID = ""
	case r.state.current == nil && m.lost:
		r.importID = current.ID
	}
	if there {
		m.world.MoveToOrganisation(current.ID, m.world.Organisations()[0].ID)
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
		// Without fingerprints nobody knows what else Wintro holds than what it was sent.
		if isWell && current.TokenFingerprint != nil {
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
