package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"go.uber.org/goleak"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running represents a wintro-sandbox command that serves a sandbox.
type running struct {
	output      string
	environment map[string]string
	stderr      recorder

	stop     context.CancelFunc
	ended    chan struct{}
	exitCode int
}

// recorder stores the command's standard error, so that a test can read the lines while the command runs.
type recorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *recorder) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSpace(r.text.String()), "\n")
}

// start starts the command, and waits until the command has printed its environment. At the end of the test, a cleanup
// function interrupts the command and expects exit code 0.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{environment: map[string]string{}, stop: stop, ended: make(chan struct{})}
	t.Cleanup(func() { r.end(t) })
	stdout, printed := io.Pipe()
	go func() {
		r.exitCode = run(ctx, args, printed, &r.stderr)
		close(r.ended)
		_ = printed.CloseWithError(fmt.Errorf("the command ended with exit code %d", r.exitCode))
	}()
	// The command prints everything in one write, so one Read returns the whole output.
	buffer := make([]byte, 1<<16)
	n, err := stdout.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	r.output = string(buffer[:n])
	for line := range strings.Lines(r.output) {
		line, exported := strings.CutPrefix(strings.TrimSpace(line), "export ")
		if name, value, found := strings.Cut(line, "="); exported && found {
			r.environment[name] = strings.Trim(value, "'")
		} else if !strings.HasPrefix(line, "# ") {
			t.Errorf("the line is neither a comment nor an export: %q", line)
		}
	}
	return r
}

// end interrupts the command, and expects exit code 0.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	<-r.ended
	if r.exitCode != exitOK {
		t.Errorf("after an interrupt, the exit code is %d: %q", r.exitCode, r.stderr.lines())
	}
}

// client opens a connection for each request. A connection that stays open would be a goroutine leak for goleak.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// open sends a request. The caller must close the body of the response.
func open(t *testing.T, method, url, token, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func send(t *testing.T, method, url, token, body string) (status int, content string) {
	t.Helper()
	response := open(t, method, url, token, body)
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(read)
}

func TestServePrintsWorkingVariables(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "localhost:0"} {
		r := start(t, "-quiet", "-listen", address)
		env := r.environment
		if !strings.HasPrefix(r.output, "# These variables select a sandbox ") || len(env) != 7 {
			t.Errorf("the output is\n%s", r.output)
		}
		var organisations, companies map[string]string
		for name, tokens := range map[string]*map[string]string{
			"TF_VAR_wintro_api_tokens": &organisations, "TF_VAR_recruitee_api_tokens": &companies,
		} {
			if err := json.Unmarshal([]byte(env[name]), tokens); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		list := env["WINTRO_ENDPOINT"] + "/ats-connections"
		for _, call := range []struct{ url, token string }{
			{env["WINTRO_SANDBOX_CONTROL"] + "/requests", ""},
			{list, env["WINTRO_API_TOKEN"]},
			{list, organisations["europe"]},
			{list, organisations["americas"]},
			{env["RECRUITEE_ENDPOINT"] + "/c/816/admin", env["TF_VAR_recruitee_api_token"]},
			{env["RECRUITEE_ENDPOINT"] + "/c/816/admin", companies["acme_netherlands"]},
			{env["RECRUITEE_ENDPOINT"] + "/c/817/admin", companies["acme_poland"]},
			{env["RECRUITEE_ENDPOINT"] + "/c/818/admin", companies["acme_canada"]},
		} {
			status, body := send(t, http.MethodGet, call.url, call.token, "")
			if status != http.StatusOK || !json.Valid([]byte(body)) || strings.Contains(body, `"role_admin":false`) {
				t.Errorf("GET %s with the token %s returns %d %s", call.url, call.token, status, body)
			}
		}
		if len(organisations) != 2 || organisations["europe"] == organisations["americas"] || len(companies) != 3 {
			t.Errorf("the tokens are %v and %v", organisations, companies)
		}
		if lines := r.stderr.lines(); len(lines) != 1 {
			t.Errorf("with -quiet, the command prints %q", lines)
		}
	}
}

func TestTerminalShowsPageAndRequests(t *testing.T) {
	t.Parallel()
	r := start(t)
	url := strings.TrimSuffix(r.environment["WINTRO_SANDBOX_CONTROL"], sandbox.ControlPath)
	if lines := r.stderr.lines(); !slices.Equal(lines, []string{"The sandbox's page is at " + url + "/"}) {
		t.Errorf("before the first request, the command prints %q", lines)
	}
	if status, body := send(t, http.MethodGet, url+"/", "", ""); status != http.StatusOK || !strings.Contains(body, "<h1>Wintro sandbox</h1>") {
		t.Errorf("GET %s/ returns %d %s", url, status, body)
	}
	token := r.environment["TF_VAR_recruitee_api_token"]
	send(t, http.MethodPost, r.environment["WINTRO_SANDBOX_CONTROL"]+"/faults", "", `{"kind":"html","times":1}`)
	send(t, http.MethodGet, r.environment["RECRUITEE_ENDPOINT"]+"/c/816/admin", token, "")
	send(t, http.MethodGet, r.environment["RECRUITEE_ENDPOINT"]+"/c/816/admin?x=1", "", "")
	lines := r.stderr.lines()[1:]
	for i, form := range []string{
		`^\d\d:\d\d:\d\d  GET    /recruitee/c/816/admin +200 +[0-9.]+[mµ]?s  ` + regexp.QuoteMeta(sandbox.Fingerprint(token)[:15]) + `  fault: html$`,
		`^\d\d:\d\d:\d\d  GET    /recruitee/c/816/admin\?x=1 +401 +[0-9.]+[mµ]?s$`,
	} {
		if i >= len(lines) || !regexp.MustCompile(form).MatchString(lines[i]) {
			t.Errorf("no line matches %s in\n%s", form, strings.Join(lines, "\n"))
		}
	}
}

func TestRateLimitFlagSetsLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want int
	}{
		{nil, 99}, {[]string{"-rate-limit", "2/1h"}, 1}, {[]string{"-rate-limit", "0"}, -1}, {[]string{"-rate-limit", "off"}, -1},
	} {
		r := start(t, test.args...)
		response := open(t, http.MethodGet, r.environment["WINTRO_ENDPOINT"]+"/ats-connections", r.environment["WINTRO_API_TOKEN"], "")
		_ = response.Body.Close()
		remaining, err := strconv.Atoi(response.Header.Get("X-RateLimit-Remaining"))
		if err != nil {
			remaining = -1
		}
		if remaining != test.want {
			t.Errorf("with the flags %v, %d requests remain instead of %d", test.args, remaining, test.want)
		}
	}
}

func TestControlAcceptsFaultsInHelp(t *testing.T) {
	t.Parallel()
	r := start(t)
	faults := r.environment["WINTRO_SANDBOX_CONTROL"] + "/faults"
	examples := regexp.MustCompile(`(?s)CONTROL/faults -d '(.*?)'`).FindAllStringSubmatch(introduction, -1)
	for _, example := range examples {
		if status, content := send(t, http.MethodPost, faults, "", example[1]); status != http.StatusOK {
			t.Errorf("the control API rejects %s: %s", example[1], content)
		}
	}
	if _, list := send(t, http.MethodGet, faults, "", ""); len(examples) < 3 || strings.Count(list, `"kind"`) != len(examples) {
		t.Errorf("%d examples in the help lead to these faults: %s", len(examples), list)
	}
}

func TestInterruptEndsCommandDuringFault(t *testing.T) {
	t.Parallel()
	r := start(t)
	env := r.environment
	send(t, http.MethodPost, env["WINTRO_SANDBOX_CONTROL"]+"/faults", "", `{"kind":"endless"}`)
	response := open(t, http.MethodGet, env["WINTRO_ENDPOINT"]+"/ats-connections", "", "")
	defer func() { _ = response.Body.Close() }()
	go func() { _, _ = io.Copy(io.Discard, response.Body) }()
	r.end(t)
}

func TestShellReadsQuotedVariables(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not on PATH")
	}
	const strange = `'$(exit 1)"\` + "`x`"
	s := sandbox.New()
	s.SeedExamples()
	s.SetWintroToken(strange)
	script := environment(s, "http://127.0.0.1:1") + `printf '%s' "$WINTRO_API_TOKEN"`
	output, err := exec.CommandContext(t.Context(), shell, "-c", script).CombinedOutput()
	if err != nil || string(output) != strange {
		t.Errorf("the shell read %s instead of %s (%v)", output, strange, err)
	}
}

// The line of a request must contain only printable characters, so that a request can't write escape sequences or more
// lines to the terminal.
func TestRequestLineIsPrintable(t *testing.T) {
	t.Parallel()
	line := requestLine(sandbox.Request{
		Method: "G\x1b[2JET", Path: "/wintro/\x1b]0;title\x07\n12:00:00  GET /forged", Query: "\u202e\u200b\x9b\r", Status: 200,
	})
	for _, char := range line {
		if !unicode.IsPrint(char) {
			t.Errorf("%q contains the unprintable %q", line, char)
		}
	}
	if !strings.Contains(line, "/forged") {
		t.Errorf("%q lacks printable text of the path", line)
	}
}

// runOnce runs a command that ends by itself, and expects the given exit code.
func runOnce(t *testing.T, exitCode int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	if got := run(t.Context(), args, &out, &errs); got != exitCode {
		t.Errorf("with %v, the exit code is %d instead of %d", args, got, exitCode)
	}
	return out.String(), errs.String()
}

func TestInvalidFlagsReturnUsageError(t *testing.T) {
	t.Parallel()
	for args, words := range map[string]string{
		"-listen :8080":               "only loopback addresses are possible, such as 127.0.0.1:8080",
		"-listen 0.0.0.0:0":           "only loopback addresses",
		"-listen [::]:0":              "only loopback addresses",
		"-listen localhost.example:0": "only loopback addresses",
		"-listen 127.0.0.1":           "not an address with a port",
		"-port 80":                    "not defined: -port",
		"serve":                       `unexpected argument "serve"`,
		"-rate-limit many":            `not a limit such as 100/60s, 0 or "off"`,
		"-rate-limit 100":             "not a limit",
		"-rate-limit 0/60s":           "not a limit",
		"-rate-limit 100/0s":          "not a limit",
	} {
		stdout, stderr := runOnce(t, exitUsage, strings.Fields(args)...)
		if stdout != "" || !strings.Contains(stderr, words) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("with %s, the command prints %q on stdout and %q on stderr", args, stdout, stderr)
		}
	}
}

func TestPortInUseReturnsError(t *testing.T) {
	t.Parallel()
	first := start(t)
	address := strings.TrimPrefix(strings.TrimSuffix(first.environment["RECRUITEE_ENDPOINT"], sandbox.RecruiteePath), "http://")
	if stdout, stderr := runOnce(t, exitError, "-listen", address); stdout != "" || !strings.Contains(stderr, "listening:") {
		t.Errorf("the command prints %q on stdout and %q on stderr", stdout, stderr)
	}
}

func TestHelpNamesFlagsAndFaults(t *testing.T) {
	t.Parallel()
	stdout, stderr := runOnce(t, exitOK, "-h")
	words := []string{"-listen", "-rate-limit", "-quiet", "100/60s", "WINTRO_SANDBOX_CONTROL", "GET /control ", "127.0.0.1:0"}
	for _, kind := range sandbox.FaultKinds() {
		words = append(words, "\n  "+string(kind.Kind)+" ", " "+kind.Does+"\n")
	}
	for _, word := range words {
		if !strings.Contains(stdout, word) {
			t.Errorf("the help does not mention %s:\n%s", word, stdout)
		}
	}
	for line := range strings.Lines(stdout) {
		if len(strings.ReplaceAll(line, "\t", "    ")) > len("\n")+80 {
			t.Errorf("the line is too long for a terminal: %s", line)
		}
	}
	version, _ := runOnce(t, exitOK, "-version")
	if version != "wintro-sandbox dev\n" || stderr != "" {
		t.Errorf("the version is %q, and the help prints %q on stderr", version, stderr)
	}
}
