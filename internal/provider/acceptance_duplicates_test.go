package provider

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc21xx tests cover conflicts between two resources for one connection, conflicts between Terraform and
// another user, and a create that times out.

// other returns a resource block with the resource's name changed to "other".
func other(block string) string { return strings.Replace(block, `"acme" {`, `"other" {`, 1) }

func TestAcc2101_TwoResourcesForOneCompanyAreAWarningThenAnError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), other(resourceBlock(writeOnly)))
	tf.plan().expectExit(2).expectWarning("Another resource also creates a connection for Recruitee company 816", "Remove one of the two")
	failed := tf.apply()
	failed.expectError("Recruitee company 816 is already linked with Wintro", "Another resource of this run has just created it", env.connectionID(t))
	if strings.Contains(failed.output, "import {") {
		t.Error("the message recommends an import")
	}
}

func TestAcc2102_TwoResourcesThatImportOneConnectionAreAWarning(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "Recruitee", env.Token)
	blocks := ""
	for _, name := range []string{"acme", "other"} {
		blocks += "import {\n  to = " + connectionType + "." + name + "\n  id = \"" + id + "\"\n}\n"
	}
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly), other(resourceBlock(writeOnly)), blocks)
	const summary = "Another resource also manages the connection for company 816"
	tf.plan().expectWarning(summary, id)
	tf.apply().expectExit(0)
	tf.plan().expectWarning(summary, id)
}

// Terraform plans a replacement twice, and each apply plans it again. The provider must not report these repeated plans
// as a second resource.
func TestAcc2103_OneResourceIsNoDuplicate(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly))
	expectNoDuplicate := func(r result) {
		t.Helper()
		if strings.Contains(r.output, "Another resource") || r.exit == 1 {
			t.Errorf("exit code %d, or the output warns of a duplicate:\n%s", r.exit, r.output)
		}
	}
	expectNoDuplicate(tf.apply())
	expectNoDuplicate(tf.apply("-replace=" + address))
	company, token := env.addCompany()
	tf.token = token
	tf.write(env.provider(), strings.Replace(resourceBlock(writeOnly), "816", company, 1))
	expectNoDuplicate(tf.plan().expectPlan(planned(plancheck.ResourceActionReplace)))
	expectNoDuplicate(tf.apply())
	expectNoDuplicate(tf.destroy())
}

func TestAcc2104_TokenReplacedWhilePendingIsAWarningAndSentAgain(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf, id := env.imported(t, versioned, env.newToken())
	env.StayPending(3)
	theirs, patched := env.newToken(), false
	swap := sync.OnceFunc(func() { env.SwapToken(id, theirs) })
	env.Before(func(r *http.Request) {
		patched = patched || r.Method == http.MethodPatch
		if patched && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, sandbox.WintroPath) {
			swap()
		}
	})
	tf.apply().expectExit(0).expectWarning("The connection for company 816 was changed outside Terraform", "next plan")
	tf.apply().expectExit(0)
	env.expectToken(t, env.Token)
}

func TestAcc2105_CreateThatTimesOutBeforeTheResponseFindsTheConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Kind: sandbox.LateAnswer, Latency: 7 * time.Second, Times: 1})
	tf := env.terraform(t, env.provider(), resourceBlock(writeOnly, "timeouts {\n    create = \"3s\"\n  }"))
	tf.apply().expectExit(0)
	tf.expectState(map[string]any{"id": env.connectionID(t)})
	tf.plan().expectExit(0)
}

// The provider uses the IDs in state in request paths and messages, so it must reject invalid ones.
func TestInvalidStateIsAnErrorWithoutARequest(t *testing.T) {
	t.Parallel()
	const hostile = "../../users/1\x1b[2J"
	for name, test := range map[string]struct {
		state   fields
		private string
		summary string
	}{
		"id":         {fields{"id": hostile, "company_id": "816"}, "", "Invalid id"},
		"company_id": {fields{"id": "conn_1", "company_id": hostile, "api_token": "a-valid-token", "enabled": true}, "", "Invalid company_id"},
		"private":    {fields{"id": "conn_1", "company_id": "816"}, "[1]", "private state can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			d := env.readState(t, test.state, test.private)
			if !strings.Contains(d.Summary, test.summary) || strings.Contains(d.Detail, "\x1b") {
				t.Errorf("%+v", d)
			}
			env.expectRequests(t, map[string]int{})
		})
	}
}

func TestControlCharactersInPrivateStateAreNotPrinted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "Recruitee", env.Token)
	d := env.readState(t, fields{"id": id, "company_id": "816"}, `{"id":"\u001b[2J\u202eorg"}`)
	if !strings.Contains(d.Detail, "�[2J�org") {
		t.Errorf("%+v", d)
	}
}

// readState refreshes a connection with this state, and returns the only diagnostic. organisation is the JSON of the
// organisation in private state, or "" if private state is empty.
func (env *environment) readState(t *testing.T, state fields, organisation string) *tfprotov6.Diagnostic {
	t.Helper()
	p := env.protocol(t)
	req := &tfprotov6.ReadResourceRequest{TypeName: connectionType, CurrentState: p.connection(state)}
	if organisation != "" {
		req.Private = []byte(`{"organisation":"` + base64.StdEncoding.EncodeToString([]byte(organisation)) + `"}`)
	}
	read := must(p.ReadResource(t.Context(), req))
	if len(read.Diagnostics) != 1 {
		t.Fatalf("%d diagnostics: %+v", len(read.Diagnostics), read.Diagnostics)
	}
	return read.Diagnostics[0]
}

// With -minimal-refresh, Terraform plans a replacement, reads the connection, and plans the replacement again. The
// second plan must not warn about a duplicate.
func TestReplacementPlannedTwiceIsNoDuplicate(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	created := env.protocol(t).create(fields{"company_id": "816", "api_token_wo": env.Token})
	company, token := env.addCompany()
	p := env.protocol(t)
	config := fields{"company_id": company, "api_token_wo": token}
	for range 2 {
		p.expectNone(p.planUpdate(created, config).Diagnostics)
		p.planCreate(config, false)
	}
}
