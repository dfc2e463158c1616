package conformance

import (
	"embed"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	texttemplate "text/template"
)

//go:embed *.tmpl
var reportFiles embed.FS

// reportTemplates contains the templates of the HTML report and of the JUnit report. html/template can also escape
// the JUnit report, because its escapes are valid in XML.
var reportTemplates = template.Must(template.New("reports").Funcs(template.FuncMap{
	"add":     func(a, b int) int { return a + b },
	"seconds": func(seconds float64) string { return fmt.Sprintf("%.3f", seconds) },
}).ParseFS(reportFiles, "report.html.tmpl", "report.junit.tmpl"))

var textTemplate = texttemplate.Must(texttemplate.ParseFS(reportFiles, "report.txt.tmpl"))

// WriteText writes a summary of the run. Of the checks, it lists only those that failed.
func (r *Report) WriteText(w io.Writer) error { return textTemplate.Execute(w, r) }

// WriteHTML writes the report as one HTML file, which loads no other files.
func (r *Report) WriteHTML(w io.Writer) error {
	return reportTemplates.ExecuteTemplate(w, "report.html.tmpl", r)
}

// WriteJUnit writes the report in the XML format of JUnit's Ant task, which most CI systems read. Each subject is
// a test suite. The suite "cleanup" contains the errors that CleanupErrors returns.
func (r *Report) WriteJUnit(w io.Writer) error {
	// Don't put the XML declaration into the template, because html/template would escape it.
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return reportTemplates.ExecuteTemplate(w, "report.junit.tmpl", r)
}
