package provider

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// TestModel plays sequences of Terraform commands. Between the commands, it changes the configuration, its tokens and
// both systems. It checks, for example, that each apply makes the planned changes, that no output contains a secret,
// and that state contains each connection. At the end of a sequence, it repairs both systems and the configuration, and
// expects an empty plan after at most two applies. If a random sequence fails, rapid shrinks the sequence to the few
// steps that cause the failure.
//
//	go test ./internal/provider -run 'TestModel$' -rapid.checks 2500    # 4 × 2,500 random sequences
//
// The other files model_*_test.go contain an imitation of Terraform, the rules of Terraform, the changes to both
// systems and the configuration, and the checks. TestModelOnTheCLI plays the same sequences with the real Terraform.
func TestModel(t *testing.T) {
	t.Parallel()
	random := false
	flag.Visit(func(f *flag.Flag) { random = random || strings.HasPrefix(f.Name, "rapid.") })
	// Play several sequences at the same time, because a sequence spends most of its time waiting.
	for i := range 4 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			// Without a flag for rapid, the test plays the same 400 sequences each time, so an unrelated change can't
			// make it fail.
			for seed := 100*i + 1; !random && seed <= 100*(i+1); seed++ {
				if m := playInMemory(t, scripts.Example(seed)); m.finding != nil {
					t.Fatalf("seed %d: %s", seed, m.story())
				}
			}
			if !random {
				return
			}
			outer := t
			rapid.Check(t, func(t *rapid.T) {
				m := playInMemory(outer, scripts.Draw(t, "script"))
				if m.finding != nil {
					t.Log(m.story())
					t.Fatal(m.finding.class)
				}
			})
		})
	}
}

// A script describes a whole sequence. rapid draws the script before the sequence begins, so shrinking can leave out
// the steps that don't contribute to a failure.
type script struct {
	// identities reports whether the imitated Terraform supports identities, as 1.12 and newer do.
	identities bool
	// carries reports whether the imitated Terraform sends values that older versions don't send. Terraform 1.16.5 and
	// newer send the identity of an object that they delete. Terraform 1.16 and newer send the private state from the
	// first plan when they make the final plan.
	carries      bool
	verification connection.VerifyMode
	priors       []prior
	rounds       []round
	// restored reports whether the repair at the end restores the tokens and roles that events have removed.
	restored bool
}

// prior describes the state of a resource when the sequence begins.
type prior struct {
	state              string
	mode               tokenMode
	versioned, anyRole bool
}

// round is one plan and its apply, with the edits and events before and between them.
type round struct {
	edits, before, between []choice
	refreshOnly            bool
	options                planOptions
}

// choice contains the index of a resource, and the index of the event that happens to the resource. The resource's
// index is taken modulo the number of resources.
type choice struct{ resource, what int }

// scripts draws two resources and two rounds even if the sequence uses only one. If shrinking removes the second
// resource or round, the remaining draws therefore stay the same.
var scripts = rapid.Custom(func(t *rapid.T) (s script) {
	s.identities, s.carries = once(t, 2, "without identities"), once(t, 2, "carries more")
	s.verification = rapid.SampledFrom(verifications).Draw(t, "recruitee_verification")
	s.restored = rapid.Bool().Draw(t, "restored")
	resources, rounds := 1, 1
	if once(t, 3, "a second resource") {
		resources++
	}
	if once(t, 4, "a second round") {
		rounds++
	}
	for range 2 {
		s.priors = append(s.priors, prior{
			state: rapid.SampledFrom(priorStates).Draw(t, "state"),
			mode:  rapid.SampledFrom([]tokenMode{asWriteOnly, asPlain}).Draw(t, "token"),
			// Has no effect with asPlain, because only a write-only token has a version.
			versioned: once(t, 2, "versioned"),
			anyRole:   once(t, 3, "any role"),
		})
	}
	for range 2 {
		options := rapid.SampledFrom([]planOptions{{}, {}, {}, {noRefresh: true}, {minimalRefresh: true}}).Draw(t, "refresh")
		options.replace, options.providerUnknown = once(t, 8, "-replace"), once(t, 10, "provider unknown")
		s.rounds = append(s.rounds, round{
			edits:       choices(edits, 4).Draw(t, "edits"),
			before:      choices(events, 2).Draw(t, "before"),
			between:     choices(events, 3).Draw(t, "between"),
			refreshOnly: once(t, 10, "-refresh-only"),
			options:     options,
		})
	}
	s.priors, s.rounds = s.priors[:resources], s.rounds[:rounds]
	return s
})

// once returns true with probability 1/times. Shrinking prefers false.
func once(t *rapid.T, times int, label string) bool {
	return rapid.IntRange(0, times-1).Draw(t, label) == times-1
}

// choices returns a generator that draws at most the given number of events, in proportion to their weights.
func choices(all []event, most int) *rapid.Generator[[]choice] {
	var indexes []int
	for i, one := range all {
		indexes = append(indexes, slices.Repeat([]int{i}, one.weight)...)
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) choice {
		return choice{rapid.IntRange(0, 1).Draw(t, "resource"), rapid.SampledFrom(indexes).Draw(t, "what")}
	}), 0, most)
}

// A runner runs Terraform's commands for all resources of a model. core imitates the commands in this process, and
// cliRunner runs the real Terraform.
type runner interface {
	// plan makes a plan, and passes each resource's planned change or errors to planned. If any resource has an error,
	// plan may leave out the resources without errors.
	plan(options planOptions, planned func(*modelResource, *change))
	// apply applies a plan, and passes the result for each resource in the plan to done. If direct is true, cliRunner
	// makes and applies a new plan with one command instead.
	apply(changes map[*modelResource]*change, direct bool, done func(*modelResource, applied))
	// refreshOnly runs apply -refresh-only.
	refreshOnly()
}

// A model contains the state of one sequence: both systems, a runner, the resources, and a trace of the steps so far.
type model struct {
	ctx       context.Context
	script    script
	systems   *systems
	terraform runner
	// resources contains the resources that each command plans and applies.
	resources []*modelResource
	// finding is the finding that ended the sequence, or nil.
	finding *finding
	trace   []string
}

// A finding describes a broken rule. class names the rule, and contains no value that differs from run to run, so that
// rapid recognises the same failure when it shrinks a sequence.
type finding struct{ class, text string }

// playInMemory plays one sequence with core, the imitation of Terraform. The clock is fake, so that the provider's
// pauses take no time.
func playInMemory(t *testing.T, script script) (m *model) {
	synctest.Test(t, func(t *testing.T) {
		m = play(t.Context(), sandboxtest.StartInMemory(t), script, newCore)
	})
	return m
}

func play(ctx context.Context, server *sandboxtest.Server, script script, newRunner func(*model) runner) (m *model) {
	m = &model{script: script}
	var cancel context.CancelFunc
	m.ctx, cancel = context.WithCancel(ctx)
	defer cancel()
	m.systems = newSystems(server)
	defer func() {
		switch stopped := recover().(type) {
		case nil:
		case *finding:
			m.finding = stopped
		default:
			panic(stopped)
		}
	}()
	m.begin(newRunner)
	for _, round := range script.rounds {
		m.round(round)
	}
	m.fix()
	m.converge()
	return m
}

// fail ends the sequence with a finding. It removes values that differ from run to run, such as IDs, from the class.
func (m *model) fail(class, format string, args ...any) {
	class = regexp.MustCompile(`"[^" ]*[:_][^" ]*"`).ReplaceAllString(m.systems.named(class), "a value")
	panic(&finding{class: class, text: m.systems.named(fmt.Sprintf(format, args...))})
}

func (m *model) note(format string, args ...any) {
	m.trace = append(m.trace, m.systems.named(fmt.Sprintf(format, args...)))
}

// story describes the finding and the sequence that led to it.
func (m *model) story() string {
	return m.finding.class + "\n  " + strings.Join(m.trace, "\n  ") + "\n  " + m.finding.text
}

// begin creates all resources, and brings each of them into its initial state.
func (m *model) begin(newRunner func(*model) runner) {
	m.terraform = newRunner(m)
	if m.script.verification != connection.VerifyPlan {
		m.note("recruitee_verification = %q", m.script.verification)
	}
	if m.script.carries {
		m.note("Terraform 1.16.5")
	}
	for i := range m.script.priors {
		m.systems.newResource(i)
	}
	for i, prior := range m.script.priors {
		m.resources = m.systems.resources[i : i+1]
		m.prepare(m.resources[0], prior)
	}
	m.resources = m.systems.resources
}

var verifications = append(slices.Repeat([]connection.VerifyMode{connection.VerifyPlan}, 6), connection.VerifyApply, connection.VerifyOff)

var priorStates = []string{"nothing", "fresh", "imported", "pending", "invalid", "swapped", "without fingerprints", "disabled", "frozen", "import block"}

// prepare brings a resource into its initial state with the commands and changes that a user could make.
func (m *model) prepare(r *modelResource, prior prior) {
	r.config = configuration{
		mode:      prior.mode,
		arguments: map[string]argument{"company_id": known(r.companyID())},
	}
	if r.config.mode == asWriteOnly && prior.versioned {
		r.config.arguments["api_token_wo_version"] = known("1")
	}
	if prior.anyRole {
		r.config.arguments["require_administrator"] = known(false)
	}
	m.note("%s: %s", r.name, prior.state)
	switch prior.state {
	case "imported":
		r.importID = m.systems.connect(r)
		r.config.mode = asNothing
		delete(r.config.arguments, "api_token_wo_version")
	case "import block":
		r.importID = m.systems.connect(r)
	case "disabled":
		r.config.arguments["enabled"] = known(false)
	case "without fingerprints":
		m.systems.hideFingerprints()
	case "pending":
		r.config.timeouts = shortTimeouts
		m.systems.StayPending(longCheck)
	}
	if prior.state != "nothing" && prior.state != "import block" {
		changes, _ := m.plan(planOptions{})
		m.apply(changes, false, false)
	}
	m.systems.StayPending(0)
	m.note("  %s", r.config)
	c, there := m.systems.connectionOf(r)
	switch {
	case !there:
	case prior.state == "invalid":
		m.systems.SetStatus(c.ID, contract.ConnectionInvalid)
	case prior.state == "frozen":
		m.systems.SetStatus(c.ID, "frozen")
	case prior.state == "swapped":
		m.systems.SwapToken(c.ID, r.tokens[colleagueToken])
	}
}

func (m *model) round(round round) {
	for _, r := range m.resources {
		// In a new round, the values that were unknown in the previous round are known.
		r.config, r.removed = r.config.whenKnown(), false
	}
	m.happen(edits, round.edits)
	for _, r := range m.resources {
		r.config.complete()
		m.note("%s: %s", r.name, r.config)
	}
	m.happen(events, round.before)
	if round.refreshOnly {
		m.note("apply -refresh-only")
		m.terraform.refreshOnly()
	}
	m.note("plan%s", round.options)
	changes, ok := m.plan(round.options)
	if !ok {
		return
	}
	m.happen(events, round.between)
	m.note("apply")
	direct := len(round.between) == 0
	m.apply(changes, direct, direct && !round.options.noRefresh && !round.options.minimalRefresh && !round.options.providerUnknown)
}

// happen plays the chosen events.
func (m *model) happen(all []event, chosen []choice) {
	for _, choice := range chosen {
		r := m.resources[choice.resource%len(m.resources)]
		m.note("%s: %s", r.name, all[choice.what].what)
		all[choice.what].happen(m.systems, r)
	}
}

// providerBlock returns the arguments of the provider block.
func (m *model) providerBlock() fields {
	return fields{
		"endpoint": m.systems.WintroEndpoint(), "recruitee_endpoint": m.systems.RecruiteeEndpoint(), "max_retries": 1,
		"recruitee_verification": string(m.script.verification), "api_token": m.systems.organisationToken,
	}
}

// plan plans all resources with one command, and checks the plan. It returns the changes, and reports whether there
// were no errors.
func (m *model) plan(options planOptions) (changes map[*modelResource]*change, ok bool) {
	changes, ok = map[*modelResource]*change{}, true
	m.terraform.plan(options, func(r *modelResource, planned *change) {
		if planned.errs != nil {
			ok = false
			m.note("  %s: error: %q", r.name, planned.errs)
			m.checkPlanError(r, options, planned.errs)
			return
		}
		m.note("  %s: %s", r.name, planned.action)
		if planned.action == updateIt {
			for _, difference := range connectionSchema().resource.changes(planned.before.value, planned.after) {
				m.note("    %s", difference)
			}
		}
		m.noteWarnings(&planned.reported)
		changes[r] = planned
		m.checkEmptyPlan(r, planned, options)
	})
	return changes, ok
}

// apply applies a plan and checks the result. direct reports whether one command makes and applies the plan. quiet
// reports whether the plan must have predicted the result, because it was complete and no event has happened since.
func (m *model) apply(changes map[*modelResource]*change, direct, quiet bool) {
	if m.systems.organisationToken != m.systems.WintroToken() {
		// When Terraform deletes a tainted object, it sends no private state, so the provider can't notice that the
		// connection belongs to another organisation.
		isTainted := func(r *modelResource) bool { return r.state.current != nil && r.state.current.tainted }
		m.systems.lost = m.systems.lost || slices.ContainsFunc(m.resources, isTainted)
	}
	m.terraform.apply(changes, direct, func(r *modelResource, done applied) {
		done.planned, done.quiet = changes[r], quiet
		if _, there := m.systems.connectionOf(r); !r.removed || !there {
			r.importID = ""
		}
		m.note("  %s: applied", r.name)
		for _, problem := range done.errs {
			m.note("    error: %s", problem)
			// If a create times out, state may lack the new connection, so that a user would have to import it.
			m.systems.lost = m.systems.lost || strings.Contains(problem, "the operation timed out")
		}
		m.noteWarnings(&done.reported)
		m.checkApplied(r, done)
	})
	m.systems.finishChecksSoon(false)
	m.checkConnections()
}

// noteWarnings adds the warnings to the trace. If verification is off, it first removes the warning about that, because
// every plan has this warning.
func (m *model) noteWarnings(all *reported) {
	all.warnings = slices.DeleteFunc(all.warnings, func(warning string) bool {
		return m.script.verification == connection.VerifyOff && strings.HasPrefix(warning, "Recruitee API tokens are not checked")
	})
	for _, warning := range all.warnings {
		first, _, _ := strings.Cut(warning, ". ")
		m.note("    warning: %s", first)
	}
}

// fix repairs both systems and the configurations, so that a plan and an apply can succeed.
func (m *model) fix() {
	m.note("both systems are fixed")
	if m.script.restored {
		m.note("  and tokens and roles are restored")
	}
	m.systems.fix(m.script.restored)
	for _, r := range m.resources {
		m.note("  %s: %s", r.name, r.config)
	}
}

// converge plans and applies until the plan is empty. It fails if the plan isn't empty after two applies.
func (m *model) converge() {
	for remaining := 2; ; remaining-- {
		m.note("plan")
		changes, ok := m.plan(planOptions{})
		switch {
		case ok && (remaining == 0 || m.isEmpty(changes)):
			m.checkConverged(changes)
			return
		case remaining == 0:
			m.fail("after the fix, the third plan fails", "the third plan fails")
		case ok:
			m.note("apply")
			m.apply(changes, false, true)
		}
	}
}

// isEmpty reports whether a plan has no changes and state contains no deposed object. If the connection of a deposed
// object no longer exists, the plan leaves the object out, although the next apply must still remove it from state.
func (m *model) isEmpty(changes map[*modelResource]*change) bool {
	for r, planned := range changes {
		if planned.action != noOp || planned.deposed != nil || planned.isImport || r.state.deposed != nil {
			return false
		}
	}
	return true
}

// modelResource is a resource block for a company, with the resource's state.
type modelResource struct {
	name string
	// company is the ID of the company that the resource usually links. spare is the ID of another company, to which
	// foreignToken belongs.
	company, spare int64
	// tokens maps names to tokens.
	tokens map[string]string
	// token is the name of the token that the source of the configured token returns, or "" if the source returns no
	// token. before is the name of the token that the source returned previously.
	token, before string
	config        configuration
	state         instance
	// importID is the ID in an import block that Terraform hasn't applied yet, or "".
	importID string
	// removed reports whether the resource block was removed.
	removed bool
	// lastSent is the fingerprint of the last token in a request that Wintro has processed, even if the response was
	// lost.
	lastSent string
}

// waits reports whether the resource's timeouts are long enough to wait until Wintro's checks end.
func (r *modelResource) waits() bool { return !reflect.DeepEqual(r.config.timeouts, shortTimeouts) }

func (r *modelResource) companyID() string { return strconv.FormatInt(r.company, 10) }
func (r *modelResource) spareID() string   { return strconv.FormatInt(r.spare, 10) }

// configured returns the token in the configuration, or "" if the configuration contains no token or ignores it.
func (r *modelResource) configured() string {
	if r.config.mode == asNothing || r.config.ignores(string(r.config.mode)) {
		return ""
	}
	return r.tokens[r.token]
}

// arguments returns the arguments of the resource block, with the values of the apply if applying is true, and with
// those of the plan otherwise.
func (r *modelResource) arguments(applying bool) fields {
	set := fields{}
	for name, a := range r.config.arguments {
		set[name] = a.planned
		if applying {
			set[name] = a.applied
		}
	}
	if token := r.tokens[r.token]; r.config.mode != asNothing && token != "" {
		set[string(r.config.mode)] = token
	}
	if r.config.tokenUnknown && !applying {
		set[string(r.config.mode)] = unknown
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
	return set
}

// values returns the arguments as an object.
func (r *modelResource) values(applying bool) object {
	return connectionSchema().resource.newObject(r.arguments(applying))
}

func (r *modelResource) block() resourceConfig {
	if r.removed {
		return resourceConfig{}
	}
	return resourceConfig{values: r.values(false), ignoreChanges: r.config.ignoreChanges, createBeforeDestroy: r.config.createBeforeDestroy}
}

// whileValidating returns the block as `terraform validate` sees it, with unknown values in place of all variables.
func (r *modelResource) whileValidating() object {
	values := r.values(false)
	for name, value := range values {
		if attribute := connectionSchema().resource.attributes[name]; attribute != nil && !value.IsNull() {
			values[name] = tftypes.NewValue(attribute.Type, tftypes.UnknownValue)
		}
	}
	return values
}

// appliedValues returns the values of a planned block during the apply. Of the values that the plan knew, only
// write-only values can differ.
func (r *modelResource) appliedValues(planned object) object {
	if planned == nil {
		return nil
	}
	now := r.values(true)
	for name, value := range planned {
		attribute := connectionSchema().resource.attributes[name]
		if value.IsFullyKnown() && (attribute == nil || !attribute.WriteOnly) {
			now[name] = value
		}
	}
	return now
}
