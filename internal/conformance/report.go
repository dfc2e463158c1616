package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Status is how a check has ended.
type Status string

// How a check can end.
const (
	Passed Status = "passed"
	Failed Status = "failed"
	// NotOffered is for something optional that the server doesn't have.
	NotOffered Status = "not offered"
	// NotRun is for a check that lacks something, such as a second company.
	NotRun Status = "not run"
)

// A Result is what a check has found.
type Result struct {
	Check
	Status Status `json:"status"`
	// Reason is why it was not run, or what isn't offered.
	Reason   string    `json:"reason,omitempty"`
	Failures []Failure `json:"failures,omitempty"`
	Seconds  float64   `json:"seconds"`
	Requests int       `json:"requests"`
}

// A Failure is one thing that a check has found, and the requests that show it.
type Failure struct {
	Message   string     `json:"message"`
	Exchanges []Exchange `json:"exchanges,omitempty"`
}

// A CallCount is how a call was answered during the whole run.
type CallCount struct {
	Call      string `json:"call"`
	Requests  int    `json:"requests"`
	Successes int    `json:"successes"`
}

// State says whether the server has the call.
func (c CallCount) State() string {
	switch {
	case c.Requests == 0:
		return "not asked"
	case c.Successes == 0:
		return "never succeeded"
	}
	return "works"
}

// An Obstacle is why checks could not be run though everything for them was configured.
type Obstacle struct {
	Reason string `json:"reason"`
	Checks int    `json:"checks"`
}

// A Report is what a run has found. It holds no token.
type Report struct {
	Endpoint  string    `json:"endpoint"`
	CompanyID string    `json:"companyId,omitempty"`
	Version   string    `json:"version,omitempty"`
	Began     time.Time `json:"began"`
	Seconds   float64   `json:"seconds"`
	// Interrupted is whether the run ended before all checks were made.
	Interrupted bool        `json:"interrupted"`
	Calls       []CallCount `json:"calls"`
	Results     []Result    `json:"results"`
	Obstacles   []Obstacle  `json:"obstacles,omitempty"`
	// LeftBehind are the connections that could not be removed.
	LeftBehind []string `json:"leftBehind,omitempty"`
	// Requests is how many were sent, Refused how many of them were refused for the rate limit.
	Requests int `json:"requests"`
	Refused  int `json:"refused"`
}

// Count is the number of checks that ended so.
func (r *Report) Count(status Status) (n int) {
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// Passed reports whether no check failed, none was kept from running, and nothing was left behind.
func (r *Report) Passed() bool {
	return !r.Interrupted && r.Count(Failed) == 0 && len(r.Obstacles) == 0 && len(r.LeftBehind) == 0
}

// Summary is the report in one line.
func (r *Report) Summary() string {
	text := fmt.Sprintf("%d checks: %d passed, %d failed, %d not offered, %d not run; %d requests in %.1f s",
		len(r.Results), r.Count(Passed), r.Count(Failed), r.Count(NotOffered), r.Count(NotRun), r.Requests, r.Seconds)
	if r.Interrupted {
		text = "Interrupted after " + text
	}
	return text
}

// subjects are the results by subject, in order.
func (r *Report) subjects() (subjects []subject) {
	for _, result := range r.Results {
		if n := len(subjects); n == 0 || subjects[n-1].Name != result.Subject() {
			subjects = append(subjects, subject{Name: result.Subject()})
		}
		last := &subjects[len(subjects)-1]
		last.Results = append(last.Results, result)
	}
	return subjects
}

type subject struct {
	Name    string
	Results []Result
}

// text is what a person needs to know of a check that has failed.
func (r Result) text() string {
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "Expected: %s\nContract: %s\n", r.Expects, r.Contract)
	for _, failure := range r.Failures {
		_, _ = fmt.Fprintf(&text, "\n%s\n", failure.Message)
		for _, e := range failure.Exchanges {
			_, _ = fmt.Fprintf(&text, "\n%s\n%s\n", indent("> ", e.Request), indent("< ", e.Answer))
		}
	}
	return text.String()
}

func indent(prefix, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(prefix+line, " ")
	}
	return strings.Join(lines, "\n")
}

// WriteText writes what a person needs to know of one result: a line, and the whole story of a failure.
func (r Result) WriteText(w io.Writer) error {
	marks := map[Status]string{Passed: "ok  ", Failed: "FAIL", NotOffered: "none", NotRun: "skip"}
	line := marks[r.Status] + "  " + r.Name
	if r.Reason != "" {
		line += " (" + string(r.Status) + ": " + r.Reason + ")"
	}
	if r.Status == Failed {
		line += "\n" + indent("      ", r.text())
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// WriteText writes what the run as a whole has found, without the results one by one.
func (r *Report) WriteText(w io.Writer) error {
	var text strings.Builder
	text.WriteString("Calls:\n")
	for _, call := range r.Calls {
		_, _ = fmt.Fprintf(&text, "  %-44s %s\n", call.Call, call.State())
	}
	if r.Count(Failed) > 0 {
		text.WriteString("\nFailed:\n")
		for _, result := range r.Results {
			if result.Status == Failed {
				_, _ = fmt.Fprintf(&text, "  %-36s %s\n", result.Name, result.Failures[0].Message)
			}
		}
	}
	if len(r.Obstacles) > 0 {
		text.WriteString("\nNot run because of the server:\n")
		for _, obstacle := range r.Obstacles {
			_, _ = fmt.Fprintf(&text, "  %d: %s\n", obstacle.Checks, obstacle.Reason)
		}
	}
	if len(r.LeftBehind) > 0 {
		text.WriteString("\nLeft behind, so please remove it yourself:\n")
		for _, left := range r.LeftBehind {
			_, _ = fmt.Fprintf(&text, "  %s\n", left)
		}
	}
	_, _ = fmt.Fprintf(&text, "\n%s\n", r.Summary())
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}
