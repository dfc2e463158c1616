package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

// A reportFile is an open file for a report. Unless path is a device or a pipe, the file is temporary. When the report
// is complete, finish renames the temporary file to path, so an old report stays available until then.
type reportFile struct {
	*os.File
	path  string
	write func(*conformance.Report, io.Writer) error
}

type reportFiles []reportFile

// createReportFiles opens the files. Even with an error, it returns the files that it has opened, so that finish can
// remove them. It runs before the checks, which take minutes, so that the user learns early if a file can't be created.
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
			// Write directly to a device or a pipe, such as /dev/stdout, because these contain no old report.
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

// finish writes the reports, replaces the old files, and closes all files. If report is nil, or after an error, it
// removes the temporary files that it hasn't renamed yet.
func (files reportFiles) finish(report *conformance.Report) (err error) {
	for _, file := range files {
		if report != nil && err == nil {
			err = file.write(report, file)
		}
		err = errors.Join(err, file.Close())
		switch isTemporary := file.Name() != file.path; {
		case isTemporary && report != nil && err == nil:
			err = os.Rename(file.Name(), file.path)
		case isTemporary:
			_ = os.Remove(file.Name())
		}
	}
	return err
}
