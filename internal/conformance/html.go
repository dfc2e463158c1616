package conformance

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html.tmpl
var htmlText string

var htmlTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	// class returns the CSS class of a status.
	"class": func(status checkStatus) string { return strings.ReplaceAll(string(status), " ", "-") },
	"short": func(name string) string {
		_, short, _ := strings.Cut(name, "/")
		return short
	},
}).Parse(htmlText))

// WriteHTML writes the report as one HTML file, which loads nothing.
func (r *Report) WriteHTML(w io.Writer) error {
	statuses := []checkStatus{statusFailed, statusPassed, statusNotOffered, statusNotRun}
	type count struct {
		Status checkStatus
		Count  int
	}
	var counts []count
	for _, status := range statuses {
		counts = append(counts, count{status, r.count(status)})
	}
	return htmlTemplate.Execute(w, map[string]any{
		"Report": r, "Counts": counts, "Subjects": r.subjects(), "Failed": r.failed(),
	})
}

// failed returns the results of the failed checks.
func (r *Report) failed() (failed []Result) {
	for _, result := range r.Results {
		if result.Status == statusFailed {
			failed = append(failed, result)
		}
	}
	return failed
}
