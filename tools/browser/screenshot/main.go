// Command screenshot takes the screenshots of the sandbox's page that the documentation shows. They show a connection
// that Terraform has created, after a click on the page has revoked its token.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/wintro-ai/terraform-provider-wintro/tools/browser"
)

func main() {
	out := flag.String("out", filepath.Join(browser.Root(), ".github"), "`directory` for the pictures")
	format := flag.String("format", ".webp", "`ending` of their names: .webp or .png")
	flag.Parse()
	if err := run(context.Background(), *out, *format); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

const (
	width  = 1280
	height = 1660
	// scale is the number of screen pixels for each CSS pixel.
	scale = 1.5
	// quality is the lowest image quality at which small text looks as it does in the browser.
	quality = 82
)

func run(ctx context.Context, out, format string) (err error) {
	path, err := browser.FindBrowser()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "wintro-screenshot-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := browser.Build(ctx, dir); err != nil {
		return err
	}
	chrome, stop, err := browser.Start(ctx, path, filepath.Join(dir, "profile"))
	if err != nil {
		return err
	}
	defer stop()
	s, err := browser.StartSandbox(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	tab, closeTab, err := browser.NewTab(chrome, width, height)
	if err != nil {
		return err
	}
	defer closeTab()
	if err := tab.Do(chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale))); err != nil {
		return err
	}
	if err := tab.Open(s.URL); err != nil {
		return err
	}
	if err := revokeToken(ctx, tab, dir); err != nil {
		return err
	}
	for _, scheme := range []string{"light", "dark"} {
		if err := tab.Prefer("prefers-color-scheme", scheme); err != nil {
			return err
		}
		if err := capture(tab, filepath.Join(out, "sandbox-"+scheme+format)); err != nil {
			return err
		}
	}
	return nil
}

// revokeToken prepares the state that the screenshots show: Terraform has linked the company, a user has revoked the
// token, and a plan has shown the drift.
func revokeToken(ctx context.Context, tab *browser.Tab, built string) error {
	dir := filepath.Join(built, "work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	configuration, err := browser.Eval[string](tab, `document.getElementById("next-configuration").textContent`)
	if err != nil {
		return err
	}
	environment, err := browser.Eval[string](tab, `document.getElementById("next-environment").textContent`)
	if err != nil {
		return err
	}
	terraform, err := browser.NewTerraform(dir, built, configuration)
	if err != nil {
		return err
	}
	terraform.Paste(environment)
	for _, args := range [][]string{{"init"}, {"apply", "-auto-approve"}} {
		if exitCode, output, err := terraform.Run(ctx, args...); err != nil || exitCode != 0 {
			return fmt.Errorf("terraform %s: exit code %d, %w\n%s", args[0], exitCode, err, output)
		}
	}
	if err := tab.Do(chromedp.Click(chromedp.CSS("#person-1704 button.danger"))); err != nil {
		return err
	}
	if exitCode, output, err := terraform.Run(ctx, "plan", "-detailed-exitcode"); err != nil || exitCode != 2 {
		return fmt.Errorf("terraform plan: exit code %d, %w\n%s", exitCode, err, output)
	}
	if err := tab.Wait(`document.querySelector("#requests-live .code.bad") && document.querySelector("#wintro-live .problem")`); err != nil {
		return err
	}
	// Move the mouse away from the button that it clicked, so that the screenshot doesn't show the button's hover style.
	return tab.Do(chromedp.MouseClickXY(1, 1))
}

func capture(tab *browser.Tab, path string) error {
	format := page.CaptureScreenshotFormatWebp
	if filepath.Ext(path) == ".png" {
		format = page.CaptureScreenshotFormatPng
	}
	shot, err := browser.Session(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: format, Quality: new(int64(quality))})
	if err != nil {
		return err
	}
	return os.WriteFile(path, shot.Data, 0o600)
}
