package conformance

import (
	"net/http"
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
