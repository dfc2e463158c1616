package conformance

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/joshdk/go-junit"
)

// aReport returns the report about a server that violates the contract in three ways.
func aReport(t *testing.T) (report *Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, _, config := newSandbox()
		violate(s, &config, "token-in-error", "delete-keeps", "create-200")
		config.ReadOnlyAPIToken = ""
		report = execute(t, config)
		expectNoTokens(t, s, report)
	})
	return report
}

func TestJUnitCountsResults(t *testing.T) {
	t.Parallel()
	report := aReport(t)
	var text strings.Builder
	if err := report.WriteJUnit(&text); err != nil {
		t.Fatal(err)
	}
	suites, err := junit.IngestReader(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string]junit.Status{}
	var totals junit.Totals
	for _, suite := range suites {
		totals.Tests += suite.Totals.Tests
		totals.Failed += suite.Totals.Failed
		totals.Skipped += suite.Totals.Skipped
		totals.Error += suite.Totals.Error
		for _, test := range suite.Tests {
			statuses[test.Name] = test.Status
			if test.Status == junit.StatusFailed && !strings.Contains(test.Error.Error(), "\nContract: ") {
				t.Errorf("%s: %v", test.Name, test.Error)
			}
		}
	}
	if totals.Failed != report.Results.Count(statusFailed) || totals.Error != len(report.LeftBehind) || totals.Error == 0 ||
		totals.Skipped != report.Results.Count(statusNotRun)+report.Results.Count(statusNotOffered) ||
		totals.Tests != len(report.Results)+len(report.LeftBehind) {
		t.Errorf("%+v of %s", totals, report.Summary())
	}
	for _, result := range report.Results {
		want := map[checkStatus]junit.Status{
			statusPassed: junit.StatusPassed, statusFailed: junit.StatusFailed,
			statusNotOffered: junit.StatusSkipped, statusNotRun: junit.StatusSkipped,
		}[result.Status]
		if statuses[result.Name] != want {
			t.Errorf("%s is %q instead of %q", result.Name, statuses[result.Name], want)
		}
	}
}

func TestJSONHasSummary(t *testing.T) {
	t.Parallel()
	report := aReport(t)
	var text strings.Builder
	if err := report.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var decoded Report
	if err := json.Unmarshal([]byte(text.String()), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Summary() != report.Summary() || decoded.Results[0].Expects == "" {
		t.Errorf("%s instead of %s", decoded.Summary(), report.Summary())
	}
}

// TestHTMLLoadsNothing expects that the page loads no other files and shows all failures.
func TestHTMLLoadsNothing(t *testing.T) {
	t.Parallel()
	report := aReport(t)
	var text strings.Builder
	if err := report.WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	loads := regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed)|\bsrc=|url\(|@import|href="[^#]`)
	if found := loads.FindString(text.String()); found != "" {
		t.Errorf("the page has %s", found)
	}
	unescaped := html.UnescapeString(text.String())
	for _, result := range report.Results {
		for _, failure := range result.Failures {
			if !strings.Contains(unescaped, failure.Message) || !strings.Contains(unescaped, failure.Exchanges[0].Response) {
				t.Errorf("%s is not on the page", result.Name)
			}
		}
		if !strings.Contains(unescaped, result.Expects) {
			t.Errorf("%s is not on the page", result.Name)
		}
	}
	for _, words := range append(report.LeftBehind, report.Obstacles[0].Reason, "default-src 'none'", "light dark") {
		if !strings.Contains(unescaped, words) {
			t.Errorf("%s is not on the page", words)
		}
	}
}
