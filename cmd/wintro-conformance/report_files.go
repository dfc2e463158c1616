package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

// A reportFile is a temporary file that replaces the file at path once the report is complete. An old report stays
// until then.
type reportFile struct {
	*os.File
	path  string
	write func(*conformance.Report, io.Writer) error
}

type reportFiles []reportFile

// createReportFiles creates the temporary files. If it can't create one, the user learns it before minutes of checks.
func (o *options) createReportFiles() (files reportFiles, err error) {
	for _, report := range []reportFile{
		{path: o.junit, write: (*conformance.Report).WriteJUnit},
		{path: o.html, write: (*conformance.Report).WriteHTML},
		{path: o.json, write: (*conformance.Report).WriteJSON},
	} {
		if report.path == "" {
			continue
		}
		if target, err := filepath.EvalSymlinks(report.path); err == nil {
			report.path = target
		}
		if info, err := os.Stat(report.path); err == nil && !info.Mode().IsRegular() {
			// A device or a pipe, such as /dev/stdout, has no old report.
			report.File, err = os.OpenFile(report.path, os.O_WRONLY, 0)
			if err != nil {
				return files, fmt.Errorf("opening a report: %w", err)
			}
		} else if report.File, err = os.Create(fmt.Sprintf("%s.%d.tmp", report.path, os.Getpid())); err != nil {
			return files, fmt.Errorf("creating a report: %w", err)
		}
		files = append(files, report)
	}
	return files, nil
}

// save writes the reports.
func (files reportFiles) save(report *conformance.Report) error {
	for _, file := range files {
		if err := errors.Join(file.write(report, file), file.Close()); err != nil {
			return err
		}
		if file.Name() == file.path {
			continue
		}
		if err := os.Rename(file.Name(), file.path); err != nil {
			return err
		}
	}
	return nil
}

// discard removes the temporary files that are left.
func (files reportFiles) discard() {
	for _, file := range files {
		_ = file.Close()
		if file.Name() != file.path {
			_ = os.Remove(file.Name())
		}
	}
}
