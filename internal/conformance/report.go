package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// A checkStatus classifies the result of a check.
type checkStatus string

const (
	statusPassed checkStatus = "passed"
	statusFailed checkStatus = "failed"
	// statusNotOffered means that the check needs an optional feature that the server doesn't seem to have.
	statusNotOffered checkStatus = "not offered"
	// statusNotRun means that the check could not run or finish, for example because it needs a second company, or
	// because the user interrupted it.
	statusNotRun checkStatus = "not run"
)

// A Result is a check with its status, its failures and its cost.
type Result struct {
	Check
	Status checkStatus `json:"status"`
	// Reason explains statusNotOffered and statusNotRun.
	Reason   string    `json:"reason,omitempty"`
	Failures []failure `json:"failures,omitempty"`
	Seconds  float64   `json:"seconds"`
	Requests int       `json:"requests"`
}

// A failure describes one mistake of the server, with the exchanges that prove it.
type failure struct {
	Message   string          `json:"message"`
	Exchanges []shownExchange `json:"exchanges,omitempty"`
}

// A callCount counts the requests of one operation during the run.
type callCount struct {
	Call      string `json:"call"`
	Requests  int    `json:"requests"`
	Successes int    `json:"successes"`
}

// State summarises the counts. An operation "works" if at least one of its requests succeeded.
func (c callCount) State() string {
	switch {
	case c.Requests == 0:
		return "not sent"
	case c.Successes == 0:
		return "never succeeded"
	}
	return "works"
}

// An obstacle is a server problem that kept checks from running. Checks is the number of these checks.
type obstacle struct {
	Reason string `json:"reason"`
	Checks int    `json:"checks"`
}

// A Report contains the results of a run, and none of the configured tokens.
type Report struct {
	Endpoint  string    `json:"endpoint"`
	CompanyID string    `json:"companyId,omitempty"`
	Version   string    `json:"version,omitempty"`
	Began     time.Time `json:"began"`
	Seconds   float64   `json:"seconds"`
	// Stopped is the reason why the run ended early. It is empty if the run was complete.
	Stopped   string      `json:"stopped,omitempty"`
	Calls     []callCount `json:"calls"`
	Results   results     `json:"results"`
	Obstacles []obstacle  `json:"obstacles,omitempty"`
	// LeftBehind describes the connections that the run could not remove, and those that may exist after a lost
	// response.
	LeftBehind []string `json:"leftBehind,omitempty"`
	// Requests counts all requests, and Refused counts those that got the status 429.
	Requests int `json:"requests"`
	Refused  int `json:"refused"`
}

// results lists the results of checks. The report templates call its methods.
type results []Result

// With returns those results that have this status.
func (list results) With(status checkStatus) (with results) {
	for _, result := range list {
		if result.Status == status {
			with = append(with, result)
		}
	}
	return with
}

// Count returns the number of results with this status.
func (list results) Count(status checkStatus) int { return len(list.With(status)) }

// Skipped returns the number of results with the status statusNotOffered or statusNotRun.
func (list results) Skipped() int { return list.Count(statusNotOffered) + list.Count(statusNotRun) }

// Seconds returns the total time of the checks.
func (list results) Seconds() (seconds float64) {
	for _, result := range list {
		seconds += result.Seconds
	}
	return seconds
}

// CleanupErrors returns a line for each entry of LeftBehind, and a line with the reason if the run ended early.
func (r *Report) CleanupErrors() (errors []string) {
	for _, left := range r.LeftBehind {
		errors = append(errors, "left behind: "+left)
	}
	if r.Stopped != "" {
		errors = append(errors, "the run stopped early: "+r.Stopped)
	}
	return errors
}

// Passed reports whether the run was successful: it was complete, no check failed, no server problem kept a check
// from running, and no connection was left behind.
func (r *Report) Passed() bool {
	return r.Stopped == "" && r.Results.Count(statusFailed) == 0 && len(r.Obstacles) == 0 && len(r.LeftBehind) == 0
}

// Summary summarises the report in one line.
func (r *Report) Summary() string {
	return fmt.Sprintf("%d checks: %d passed, %d failed, %d not offered, %d not run; %d requests in %.1f s",
		len(r.Results), r.Results.Count(statusPassed), r.Results.Count(statusFailed), r.Results.Count(statusNotOffered), r.Results.Count(statusNotRun), r.Requests, r.Seconds)
}

// Subjects groups the results by subject, in the order of the checks.
func (r *Report) Subjects() (subjects []Subject) {
	for _, result := range r.Results {
		if n := len(subjects); n == 0 || subjects[n-1].Name != result.Subject() {
			subjects = append(subjects, Subject{Name: result.Subject()})
		}
		last := &subjects[len(subjects)-1]
		last.Results = append(last.Results, result)
	}
	return subjects
}

// A Subject groups the results of the checks that share a subject.
type Subject struct {
	Name    string
	Results results
}

// Text describes a failed check, with all failures and their exchanges.
func (r Result) Text() string {
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "Expected: %s\nContract: %s\n", r.Expects, r.Contract)
	for _, failure := range r.Failures {
		_, _ = fmt.Fprintf(&text, "\n%s\n", failure.Message)
		for _, e := range failure.Exchanges {
			_, _ = fmt.Fprintf(&text, "\n%s\n%s\n", indent("> ", e.Request), indent("< ", e.Response))
		}
	}
	return text.String()
}

func indent(prefix, text string) string {
	return prefix + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+prefix)
}

// WriteText writes the result in one line. If the check failed, the details follow.
func (r Result) WriteText(w io.Writer) error {
	marks := map[checkStatus]string{statusPassed: "ok  ", statusFailed: "FAIL", statusNotOffered: "none", statusNotRun: "skip"}
	line := marks[r.Status] + "  " + r.Name
	if r.Reason != "" {
		line += " (" + string(r.Status) + ": " + r.Reason + ")"
	}
	if r.Status == statusFailed {
		line += "\n" + indent("      ", r.Text())
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
