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

// reportTemplates contains the templates of the reports in HTML and in JUnit's XML. The escapes that html/template
// inserts are also valid in XML.
var reportTemplates = template.Must(template.New("reports").Funcs(template.FuncMap{
	"add":     func(a, b int) int { return a + b },
	"seconds": func(seconds float64) string { return fmt.Sprintf("%.3f", seconds) },
}).ParseFS(reportFiles, "report.html.tmpl", "report.junit.tmpl"))

var textTemplate = texttemplate.Must(texttemplate.ParseFS(reportFiles, "report.txt.tmpl"))

// WriteText writes a summary of the run, without the result of each check.
func (r *Report) WriteText(w io.Writer) error { return textTemplate.Execute(w, r) }

// WriteHTML writes the report as one HTML file that loads no other files.
func (r *Report) WriteHTML(w io.Writer) error {
	return reportTemplates.ExecuteTemplate(w, "report.html.tmpl", r)
}

// WriteJUnit writes the report in the XML format of JUnit's Ant task, which all CI systems read. Each subject is a
// test suite. The suite "cleanup" contains an error for each connection that the run left behind.
func (r *Report) WriteJUnit(w io.Writer) error {
	// html/template would escape the XML declaration.
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return reportTemplates.ExecuteTemplate(w, "report.junit.tmpl", r)
}
