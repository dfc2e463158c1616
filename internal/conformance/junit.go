package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// The elements of the XML format of JUnit's Ant task, which all CI systems read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
		Output    string      `xml:"system-err,omitempty"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure"`
		Error   *junitMessage `xml:"error"`
		Skipped *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the report as JUnit's XML, with a suite for each subject. A connection that is left is an error
// in the suite "cleanup".
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "wintro-conformance", Time: junitTime(r.Seconds)}
	for _, subject := range r.subjects() {
		suite := junitSuite{Name: subject.Name}
		seconds := 0.0
		for _, result := range subject.Results {
			seconds += result.Seconds
			suite.add(newJUnitCase(result))
		}
		suite.Time = junitTime(seconds)
		all.add(suite, r.Began)
	}
	var after junitSuite
	for _, left := range r.LeftBehind {
		after.add(junitCase{
			Name: "cleanup/nothing-left-behind", Class: "cleanup", Time: junitTime(0),
			Error: &junitMessage{Message: "left behind: " + left},
		})
	}
	if r.Stopped != "" {
		after.add(junitCase{
			Name: "cleanup/complete", Class: "cleanup", Time: junitTime(0),
			Error: &junitMessage{Message: "the run stopped early: " + r.Stopped},
		})
	}
	if after.Tests > 0 {
		after.Name, after.Time = "cleanup", junitTime(0)
		all.add(after, r.Began)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }

func newJUnitCase(r Result) junitCase {
	c := junitCase{Name: r.Name, Class: r.Subject(), Time: junitTime(r.Seconds)}
	switch r.Status {
	case statusFailed:
		c.Failure = &junitMessage{Message: r.Failures[0].Message, Type: "contract", Text: r.text()}
	case statusNotOffered, statusNotRun:
		c.Skipped = &junitMessage{Message: string(r.Status) + ": " + r.Reason}
	}
	return c
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (s *junitSuites) add(suite junitSuite, began time.Time) {
	suite.Timestamp = began.Format("2006-01-02T15:04:05")
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Errors += suite.Errors
	s.Skipped += suite.Skipped
	s.Suites = append(s.Suites, suite)
}
