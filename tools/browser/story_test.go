package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// terraform runs Terraform and expects the given exit code.
func terraform(t *testing.T, in *Terraform, wantExitCode int, args ...string) (output string) {
	t.Helper()
	exitCode, output, err := in.Run(t.Context(), args...)
	if err != nil || exitCode != wantExitCode {
		t.Fatalf("terraform %s: exit code %d instead of %d (%v)\n%s", strings.Join(args, " "), exitCode, wantExitCode, err, output)
	}
	return output
}

const nextTitle = `document.querySelector("#next-live h3").textContent`

// A newcomer starts the sandbox, and then runs Terraform as the page says. The browser loads the page only once.
func TestStory(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := open(t, s)
	eval[bool](v, `window.untouched = true`)
	if title := eval[string](v, nextTitle); title != "Nothing is linked yet" {
		t.Errorf("at the beginning: %s", title)
	}
	newcomer, err := NewTerraform(t.TempDir(), built, eval[string](v, `document.getElementById("next-configuration").textContent`))
	v.must(err)
	if n := newcomer.Paste(eval[string](v, `document.getElementById("next-environment").textContent`)); n != 5 {
		t.Errorf("%d variables", n)
	}

	terraform(t, newcomer, 0, "init")
	terraform(t, newcomer, 2, "plan", "-detailed-exitcode")
	terraform(t, newcomer, 0, "apply", "-auto-approve")
	v.wait(`document.querySelector("#wintro-live .status")?.textContent === "active"`)
	v.wait(nextTitle + ` === "Acme is linked"`)
	v.wait(`[...document.querySelectorAll("#requests-live li")].some(r => r.innerText.includes("POST") && r.innerText.includes("201"))`)
	v.wait(`document.querySelector("#wintro-live .left").textContent.match(/(\d+) of 100 left/)[1] < 100`)
	terraform(t, newcomer, 0, "plan", "-detailed-exitcode")

	v.must(v.Do(chromedp.Click(chromedp.CSS(`#person-1704 button.danger`))))
	v.wait(nextTitle + ` === "The connection of Acme doesn't work"`)
	v.wait(`document.getElementById("message").textContent === "The token is revoked."`)
	v.wait(`document.querySelector("#person-1704 .revoked") !== null`)
	v.wait(`document.querySelector("#wintro-live .problem").textContent === "Recruitee rejects its token."`)
	if run := eval[string](v, `document.getElementById("next-run").textContent`); run != "terraform plan -detailed-exitcode" {
		t.Errorf("to run: %s", run)
	}
	if output := terraform(t, newcomer, 2, "plan", "-detailed-exitcode"); !strings.Contains(output, "Recruitee rejected the API token") {
		t.Errorf("the plan says\n%s", output)
	}
	v.wait(`[...document.querySelectorAll("#requests-live .code.bad")].some(c => c.textContent === "401")`)

	v.must(v.Do(chromedp.Click(chromedp.CSS(`#next-live button.primary`))))
	v.wait(`document.getElementById("next-fix")?.textContent.includes("export TF_VAR_recruitee_api_token=")`)
	if n := newcomer.Paste(eval[string](v, `document.getElementById("next-fix").textContent`)); n != 1 {
		t.Errorf("%d variables to fix it", n)
	}
	terraform(t, newcomer, 0, "apply", "-auto-approve")
	v.wait(nextTitle + ` === "Acme is linked"`)
	v.wait(`document.querySelector("#wintro-live .problem") === null`)
	terraform(t, newcomer, 0, "plan", "-detailed-exitcode")
	terraform(t, newcomer, 0, "destroy", "-auto-approve")
	v.wait(nextTitle + ` === "Nothing is linked yet"`)

	if !eval[bool](v, `window.untouched === true`) || v.Loads() != 1 {
		t.Errorf("the page was loaded %d times", v.Loads())
	}
	v.staysAtHome(s)
	requests := 0
	for _, line := range s.Lines() {
		if strings.Contains(line, "/recruitee/c/816/admin") || strings.Contains(line, "/ats-connections") {
			requests++
		}
	}
	if shown := eval[int](v, `parseInt(document.querySelector("#requests-live .detail").textContent)`); shown != requests {
		t.Errorf("the page shows %d requests, the terminal %d", shown, requests)
	}
}
