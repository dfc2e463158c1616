package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// asCommand names an environment variable. If the variable is set, the test binary behaves like the command, so that
// a test can send signals to the command.
const asCommand = "WINTRO_CONFORMANCE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// start starts a sandbox. It also returns the environment variables that the command needs.
func start(t *testing.T) (*sandboxtest.Server, map[string]string) {
	t.Helper()
	server := sandboxtest.Start(t)
	server.SetWintroRateLimit(10_000, time.Minute)
	return server, map[string]string{
		"WINTRO_ENDPOINT":     server.WintroEndpoint(),
		"WINTRO_API_TOKEN":    server.WintroToken(),
		"RECRUITEE_API_TOKEN": server.Token,
	}
}

// runWith runs the command, and expects the given exit code and no tokens in the output.
func runWith(t *testing.T, environment map[string]string, exitCode int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	if got := run(t.Context(), args, func(name string) string { return environment[name] }, &out, &errs); got != exitCode {
		t.Errorf("with %v, the exit code is %d instead of %d: %s", args, got, exitCode, &errs)
	}
	for name, token := range environment {
		if strings.HasSuffix(name, "TOKEN") && strings.Contains(out.String()+errs.String(), token) {
			t.Errorf("the output contains %s", name)
		}
	}
	return out.String(), errs.String()
}

func TestPassedChecksAreReported(t *testing.T) {
	t.Parallel()
	server, environment := start(t)
	dir := t.TempDir()
	files := map[string]string{"-junit": "</testsuites>", "-html": "</html>", "-json": `"results": [`}
	args := []string{"-company", "816", "-run", "^(create|list|delete)/"}
	for flag := range files {
		args = append(args, flag, filepath.Join(dir, flag))
	}
	stdout, stderr := runWith(t, environment, exitPassed, args...)
	for _, words := range []string{
		"ok    create/all-fields\n", "skip  list/pages (not run: the check needs -second-company", "0 failed",
		"POST /ats-connections/{id}/syncs             not sent\n",
	} {
		if !strings.Contains(stdout, words) || stderr != "" {
			t.Errorf("%q is not in the output, or stderr is not empty: %q\n%s", words, stderr, stdout)
		}
	}
	for flag, words := range files {
		text, err := os.ReadFile(filepath.Join(dir, flag))
		if err != nil || !strings.Contains(string(text), words) || strings.Contains(string(text), server.Token) {
			t.Errorf("the report of %s has the error %v and the text %s", flag, err, text)
		}
	}
	if n := len(server.Connections()); n > 0 {
		t.Errorf("%d connections are left", n)
	}
}

func TestFailedCheckIsReported(t *testing.T) {
	t.Parallel()
	server, environment := start(t)
	server.Fail(sandbox.Fault{Method: http.MethodPost, Status: http.StatusInternalServerError})
	stdout, _ := runWith(t, environment, exitFailed, "-company", "816", "-run", "create/kept")
	for _, words := range []string{
		"FAIL  create/kept\n", "      Expected: The first GET", "      Contract: 404 `NOT_FOUND`", "> POST ",
		`"apiToken": "(secret)"`, "< 500 Internal Server Error", "\nFailed:\n  create/kept ",
	} {
		if !strings.Contains(stdout, words) {
			t.Errorf("%q is not in the output:\n%s", words, stdout)
		}
	}
}

func TestInvalidSettingsReturnExitCode2(t *testing.T) {
	t.Parallel()
	server, environment := start(t)
	server.Connect(816, "By hand", server.Token)
	// TestExecuteRefusesToRun in internal/conformance checks more invalid settings.
	for args, words := range map[string]string{
		"-company 816":                         "company 816 is already linked",
		"-company 817 -second-company 818":     "RECRUITEE_SECOND_API_TOKEN",
		"-run (":                               "-run: ",
		"-what":                                "-what",
		"all":                                  `unexpected argument "all"`,
		"-junit /nowhere/at/all":               "creating a report",
		"-endpoint ftp://example.com -run nfc": "has the scheme ftp",
	} {
		stdout, stderr := runWith(t, environment, exitNotRun, strings.Fields(args)...)
		if stdout != "" || !strings.Contains(stderr, words) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("with %s, the command prints %q on stdout and %q on stderr", args, stdout, stderr)
		}
	}
	dir := t.TempDir()
	old := filepath.Join(dir, "old.json")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	runWith(t, environment, exitNotRun, "-company", "816", "-json", old)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if text, err := os.ReadFile(old); string(text) != "old" || len(files) != 1 {
		t.Errorf("the old report is %q (%v), and the files are %v", text, err, files)
	}
	if _, stderr := runWith(t, nil, exitNotRun); !strings.Contains(stderr, "-endpoint is missing") {
		t.Errorf("without environment variables, the command prints %s", stderr)
	}
}

func TestListPrintsChecks(t *testing.T) {
	t.Parallel()
	stdout, _ := runWith(t, nil, exitPassed, "-list")
	for _, check := range conformance.Checks() {
		if !strings.Contains(stdout, check.Name+"\n    "+check.Expects+"\n") {
			t.Errorf("%s is not in the list", check.Name)
		}
	}
	if some, _ := runWith(t, nil, exitPassed, "-list", "-run", "delete/twice"); strings.Count(some, "\n") != 3 {
		t.Errorf("-run delete/twice lists\n%s", some)
	}
}

func TestHelpNamesFlagsAndVariables(t *testing.T) {
	t.Parallel()
	stdout, _ := runWith(t, nil, exitPassed, "-h")
	for _, words := range []string{
		"-endpoint", "-company", "-second-company", "-run", "-junit", "-html", "-json", "-list", "-use-up-rate-limit",
		"WINTRO_READ_ONLY_API_TOKEN", "RECRUITEE_REJECTED_API_TOKEN", "Exit codes",
	} {
		if !strings.Contains(stdout, words) {
			t.Errorf("the help does not mention %s", words)
		}
	}
	if version, _ := runWith(t, nil, exitPassed, "-version"); version != "wintro-conformance dev\n" {
		t.Errorf("the version is %q", version)
	}
}

// TestSignalEndsCommand sends SIGINT to the command during different requests, and SIGTERM while the server hangs. An
// interrupted command must still remove its connections.
func TestSignalEndsCommand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows, a process can't interrupt another process")
	}
	for _, request := range []int64{1, 55, 180} {
		t.Run(fmt.Sprint(request), func(t *testing.T) {
			t.Parallel()
			s := sandbox.New()
			token := s.Seed()
			s.SetWintroRateLimit(10_000, time.Minute)
			signalAt(t, request, syscall.SIGINT, s, s.WintroToken(), token)
			if left := s.Connections(); len(left) > 0 {
				t.Errorf("%d connections are left", len(left))
			}
		})
	}
	t.Run("hanging", func(t *testing.T) {
		t.Parallel()
		hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		signalAt(t, 1, syscall.SIGTERM, hanging, "wintro_0123456789", "0123456789abcdef")
	})
}

// signalAt runs the command, and sends the signal to the command when the server gets the request with the given
// number. It expects exitFailed or exitNotRun as the exit code.
func signalAt(t *testing.T, request int64, signal os.Signal, api http.Handler, wintroToken, recruiteeToken string) {
	t.Helper()
	reached := make(chan struct{})
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == request {
			close(reached)
		}
		api.ServeHTTP(w, r)
	}))
	defer server.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "-company", "816", "-endpoint", server.URL+sandbox.WintroPath)
	command.Env = append(os.Environ(), asCommand+"=1", "WINTRO_API_TOKEN="+wintroToken, "RECRUITEE_API_TOKEN="+recruiteeToken)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	if err := command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	err = command.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed && exit.ExitCode() != exitNotRun {
		t.Errorf("the command ended with %v: %s", err, &output)
	}
}
