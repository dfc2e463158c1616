package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// TestExecuteRefusesToRun expects that Execute returns an error and leaves all connections unchanged.
func TestExecuteRefusesToRun(t *testing.T) {
	t.Parallel()
	for words, prepare := range map[string]func(*sandbox.Sandbox, *Config){
		"company 816 is already linked, with the connection conn_": func(s *sandbox.Sandbox, config *Config) {
			s.Connect(816, "By hand", config.RecruiteeAPIToken)
		},
		"company 8161 is already linked": func(s *sandbox.Sandbox, config *Config) {
			s.AddConnections(250) // the server ignores the filter, so the connection is on the last page
			s.Connect(secondCompanyID, "By hand", config.SecondRecruiteeAPIToken)
			violate(s, config, "list-filter-ignored")
		},
		"another organisation has already linked": func(s *sandbox.Sandbox, config *Config) {
			other := s.AddOrganisation("Globex")
			s.MoveToOrganisation(s.Connect(816, "By hand", config.RecruiteeAPIToken), other.ID)
		},
		"the server rejects WINTRO_API_TOKEN (401 UNAUTHORIZED)": func(s *sandbox.Sandbox, _ *Config) {
			s.SetWintroAccess(sandbox.AccessUnauthorized)
		},
		"lacks the permission to list connections (403 MISSING_SCOPE)": func(s *sandbox.Sandbox, _ *Config) {
			s.SetWintroAccess(sandbox.AccessForbidden)
		},
		"can't be reached: no such host": func(_ *sandbox.Sandbox, config *Config) {
			config.roundTripper = roundTripperFunc(func(*http.Request) (*http.Response, error) {
				return nil, errors.New("no such host")
			})
		},
		"no check has a name that matches":          func(_ *sandbox.Sandbox, config *Config) { config.Only = selected("^$") },
		"has no scheme":                             func(_ *sandbox.Sandbox, config *Config) { config.Endpoint = "app.wintro.ai" },
		"only an address of this machine":           func(_ *sandbox.Sandbox, config *Config) { config.Endpoint = "http://wintro.example/api/v1" },
		"WINTRO_API_TOKEN is not set":               func(_ *sandbox.Sandbox, config *Config) { config.APIToken = "" },
		"need a numeric company ID":                 func(_ *sandbox.Sandbox, config *Config) { config.CompanyID = "acme" },
		"-company needs RECRUITEE_API_TOKEN":        func(_ *sandbox.Sandbox, config *Config) { config.RecruiteeAPIToken = "" },
		"-second-company are the same":              func(_ *sandbox.Sandbox, config *Config) { config.SecondCompanyID = "816" },
		"perhaps a line break at its end":           func(_ *sandbox.Sandbox, config *Config) { config.APIToken += "\n" },
		"RECRUITEE_REJECTED_API_TOKEN is too short": func(_ *sandbox.Sandbox, config *Config) { config.RejectedRecruiteeAPIToken = "wrong" },
	} {
		inBubble(t, words, func(t *testing.T) {
			s, _, config := newSandbox()
			prepare(s, &config)
			before := s.Connections()
			_, err := Execute(t.Context(), config)
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("the error doesn't contain %q: %v", words, err)
			}
			if after := s.Connections(); !slices.EqualFunc(before, after, isSame) {
				t.Errorf("the connections are %v instead of %v", after, before)
			}
			for _, secret := range s.Secrets() {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Error("the error contains a token")
				}
			}
		})
	}
}

// TestNoCompanyCreatesNoConnection runs the checks without a configured company.
func TestNoCompanyCreatesNoConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _, config := newSandbox()
		config.CompanyID, config.RecruiteeAPIToken, config.SecondCompanyID, config.SecondRecruiteeAPIToken = "", "", "", ""
		report := execute(t, config)
		if report.Results.Count(statusFailed) > 0 || report.Results.Count(statusPassed) < 15 || !report.Passed() {
			t.Error(report.Summary())
		}
		for _, request := range s.Requests() {
			if request.Status == http.StatusCreated {
				t.Error("a connection was created")
			}
		}
	})
}

// TestInterruptionRemovesConnections interrupts runs after different numbers of requests. The cleanup must remove
// all connections.
func TestInterruptionRemovesConnections(t *testing.T) {
	t.Parallel()
	for _, moment := range []int{1, 2, 25, 60, 120, 180, 240, 300} {
		inBubble(t, fmt.Sprint(moment), func(t *testing.T) {
			s, server, config := newSandbox()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			server.afterRequest = func(n int, _ *http.Request) bool {
				if n == moment {
					cancel()
				}
				return false
			}
			report, err := Execute(ctx, config)
			if err == nil && (report.Stopped == "" || report.Passed() || len(report.Results) != len(Checks())) {
				t.Errorf("the interrupted run reports %s", report.Summary())
			}
			if left := s.Connections(); len(left) > 0 {
				t.Errorf("%d connections are left, and the report says %v", len(left), report.LeftBehind)
			}
		})
	}
}

// TestLostResponsesLeaveNoConnection drops responses, so that the run must find some of its connections by their
// names.
func TestLostResponsesLeaveNoConnection(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodGet} {
		inBubble(t, method, func(t *testing.T) {
			s, server, config := newSandbox()
			server.afterRequest = func(n int, r *http.Request) bool { return n > 30 && n%7 == 0 && r.Method == method }
			config.Only = selected("^(create|uniqueness|idempotency|update|delete)/")
			report := execute(t, config)
			if left := s.Connections(); len(left) > 0 || len(report.LeftBehind) > 0 {
				t.Errorf("%d connections are left, and the report says %v", len(left), report.LeftBehind)
			}
		})
	}
}
