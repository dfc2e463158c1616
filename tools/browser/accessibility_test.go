package browser

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// axeSource is the source of axe-core, which `make assets` downloads.
//
//go:embed axe/axe.min.js
var axeSource string

// violation is a problem that axe-core has found.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// expectAccessible expects axe-core to find no violations of WCAG 2.2 at level AA, or of its best practices.
func (v *tab) expectAccessible(where string) {
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

const dialogIsOpen = `document.getElementById("dialog").open`

// openDialog clicks the link that the selector finds, and waits until the dialog is open.
func (v *tab) openDialog(selector string) {
	v.t.Helper()
	v.click(selector)
	v.wait(dialogIsOpen)
}

func (v *tab) closeDialog() {
	v.t.Helper()
	v.do(chromedp.KeyEvent(kb.Escape))
	v.wait("!" + dialogIsOpen)
}

func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1400, 800, 400} {
			t.Run(fmt.Sprintf("%s %d", scheme, width), func(t *testing.T) {
				t.Parallel()
				s := startSandbox(t)
				v := newTab(t, width, 900)
				v.prefer("prefers-color-scheme", scheme)
				// axe would measure a colour that is still changing.
				v.prefer("prefers-reduced-motion", "reduce")
				v.open(s.URL + "/")
				check := func(where string) {
					t.Helper()
					v.expectAccessible(where)
					if wide := eval[int64](v, `document.documentElement.scrollWidth`); wide > width {
						t.Errorf("%s: the page is %d pixels wide", where, wide)
					}
				}
				check("at the beginning")

				s.Connect(sandbox.SeedCompanyID, "Recruitee", s.Token)
				s.AddConnections(20)
				s.RevokeScope(s.WintroToken(), "ats-connections:write")
				s.SetRole(sandbox.SeedOwnerID, "Administrator", false)
				s.SetActive(sandbox.SeedOwnerID, false)
				s.RevokeToken(s.Token)
				s.Fail(sandbox.Fault{Kind: sandbox.HTML, System: sandbox.Recruitee, Method: http.MethodGet, Times: 3})
				s.Fail(sandbox.Fault{Status: http.StatusServiceUnavailable, Latency: time.Second})
				eval[[]int](v, `Promise.all(["/recruitee/c/816/admin", "/wintro/api/v1/ats-connections"].map(
					path => fetch(path, {headers: {Authorization: "Bearer `+s.Token+`"}}).then(r => r.status)))`)
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

// The user can reach the page's controls with the keyboard. A change of the page doesn't move the focus.
func TestKeyboardReachesControls(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := openPage(t, s)
	const focused = `document.activeElement`
	v.do(chromedp.KeyEvent(kb.Tab))
	if text := eval[string](v, focused+`.textContent`); text != "Skip to the content" {
		t.Errorf("the first Tab reaches %q", text)
	}
	v.pressEnter()
	reach := func(label string) {
		t.Helper()
		for range 60 {
			if eval[string](v, focused+`.getAttribute("aria-label") || `+focused+`.textContent`) == label {
				return
			}
			v.do(chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("60 Tabs don't reach %s", label)
	}
	reach("New token for Ada Byron")
	if style := eval[string](v, `getComputedStyle(`+focused+`).outlineStyle`); style != "solid" {
		t.Errorf("the focus isn't visible: its outline style is %s", style)
	}
	v.pressEnter()
	v.wait(`document.querySelectorAll("#person-1704 .token").length === 2`)
	reach("New token for Ada Byron")
	s.RenameCompany(sandbox.SeedCompanyID, "Acme Holding")
	v.wait(`document.querySelector("#company-816 h3").textContent.includes("Acme Holding")`)
	if label := eval[string](v, focused+`.getAttribute("aria-label")`); label != "New token for Ada Byron" {
		t.Errorf("after the company is renamed, the focus is at %q", label)
	}

	// The focus moves into the dialog, and back to the link that opened it.
	v.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)), chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
	reach("Rename Acme Holding")
	v.pressEnter()
	v.wait(dialogIsOpen)
	v.wait(focused + `.id === "field-name"`)
	v.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)), chromedp.KeyEvent("Acme Group"))
	v.pressEnter()
	v.wait("!" + dialogIsOpen)
	v.wait(`document.querySelector("#company-816 h3").textContent.includes("Acme Group")`)
	v.wait(focused + `.getAttribute("aria-label") === "Rename Acme Group"`)
	v.expectOnlyOwnRequests(s)
}

func TestReducedMotionTurnsAnimationsOff(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := newTab(t, 1400, 900)
	v.prefer("prefers-reduced-motion", "reduce")
	v.open(s.URL + "/")
	if moving := eval[int](v, `[...document.querySelectorAll("*")].filter(e => {
		const style = getComputedStyle(e);
		return style.transitionDuration !== "0s" || style.animationName !== "none" || style.scrollBehavior === "smooth";
	}).length`); moving > 0 {
		t.Errorf("%d elements have animations", moving)
	}
}
