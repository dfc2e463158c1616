package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// terraform runs Terraform in a directory, with the configuration and the environment variables that the page shows.
type terraform struct {
	t   *testing.T
	cli terraformcli.CLI
	dir string
	env []string
}

// newTerraform writes a configuration, and makes Terraform install the provider from the mirror.
func newTerraform(t *testing.T, configuration string) *terraform {
	t.Helper()
	cli, err := terraformcli.Find(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	settings := filepath.Join(dir, "cli.tfrc")
	for path, text := range map[string]string{settings: terraformcli.MirrorConfig(mirror), filepath.Join(dir, "main.tf"): configuration} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &terraform{t, cli, dir, terraformcli.Environment("TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1")}
}

var exported = regexp.MustCompile(`(?m)^export (\w+)='([^']*)'$`)

// paste sets the environment variables that the shell commands export, and returns their number.
func (tf *terraform) paste(shell string) (variables int) {
	for _, match := range exported.FindAllStringSubmatch(shell, -1) {
		tf.env = append(tf.env, match[1]+"="+match[2])
		variables++
	}
	return variables
}

// run runs Terraform and expects the given exit code.
func (tf *terraform) run(exitCode int, args ...string) (output string) {
	tf.t.Helper()
	// Without -input=false, Terraform would wait for answers to its questions.
	command := terraformcli.Command{Program: tf.cli.Path, Arguments: append(args, "-no-color", "-input=false"), Dir: tf.dir, Env: tf.env}
	result, err := command.Run(tf.t.Context())
	if err != nil || result.ExitCode != exitCode {
		tf.t.Fatalf("terraform %s: exit code %d instead of %d (%v)\n%s", strings.Join(args, " "), result.ExitCode, exitCode, err, result.Output)
	}
	return result.Output
}

const nextTitle = `document.querySelector("#next-live h3").textContent`

// A newcomer follows the next steps that the page suggests, and runs Terraform. The page must show each change without
// a reload.
func TestStory(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := openPage(t, s)
	eval[bool](v, `window.untouched = true`)
	if title := eval[string](v, nextTitle); title != "Nothing is linked yet" {
		t.Errorf("at the beginning, the next step is %q", title)
	}
	newcomer := newTerraform(t, eval[string](v, `document.getElementById("next-configuration").textContent`))
	if n := newcomer.paste(eval[string](v, `document.getElementById("next-environment").textContent`)); n != 5 {
		t.Errorf("the page shows %d environment variables instead of 5", n)
	}

	newcomer.run(0, "init")
	newcomer.run(2, "plan", "-detailed-exitcode")
	newcomer.run(0, "apply", "-auto-approve")
	v.wait(`document.querySelector("#wintro-live .status")?.textContent === "active"`)
	v.wait(nextTitle + ` === "Acme is linked"`)
	v.wait(`[...document.querySelectorAll("#requests-live li")].some(r => r.innerText.includes("POST") && r.innerText.includes("201"))`)
	v.wait(`document.querySelector("#wintro-live .left").textContent.match(/(\d+) of 100 left/)[1] < 100`)
	newcomer.run(0, "plan", "-detailed-exitcode")

	v.click(`#person-1704 button.danger`)
	v.wait(nextTitle + ` === "The connection of Acme doesn't work"`)
	v.wait(`document.getElementById("message").textContent === "The token is revoked."`)
	v.wait(`document.querySelector("#person-1704 .revoked") !== null`)
	v.wait(`document.querySelector("#wintro-live .problem").textContent === "Recruitee rejects its token."`)
	if run := eval[string](v, `document.getElementById("next-run").textContent`); run != "terraform plan -detailed-exitcode" {
		t.Errorf("the page tells the user to run %s", run)
	}
	if output := newcomer.run(2, "plan", "-detailed-exitcode"); !strings.Contains(output, "Recruitee rejected the API token") {
		t.Errorf("the plan doesn't show the rejected token:\n%s", output)
	}
	v.wait(`[...document.querySelectorAll("#requests-live .code.bad")].some(c => c.textContent === "401")`)
	if *screenshots != "" {
		v.takeScreenshots(*screenshots)
	}

	v.click(`#next-live button.primary`)
	v.wait(`document.getElementById("next-fix")?.textContent.includes("export TF_VAR_recruitee_api_token=")`)
	if n := newcomer.paste(eval[string](v, `document.getElementById("next-fix").textContent`)); n != 1 {
		t.Errorf("the fix contains %d environment variables instead of 1", n)
	}
	newcomer.run(0, "apply", "-auto-approve")
	v.wait(nextTitle + ` === "Acme is linked"`)
	v.wait(`document.querySelector("#wintro-live .problem") === null`)
	newcomer.run(0, "plan", "-detailed-exitcode")
	newcomer.run(0, "destroy", "-auto-approve")
	v.wait(nextTitle + ` === "Nothing is linked yet"`)

	v.expectOnlyOwnRequests(s)
	if !eval[bool](v, `window.untouched === true`) || v.loads != 1 {
		t.Errorf("the page was loaded %d times", v.loads)
	}
	requests := s.Requests()
	sent := len(requests.To(sandbox.Recruitee)) + len(requests.To(sandbox.Wintro))
	v.wait(fmt.Sprintf(`parseInt(document.querySelector("#requests-live .detail").textContent) === %d`, sent))
}

// takeScreenshots writes a screenshot in each colour scheme into a directory.
func (v *tab) takeScreenshots(dir string) {
	v.t.Helper()
	const (
		width, height = 1280, 1660
		// scale is the number of screen pixels for each CSS pixel.
		scale = 1.5
		// At a lower quality, small text is blurred.
		quality = 82
	)
	v.do(
		chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale)),
		// Move the mouse away from the button, so that the picture doesn't show the button's hover style.
		chromedp.MouseClickXY(1, 1),
	)
	ctx, cancel := context.WithTimeout(v.ctx, maxWait)
	defer cancel()
	for _, scheme := range []string{"light", "dark"} {
		v.prefer("prefers-color-scheme", scheme)
		// Wait until the buttons, whose colours change gradually, have their final colours.
		v.wait(`document.getAnimations().every(animation => !(animation instanceof CSSTransition))`)
		shot, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
			Format: cdppage.CaptureScreenshotFormatWebp, Quality: new(int64(quality)),
		})
		v.must(err)
		v.must(os.WriteFile(filepath.Join(dir, "sandbox-"+scheme+".webp"), shot.Data, 0o600))
	}
}
