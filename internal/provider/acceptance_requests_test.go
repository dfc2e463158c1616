package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc16xx tests count the requests to Wintro, which accepts 100 a minute. Operations share responses to save
// requests, so the tests also check that no operation uses a response from before a relevant change.

// slow delays Wintro's responses to GET requests so much that concurrent operations overlap, even on a busy machine.
func (env *environment) slow() {
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodGet, Latency: overlap})
}

// expectOfWintro compares the requests to Wintro since the last ClearRequests with the expected number for each result
// of callOf. Then it clears the requests.
func (env *environment) expectOfWintro(t *testing.T, expected map[string]int) {
	t.Helper()
	is := map[string]int{}
	for _, r := range env.Requests().To(sandbox.Wintro) {
		is[callOf(r)]++
	}
	if fmt.Sprint(is) != fmt.Sprint(expected) {
		t.Errorf("requests to Wintro %v instead of %v", is, expected)
	}
	env.ClearRequests()
}

// callOf describes a request to Wintro. It returns "METHOD one" if the path contains a connection's ID, "METHOD
// company" if the query contains a company's ID, and otherwise "METHOD list".
func callOf(r sandbox.Request) string {
	switch {
	case strings.Contains(r.Path, "/ats-connections/"):
		return r.Method + " one"
	case strings.Contains(r.Query, "atsCompanyId="):
		return r.Method + " company"
	}
	return r.Method + " list"
}

func TestAcc1603_CleanPlanOfThreeConnectionsAmongTwoThousandIsFourRequests(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.AddConnections(2_000)
	tf := env.terraform(t, env.provider(), env.crowd(3, "api_token_wo"))
	env.slow()
	tf.plan().expectExit(2)
	env.expectOfWintro(t, map[string]int{"GET company": 3, "GET list": 1})
	tf.applySavedPlan().expectExit(0)
	env.expectOfWintro(t, map[string]int{"GET company": 3, "GET list": 1, "POST list": 3})
	tf.plan().expectExit(0)
	env.expectOfWintro(t, map[string]int{"GET list": 1, "GET one": 3})
}

func TestAcc1604_CreatesUpdatesAndDeletesTakeOneRequestEachAndThePlanReadsTheListOnce(t *testing.T) {
	t.Parallel()
	const connections = 40
	env := newEnvironment(t)
	config := env.crowd(connections, "api_token_wo")
	tf := env.terraform(t, env.provider(), config)
	env.slow()
	for _, test := range []struct {
		config string
		apply  map[string]int
	}{
		// Terraform plans each create again right before it applies it, so the apply reads the list, too.
		{config, map[string]int{"GET list": 1, "POST list": connections}},
		{strings.Replace(config, "count ", "name = \"HR\"\n  count ", 1), map[string]int{"PATCH one": connections}},
	} {
		tf.write(env.provider(), test.config)
		tf.plan().expectExit(2)
		env.expectOfWintro(t, map[string]int{"GET list": 1})
		tf.applySavedPlan().expectExit(0)
		if sent := len(env.Requests().To(sandbox.Recruitee)); sent != connections {
			t.Errorf("%d requests to Recruitee", sent)
		}
		env.expectOfWintro(t, test.apply)
	}
	tf.plan().expectExit(0)
	env.expectOfWintro(t, map[string]int{"GET list": 1})
	// Before a destroy, Terraform runs a normal plan, which reads the list.
	tf.destroy().expectExit(0)
	env.expectOfWintro(t, map[string]int{"DELETE one": connections, "GET list": 1})
}

// The provider runs as a separate process, so that the intervals between polls are at least a second, as in production.
// After each interval, all pending creates share one request that began after their previous poll.
func TestAcc1607_SixtyPendingCreatesShareOnePollAtEachInterval(t *testing.T) {
	t.Parallel()
	const connections, intervals = 60, 3
	env := newEnvironment(t)
	env.StayPending(intervals)
	// Hold the create requests back until all of them have arrived. Otherwise, the polls of the first creates would begin
	// much earlier on a slow machine.
	var creates sync.WaitGroup
	creates.Add(connections)
	env.Before(func(r *http.Request) {
		if r.Method == http.MethodPost {
			creates.Done()
			creates.Wait()
		}
	})
	tf := env.quietProcess(t, env.provider(), env.crowd(connections, "api_token_wo"))
	tf.run("plan", "-out=plan").expectExit(0)
	env.ClearRequests()
	tf.run("apply", "-parallelism=60", "plan").expectExit(0)
	// All creates share one look-up.
	if asked, most := len(env.Requests().To(sandbox.Wintro).With(http.MethodGet)), 1+intervals+2; asked > most {
		t.Errorf("%d GET requests in %d intervals", asked, intervals)
	}
	tf.run("plan", "-detailed-exitcode").expectExit(0)
}

// The sandbox accepts 50 requests in three seconds, which is ten times Wintro's published rate.
func TestAcc1608_ManyCreatesKeepToTheRateLimit(t *testing.T) {
	t.Parallel()
	const connections, limit, window = 120, 50, 3 * time.Second
	env := newEnvironment(t)
	env.SetWintroRateLimit(limit, window)
	tf := env.terraform(t, env.provider(), env.crowd(connections, "api_token_wo"))
	env.slow()
	tf.apply("-parallelism=30").expectExit(0)
	env.expectConnections(t, connections)
	requests := env.Requests().To(sandbox.Wintro)
	rejected := 0
	for _, r := range requests {
		if r.Status == http.StatusTooManyRequests {
			rejected++
		}
	}
	if rejected > 5 {
		t.Errorf("Wintro rejected %d requests", rejected)
	}
	took := requests[len(requests)-1].Time.Sub(requests[0].Time)
	t.Logf("Wintro rejected %d of %d requests in %s; with the rate limit, %s would be enough", rejected, len(requests), took, connections*window/limit)

	env.ClearRequests()
	tf.plan("-parallelism=30").expectExit(0)
	requests = env.Requests().To(sandbox.Wintro)
	took = requests[len(requests)-1].Time.Sub(requests[0].Time)
	// The list has two pages. The provider uses a snapshot of the list for at most ten seconds, and the plan may take
	// longer on a busy machine.
	if most := 2 * (1 + int(took/(10*time.Second))); len(requests) < 2 || len(requests) > most {
		t.Errorf("the plan sent %d requests in %s", len(requests), took)
	}
	env.expectOfWintro(t, map[string]int{"GET list": len(requests)})
}

// A replacement reads the connection, deletes it, looks for existing connections, and creates a new one. The look-up must
// not use the first read.
func TestAcc1611_ReplaceIgnoresTheConnectionThatItHasJustDeleted(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		d.plan("-replace=" + address).expectExit(2).expectNoWarning("is already linked with Wintro")
		d.applySavedPlan().expectExit(0)
		d.expectReplaced()
	})
}

func TestAcc1612_ATaintedConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	inEachMode(t, []mode{plain, writeOnly}, func(d drift) {
		d.run("taint", address).expectExit(0)
		d.apply().expectExit(0).expectWarning("Recruitee company 816 is already linked with Wintro",
			"It is already in this state", "If this run also replaces or destroys the resource", "if the create fails, apply again")
		d.expectReplaced()
	})
}

// expectReplaced fails unless there is an active connection with a new ID, and a plan without changes.
func (d drift) expectReplaced() {
	d.t.Helper()
	if id := d.connectionID(d.t); id == d.id {
		d.t.Errorf("the connection still has the ID %s", id)
	}
	d.expectState(map[string]any{"id": d.connectionID(d.t), "status": "active"})
	d.plan().expectExit(0)
}
