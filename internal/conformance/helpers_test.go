package conformance

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// secondCompanyID begins with the first company's ID, so that the checks notice a server that filters by prefix.
const secondCompanyID int64 = sandbox.SeedCompanyID*10 + 1

// A handler is a server that the checks reach without a network, because the clock of a synctest bubble stands
// still while a goroutine waits for the network.
type handler struct {
	http.Handler
	requests atomic.Int64
	// afterRequest is called after each request, with the request's number, counted from 1. If it returns true, the
	// client gets an error instead of the response.
	afterRequest func(n int, r *http.Request) (isLost bool)
}

func (h *handler) RoundTrip(r *http.Request) (*http.Response, error) {
	n := int(h.requests.Add(1))
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	if h.afterRequest != nil && h.afterRequest(n, r) {
		return nil, errors.New("the connection was reset")
	}
	return recorder.Result(), nil
}

// newSandbox returns a sandbox with two companies, a handler that serves the sandbox, and a configuration that
// lets all checks run.
func newSandbox() (*sandbox.Sandbox, *handler, Config) {
	s := sandbox.New()
	token := s.Seed()
	second := s.AddCompany(sandbox.Company{ID: secondCompanyID, Name: "Globex"})
	owner := s.AddOwner(sandbox.Owner{CompanyID: second.ID, Administrator: true})
	s.SetWintroRateLimit(100, time.Minute)
	server := &handler{Handler: s}
	return s, server, Config{
		Endpoint:                  "http://localhost" + sandbox.WintroPath,
		APIToken:                  s.WintroToken(),
		ReadOnlyAPIToken:          s.IssueReadOnlyToken(),
		CompanyID:                 "816",
		RecruiteeAPIToken:         token,
		SecondCompanyID:           "8161",
		SecondRecruiteeAPIToken:   s.IssueToken(second.ID, owner.ID),
		RejectedRecruiteeAPIToken: "rejected/by+Recruitee==0123456789",
		UseUpRateLimit:            true,
		MaxWait:                   2 * time.Minute,
		roundTripper:              server,
	}
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func isSame(a, b contract.Connection) bool { return reflect.DeepEqual(a, b) }

func selected(expression string) *regexp.Regexp { return regexp.MustCompile(expression) }

// inBubble runs a parallel subtest in a synctest bubble.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// execute runs the checks, and fails the test if Execute returns an error. Failed checks don't fail the test.
func execute(t *testing.T, config Config) *Report {
	t.Helper()
	report, err := Execute(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func resultOf(report *Report, check string) (found Result) {
	for _, result := range report.Results {
		if result.Name == check {
			return result
		}
	}
	return found
}

// everything returns the report in all formats, and the text of each result.
func everything(t *testing.T, report *Report) string {
	t.Helper()
	var all strings.Builder
	for _, write := range []func(io.Writer) error{report.WriteText, report.WriteJSON, report.WriteJUnit, report.WriteHTML} {
		if err := write(&all); err != nil {
			t.Fatal(err)
		}
	}
	for _, result := range report.Results {
		if err := result.WriteText(&all); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// expectNoTokens expects that no format of the report contains the first shortestToken characters of a token.
func expectNoTokens(t *testing.T, s *sandbox.Sandbox, report *Report) {
	t.Helper()
	text := everything(t, report)
	for _, secret := range s.Secrets() {
		if len(secret) > shortestToken && strings.Contains(text, secret[:shortestToken]) {
			t.Error("a report contains a token")
		}
	}
}
