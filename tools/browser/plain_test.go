package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Without JavaScript, everything is there to read, and forms work.
func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := newView(t, 1400, 1000)
	_, err := Session(v.Tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	v.must(err)
	v.must(v.Do(chromedp.Navigate(s.URL)))
	has := func(selector, text string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(v.ctx, maxWait)
		defer cancel()
		got, err := chromedp.Run(ctx, chromedp.TextContent(chromedp.CSS(selector)))
		v.must(err)
		if got != text {
			t.Errorf("%s is %q instead of %q", selector, got, text)
		}
	}
	follow := func(selector string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(v.ctx, maxWait)
		defer cancel()
		_, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
		v.must(err)
	}
	has("#next-live h3", "Nothing is linked yet")

	follow("#person-1704 button.danger")
	has("#person-1704 .revoked .badge", "revoked")
	follow(`a[href="/forms/add-company"]`)
	has("main h2", "Add a company")
	v.must(v.Do(chromedp.SendKeys(chromedp.CSS("#field-name"), "Globex"), chromedp.SendKeys(chromedp.CSS("#field-id"), "816")))
	follow("main button")
	has("main h2", "That can't be done")
	follow("main a")
	follow(`a[href="/forms/add-company"]`)
	v.must(v.Do(chromedp.SendKeys(chromedp.CSS("#field-name"), "Globex"), chromedp.SendKeys(chromedp.CSS("#field-id"), "819")))
	follow("main button")
	has("#company-819 h3", "Globex 819")
	follow("#faults .fields button")
	has("#faults-live .pending strong", "answer-lost")
	follow("#faults-live li button")
	has("#faults-live .empty", "Nothing goes wrong now.")
	v.asksNobodyElse(s)
}
