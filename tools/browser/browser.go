// Package browser tests the sandbox's page in a real browser, together with the real Terraform and the provider.
package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// ErrNoBrowser is the error that FindBrowser returns if it finds no Chromium.
var ErrNoBrowser = errors.New("there is no Chromium on PATH, and BROWSER names none")

// FindBrowser returns the path of Chromium or Chrome. It uses the browser that BROWSER names, or else looks for a
// browser on PATH.
func FindBrowser() (path string, err error) {
	if named := os.Getenv("BROWSER"); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// reboundHost is a host name of another site that resolves to this machine, as in a DNS rebinding attack.
const reboundHost = "rebound.example"

// Start starts a browser that uses the given profile directory and sends no background requests. The browser runs
// until ctx is cancelled or stop is called.
func Start(ctx context.Context, path, profile string) (browser context.Context, stop context.CancelFunc, err error) {
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.NoSandbox,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Headless,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP "+reboundHost+" 127.0.0.1"),
		chromedp.WSURLReadTimeout(time.Minute),
	)
	browser, stopBrowser := chromedp.NewContext(allocator)
	stop = func() { stopBrowser(); stopAllocator() }
	if err := chromedp.Do(browser); err != nil {
		stop()
		return nil, nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return browser, stop, nil
}

// Root returns the root of the repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Build builds the sandbox into a directory, and the provider into a Terraform provider mirror below the directory.
func Build(ctx context.Context, dir string) error {
	exe := ""
	if runtime.GOOS == "windows" {
		exe = ".exe"
	}
	for path, pkg := range map[string]string{
		filepath.Join(dir, "wintro-sandbox"+exe): "./cmd/wintro-sandbox",
		filepath.Join(mirror(dir), "registry.terraform.io", "wintro-ai", "wintro", "0.1.0",
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-wintro_v0.1.0"+exe): ".",
	} {
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", path, pkg)
		build.Dir = Root()
		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, output)
		}
	}
	return nil
}

func mirror(built string) string { return filepath.Join(built, "plugins") }

// A Sandbox is a running wintro-sandbox command.
type Sandbox struct {
	// URL is the address of the page that the command has printed.
	URL string

	command *exec.Cmd
	stderr  *output
}

// output stores the lines that a sandbox prints. If the first line contains the page's address, output sends the
// address to url.
type output struct {
	mu    sync.Mutex
	lines []string
	url   chan string
}

var pageAddress = regexp.MustCompile(`^The sandbox's page is at (http\S+/)$`)

func (o *output) read(from io.Reader) {
	scanner := bufio.NewScanner(from)
	for scanner.Scan() {
		o.mu.Lock()
		o.lines = append(o.lines, scanner.Text())
		first := len(o.lines) == 1
		o.mu.Unlock()
		if match := pageAddress.FindStringSubmatch(scanner.Text()); first && match != nil {
			o.url <- match[1]
		}
	}
	close(o.url)
}

// StartSandbox starts the sandbox that Build has built, and waits until it has printed the page's address.
func StartSandbox(ctx context.Context, dir string, args ...string) (*Sandbox, error) {
	s := &Sandbox{stderr: &output{url: make(chan string, 1)}}
	s.command = exec.CommandContext(ctx, filepath.Join(dir, "wintro-sandbox"), args...)
	s.command.Stdout = io.Discard
	stderr, err := s.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go s.stderr.read(stderr)
	url, printed := <-s.stderr.url
	if !printed {
		s.Stop()
		return nil, fmt.Errorf("wintro-sandbox printed no address, but:\n%s", strings.Join(s.Lines(), "\n"))
	}
	s.URL = url
	return s, nil
}

// Lines returns the lines that the command has printed on standard error.
func (s *Sandbox) Lines() []string {
	s.stderr.mu.Lock()
	defer s.stderr.mu.Unlock()
	return append([]string(nil), s.stderr.lines...)
}

// Stop ends the command.
func (s *Sandbox) Stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	_ = s.command.Wait()
}

// Terraform runs Terraform in a directory, with the configuration and environment variables that the page shows.
type Terraform struct {
	dir string
	env []string
}

// NewTerraform writes the configuration to a directory, and makes Terraform use the provider that Build has built.
func NewTerraform(dir, built, configuration string) (*Terraform, error) {
	for name, text := range map[string]string{"cli.tfrc": terraformcli.MirrorConfig(mirror(built)), "main.tf": configuration} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return &Terraform{dir: dir, env: terraformcli.Environment(
		"TF_CLI_CONFIG_FILE="+filepath.Join(dir, "cli.tfrc"), "TF_IN_AUTOMATION=1")}, nil
}

var exported = regexp.MustCompile(`(?m)^export (\w+)='([^']*)'$`)

// Paste sets the environment variables that the shell commands export, and returns their number.
func (t *Terraform) Paste(shell string) (variables int) {
	for _, match := range exported.FindAllStringSubmatch(shell, -1) {
		t.env = append(t.env, match[1]+"="+match[2])
		variables++
	}
	return variables
}

// Run runs Terraform with -input=false, so that it asks no questions.
func (t *Terraform) Run(ctx context.Context, args ...string) (exitCode int, output string, err error) {
	cli, err := terraformcli.Find(ctx, "")
	if err != nil {
		return 0, "", err
	}
	run, err := terraformcli.Command{Program: cli.Path, Arguments: append(args, "-no-color", "-input=false"), Dir: t.dir, Env: t.env}.Run(ctx)
	return run.ExitCode, run.Output, err
}
