package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// All tests share the built programs and one browser.
var (
	built   string
	chrome  context.Context
	skipped atomic.Int32
)

func TestMain(m *testing.M) {
	flag.Parse()
	exitCode, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		exitCode = 1
	}
	if n := skipped.Load(); n > 0 {
		fmt.Printf("%d tests were skipped because there is no Chromium.\n", n)
	}
	os.Exit(exitCode)
}

func runTests(m *testing.M) (exitCode int, err error) {
	path, err := FindBrowser()
	if errors.Is(err, ErrNoBrowser) {
		return m.Run(), nil
	}
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "wintro-browser-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := Build(context.Background(), dir); err != nil {
		return 0, err
	}
	built = dir
	var stop context.CancelFunc
	if chrome, stop, err = Start(context.Background(), path, filepath.Join(dir, "profile")); err != nil {
		return 0, err
	}
	defer stop()
	return m.Run(), nil
}

// needBrowser skips a test if there is no browser.
func needBrowser(t *testing.T) {
	t.Helper()
	if chrome == nil {
		skipped.Add(1)
		t.Skip("there is no Chromium")
	}
}

// startSandbox starts a sandbox, and stops it when the test ends.
func startSandbox(t *testing.T, args ...string) *Sandbox {
	t.Helper()
	needBrowser(t)
	s, err := StartSandbox(context.WithoutCancel(t.Context()), built, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// view is a tab whose methods fail the test if an error occurs.
type view struct {
	*Tab
	t *testing.T
}

func newView(t *testing.T, width, height int64) view {
	t.Helper()
	needBrowser(t)
	tab, closeTab, err := NewTab(chrome, width, height)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeTab)
	return view{tab, t}
}

// open opens the page of a sandbox on a wide screen.
func open(t *testing.T, s *Sandbox) view {
	t.Helper()
	v := newView(t, 1400, 1000)
	v.must(v.Open(s.URL))
	return v
}

func (v view) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%v\nconsole: %q", err, v.Errors())
	}
}

func (v view) wait(expression string) {
	v.t.Helper()
	v.must(v.Wait(expression))
}

func eval[T any](v view, expression string) T {
	v.t.Helper()
	value, err := Eval[T](v.Tab, expression)
	v.must(err)
	return value
}

// staysAtHome expects the page to have sent requests only to its own sandbox, and to have logged no error.
func (v view) staysAtHome(s *Sandbox) {
	v.t.Helper()
	v.asksNobodyElse(s)
	for _, text := range v.Errors() {
		v.t.Errorf("on the console: %s", text)
	}
}

func (v view) asksNobodyElse(s *Sandbox) {
	v.t.Helper()
	requests := v.Requests()
	if len(requests) == 0 {
		v.t.Error("no request was seen at all")
	}
	for _, url := range requests {
		if !strings.HasPrefix(url, s.URL) {
			v.t.Errorf("a request to %s", url)
		}
	}
}
