package conformance

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// TestSandboxPasses expects that the sandbox passes all checks and that the run leaves no connection behind. The
// run must stay within 100 requests a minute, except for the one request of rate-limit/refusal that exceeds the
// limit.
func TestSandboxPasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _, config := newSandbox()
		s.AddConnections(3)
		before := s.Connections()
		report := execute(t, config)
		for _, result := range report.Results {
			if result.Status != statusPassed {
				t.Errorf("%s: %s %s", result.Name, result.Status, result.Reason)
				for _, failure := range result.Failures {
					t.Log(failure)
				}
			}
		}
		t.Log(report.Summary())
		if !report.Passed() || len(report.Results) != len(Checks()) {
			t.Errorf("%d results, left behind: %v, obstacles: %v", len(report.Results), report.LeftBehind, report.Obstacles)
		}
		if after := s.Connections(); len(after) != len(before) {
			t.Errorf("%d connections are left", len(after)-len(before))
		}
		refused := 0
		for _, request := range s.Requests() {
			if request.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 1 || report.Refused != 1 {
			t.Errorf("the rate limit refused %d requests instead of 1, and the report says %d", refused, report.Refused)
		}
	})
}

// TestMissingOptionsAreNotOffered runs the checks on a server without the optional features, and without the
// optional tokens.
func TestMissingOptionsAreNotOffered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, server, config := newSandbox()
		s.ReportFingerprints(false)
		s.ReportOrganisation(false)
		server.Handler = without(notFoundInText, opStartSync, opGetSync).around(s, s, config)
		config.ReadOnlyAPIToken, config.SecondCompanyID, config.SecondRecruiteeAPIToken = "", "", ""
		config.RejectedRecruiteeAPIToken, config.UseUpRateLimit = "", false
		report := execute(t, config)
		for _, result := range report.Results {
			want := statusPassed
			switch {
			case result.Subject() == "syncs" || result.Subject() == "scopes" || result.Name == "fingerprint/of-token",
				result.Name == "document/organisation-id", result.Name == "document/startSync", result.Name == "document/getSync":
				want = statusNotOffered
			case result.Needs() != "" && result.Needs() != "-company and RECRUITEE_API_TOKEN":
				want = statusNotRun
			}
			if result.Status != want {
				t.Errorf("%s: %s %s %v", result.Name, result.Status, result.Reason, result.Failures)
			}
		}
		if !report.Passed() {
			t.Errorf("the run failed, with the obstacles %v and the leftovers %v", report.Obstacles, report.LeftBehind)
		}
	})
}

// without returns a violation in which respond writes the response to every request for these operations.
func without(respond func(*violatedCall), ops ...string) violation {
	return violation{run: func(c *violatedCall) {
		if c.is(ops...) {
			respond(c)
		}
	}}
}

func notFoundInText(c *violatedCall) { c.writeText(404, "text/plain", "404 page not found\n") }

// TestServerWithThreeCalls runs the checks on a server that implements only list, create and read. If the
// responses show that an operation is missing, one check fails, and the other checks that need the operation don't
// run. Syncs are optional, so no check fails without them.
func TestServerWithThreeCalls(t *testing.T) {
	t.Parallel()
	for name, respond := range map[string]func(*violatedCall){
		"405":               func(c *violatedCall) { c.writeText(405, "", "") },
		"404 in plain text": notFoundInText,
		"404 from Wintro":   func(c *violatedCall) { c.refuse(404, "NOT_FOUND") },
		"501 from Wintro":   func(c *violatedCall) { c.refuse(501, "LATER") },
		"always 500":        func(c *violatedCall) { c.writeText(500, "", "") },
	} {
		inBubble(t, name, func(t *testing.T) {
			s, server, config := newSandbox()
			server.Handler = without(respond, opUpdate, opDelete, opStartSync, opGetSync).around(s, s, config)
			report := execute(t, config)
			left := strings.Join(report.LeftBehind, "\n")
			for _, connection := range s.Connections() {
				if !strings.Contains(left, connection.ID) {
					t.Errorf("the connection %s is left, and the report names only %q", connection.ID, left)
				}
			}
			want := map[string]checkStatus{
				"create/all-fields": statusPassed, "read/unknown": statusPassed,
				"create/disabled": statusNotRun, "delete/connection": statusFailed,
			}
			if name != "always 500" {
				maps.Copy(want, map[string]checkStatus{
					"list/connection": statusPassed, "uniqueness/second-connection": statusPassed,
					"update/name": statusNotRun, "update/enabled": statusFailed, "update/null": statusNotRun,
					"delete/twice": statusNotRun, "syncs/start": statusNotOffered,
				})
			}
			for check, status := range want {
				if got := resultOf(report, check); got.Status != status {
					t.Errorf("%s: %s instead of %s (%s)", check, got.Status, status, got.Reason)
				}
			}
			if report.Passed() || len(report.LeftBehind) == 0 {
				t.Error("the run passed, or the report names no connection that is left")
			}
			states := map[string]string{}
			for _, call := range report.Calls {
				states[call.Call] = call.State()
			}
			if states["GET /ats-connections"] != "works" || states["PATCH /ats-connections/{id}"] != "never succeeded" {
				t.Errorf("the calls are %v", states)
			}
			const mostFailures = 15
			if n := report.Results.Count(statusFailed); n > mostFailures && name != "always 500" {
				t.Errorf("%d checks failed instead of at most %d", n, mostFailures)
				for _, result := range report.Results {
					if result.Status == statusFailed {
						t.Log(result.Name, result.Failures[0].Message)
					}
				}
			}
			if len(report.Obstacles) == 0 {
				t.Error("the report doesn't say what kept checks from running")
			}
		})
	}
}
