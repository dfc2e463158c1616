package conformance

import (
	"encoding/json"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/joshdk/go-junit"
)

// TestReports writes all reports about a server that violates the contract in three ways.
func TestReports(t *testing.T) {
	t.Parallel()
	var report *Report
	synctest.Test(t, func(t *testing.T) {
		s, _, config := newSandbox()
		violate(s, &config, "token-in-error", "delete-keeps", "create-200")
		config.ReadOnlyAPIToken = ""
		config.Only = selected("^(create|scopes|delete|secrecy)/")
		report = execute(t, config)
		expectNoTokens(t, s, report)
	})
	for name, test := range map[string]struct {
		write func(io.Writer) error
		check func(t *testing.T, report *Report, text string)
	}{
		"JUnit counts the results": {report.WriteJUnit, expectJUnit},
		"JSON has the summary":     {report.WriteJSON, expectJSON},
		"HTML loads nothing":       {report.WriteHTML, expectHTML},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			if err := test.write(&text); err != nil {
				t.Fatal(err)
			}
			test.check(t, report, text.String())
		})
	}
}

func TestOnlyCompleteRunPasses(t *testing.T) {
	t.Parallel()
	for _, report := range []Report{{Stopped: "interrupted"}, {Obstacles: []obstacle{{}}}, {LeftBehind: []string{"conn_1"}}} {
		if report.Passed() {
			t.Errorf("the run passed with %+v", report)
		}
	}
}

// expectJUnit expects that the XML contains the result of each check and the errors of the cleanup.
func expectJUnit(t *testing.T, report *Report, text string) {
	t.Helper()
	suites, err := junit.IngestReader(strings.NewReader(text))
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
		t.Errorf("the totals are %+v, but the report says %s", totals, report.Summary())
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

func expectJSON(t *testing.T, report *Report, text string) {
	t.Helper()
	var decoded Report
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.Summary() != report.Summary() || decoded.Results[0].Expects == "" {
		t.Errorf("the decoded report says %s instead of %s", decoded.Summary(), report.Summary())
	}
}

// expectHTML expects that the page loads no other files and shows all failures.
func expectHTML(t *testing.T, report *Report, text string) {
	t.Helper()
	loads := regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed)|\bsrc=|url\(|@import|href="[^#]`)
	if found := loads.FindString(text); found != "" {
		t.Errorf("the page may load another file: it contains %s", found)
	}
	unescaped := html.UnescapeString(text)
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
