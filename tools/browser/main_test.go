// Package browser tests the sandbox's page in a real browser, together with the real Terraform and the provider.
package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// All tests share one browser, and one mirror that contains the provider.
var (
	mirror  string
	chrome  context.Context
	skipped atomic.Int32
)

var screenshots = flag.String("screenshots", "", "make TestStory write the documentation's screenshots into this `directory`")

func TestMain(m *testing.M) {
	flag.Parse()
	exitCode, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		exitCode = 1
	}
	if n := skipped.Load(); n > 0 {
		fmt.Printf("%d tests were skipped because Chromium is not on PATH.\n", n)
	}
	os.Exit(exitCode)
}

func runTests(m *testing.M) (exitCode int, err error) {
	program, err := findBrowser()
	if err != nil {
		return 0, err
	}
	if program == "" {
		return m.Run(), nil
	}
	dir, err := os.MkdirTemp("", "wintro-browser-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	mirror = filepath.Join(dir, "plugins")
	if err := buildProvider(); err != nil {
		return 0, err
	}
	stop, err := startBrowser(program, filepath.Join(dir, "profile"))
	if err != nil {
		return 0, err
	}
	defer stop()
	return m.Run(), nil
}

// findBrowser returns the path of the browser that BROWSER names. If BROWSER is not set, findBrowser looks
// for Chromium or Chrome on PATH, and returns "" if PATH contains neither.
func findBrowser() (string, error) {
	if named := os.Getenv("BROWSER"); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", nil
}

func buildProvider() error {
	program := filepath.Join(mirror, "registry.terraform.io", "wintro-ai", "wintro", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH,
		"terraform-provider-wintro_v0.1.0")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-trimpath", "-o", program, ".")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}

// reboundHost is a host name of another site. The browser resolves the name to this machine, as in a DNS rebinding
// attack.
const reboundHost = "rebound.example"

// startBrowser starts a browser that uses the given profile directory and sends no background requests, and stores the
// browser's context in chrome.
func startBrowser(program, profile string) (stop func(), err error) {
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program),
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
	ctx, stopContext := chromedp.NewContext(allocator)
	stop = func() { stopContext(); stopAllocator() }
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	chrome = ctx
	return stop, nil
}

// needBrowser skips a test if findBrowser found no browser.
func needBrowser(t *testing.T) {
	t.Helper()
	if chrome == nil {
		skipped.Add(1)
		t.Skip("Chromium is not on PATH")
	}
}

// startSandbox serves a sandbox and its page, and stops the server when the test ends.
func startSandbox(t *testing.T) *sandboxtest.Server {
	t.Helper()
	needBrowser(t)
	return sandboxtest.StartPage(t)
}
