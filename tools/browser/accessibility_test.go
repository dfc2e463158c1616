package browser

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axeSource is the source of axe-core, which only this test uses. make assets fetches it.
//
//go:embed axe/axe.min.js
var axeSource string

// violation is a problem that axe-core has found.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// accessible expects axe-core to find no violations.
func (v view) accessible(where string) {
	v.t.Helper()
	eval[bool](v, axeSource+"; true")
	found := eval[[]violation](v, `axe.run(document, {
		resultTypes: ["violations"],
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
		rules: {"target-size": {enabled: true}},
	}).then(results => results.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help,
		Nodes: v.nodes.map(n => ({HTML: n.html, FailureSummary: n.failureSummary}))})))`)
	for _, violation := range found {
		var nodes []string
		for _, node := range violation.Nodes {
			nodes = append(nodes, node.HTML+"\n  "+node.FailureSummary)
		}
		v.t.Errorf("%s: %s (%s, %s)\n%s", where, violation.Help, violation.ID, violation.Impact, strings.Join(nodes, "\n"))
	}
}

func (v view) click(selector string) {
	v.t.Helper()
	v.must(v.Do(chromedp.Click(chromedp.CSS(selector))))
}

const dialogIsOpen = `document.getElementById("dialog").open`

// openDialog clicks a link, and waits until the dialog is open.
func (v view) openDialog(selector string) {
	v.t.Helper()
	v.click(selector)
	v.wait(dialogIsOpen)
}

func (v view) closeDialog() {
	v.t.Helper()
	v.must(v.Do(chromedp.KeyEvent(kb.Escape)))
	v.wait("!" + dialogIsOpen)
}

// control sends a command to the control API from the page.
func (v view) control(path, body string) {
	v.t.Helper()
	if status := eval[int](v, fmt.Sprintf("fetch(%q, {method: 'POST', body: %q}).then(r => r.status)", "/control"+path, body)); status != 200 {
		v.t.Fatalf("%s %s: %d", path, body, status)
	}
}

func TestAccessibility(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1400, 800, 400} {
			t.Run(fmt.Sprintf("%s %d", scheme, width), func(t *testing.T) {
				t.Parallel()
				s := startSandbox(t)
				v := newView(t, width, 900)
				v.must(v.Prefer("prefers-color-scheme", scheme))
				v.must(v.Open(s.URL))
				check := func(where string) {
					t.Helper()
					v.accessible(where)
					if wide := eval[int64](v, `document.documentElement.scrollWidth`); wide > width {
						t.Errorf("%s: %d pixels wide", where, wide)
					}
				}
				check("at the beginning")

				token := eval[string](v, `document.querySelector("#person-1704 .value").textContent`)
				v.control("/wintro/connect", `{"company_id":816,"name":"Recruitee","token":"`+token+`"}`)
				v.control("/wintro/add-connections", `{"n":20}`)
				v.control("/wintro/revoke-scope", `{"scope":"ats-connections:write"}`)
				v.control("/recruitee/set-role", `{"owner_id":1704,"role":"Administrator","administrator":false}`)
				v.control("/recruitee/set-active", `{"owner_id":1704,"active":false}`)
				v.control("/recruitee/revoke-token", `{"token":"`+token+`"}`)
				v.control("/faults", `{"kind":"html","system":"recruitee","method":"GET","times":3}`)
				v.control("/faults", `{"status":503,"latency":"1s"}`)
				eval[[]int](v, `Promise.all(["/recruitee/c/816/admin", "/wintro/api/v1/ats-connections"].map(
					path => fetch(path, {headers: {Authorization: "Bearer `+token+`"}}).then(r => r.status)))`)
				v.wait(`document.querySelectorAll("#requests-live li").length >= 2`)
				v.wait(`document.querySelectorAll("#faults-live li").length >= 1`)
				v.wait(nextTitle + `.includes("doesn't work")`)
				check("broken")

				v.openDialog("#requests-live li a")
				check("a request")
				v.closeDialog()
				v.openDialog(`a[href="/forms/connect"]`)
				check("a form")
				v.closeDialog()
			})
		}
	}
}

// The user can reach the page's controls with the keyboard, and changes to the page don't move the focus.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := open(t, s)
	const focused = `document.activeElement`
	v.must(v.Do(chromedp.KeyEvent(kb.Tab)))
	if text := eval[string](v, focused+`.textContent`); text != "Skip to the content" {
		t.Errorf("the first thing to reach is %q", text)
	}
	v.must(v.Do(chromedp.KeyEvent(kb.Enter)))
	reach := func(label string) {
		t.Helper()
		for range 60 {
			if eval[string](v, focused+`.getAttribute("aria-label") || `+focused+`.textContent`) == label {
				return
			}
			v.must(v.Do(chromedp.KeyEvent(kb.Tab)))
		}
		t.Fatalf("%s can't be reached", label)
	}
	reach("New token for Ada Byron")
	if style := eval[string](v, `getComputedStyle(`+focused+`).outlineStyle`); style != "solid" {
		t.Errorf("the focus isn't visible: %s", style)
	}
	v.must(v.Do(chromedp.KeyEvent(kb.Enter)))
	v.wait(`document.querySelectorAll("#person-1704 .token").length === 2`)
	reach("New token for Ada Byron")
	v.control("/recruitee/rename-company", `{"company_id":816,"name":"Acme Holding"}`)
	v.wait(`document.querySelector("#company-816 h3").textContent.includes("Acme Holding")`)
	if label := eval[string](v, focused+`.getAttribute("aria-label")`); label != "New token for Ada Byron" {
		t.Errorf("after a change the focus is at %q", label)
	}

	// The focus moves into the dialog, and back to the link that opened it.
	v.must(v.Do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)), chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift))))
	reach("Rename Acme Holding")
	v.must(v.Do(chromedp.KeyEvent(kb.Enter)))
	v.wait(dialogIsOpen)
	v.wait(focused + `.id === "field-name"`)
	v.must(v.Do(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)), chromedp.KeyEvent("Acme Group"+kb.Enter)))
	v.wait("!" + dialogIsOpen)
	v.wait(`document.querySelector("#company-816 h3").textContent.includes("Acme Group")`)
	v.wait(focused + `.getAttribute("aria-label") === "Rename Acme Group"`)
	v.staysAtHome(s)
}

// The page has no animations for users who prefer reduced motion.
func TestReducedMotion(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := newView(t, 1400, 900)
	v.must(v.Prefer("prefers-reduced-motion", "reduce"))
	v.must(v.Open(s.URL))
	if moving := eval[int](v, `[...document.querySelectorAll("*")].filter(e => {
		const style = getComputedStyle(e);
		return style.transitionDuration !== "0s" || style.animationName !== "none" || style.scrollBehavior === "smooth";
	}).length`); moving > 0 {
		t.Errorf("%d elements move", moving)
	}
}
