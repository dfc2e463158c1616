package browser

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// tab represents a browser tab, and records the page's errors, requests and loads. The methods of tab fail the test if
// an error occurs.
type tab struct {
	t   *testing.T
	ctx context.Context
	// preferences contains the user's preferences, such as a colour scheme.
	preferences []*emulation.MediaFeature

	mu sync.Mutex
	// errors contains the errors and warnings on the page's console, and the page's uncaught exceptions.
	errors []string
	// requests contains the URL of each request that the page has sent.
	requests []string
	// loads is the number of documents that the tab has requested.
	loads int
}

// newTab opens a tab that shares no data with other tabs, and closes it when the test ends.
func newTab(t *testing.T, width, height int64) *tab {
	t.Helper()
	needBrowser(t)
	ctx, closeTab := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	v := &tab{t: t, ctx: ctx}
	v.must(chromedp.Do(ctx))
	v.must(chromedp.Listen(ctx, v.listen))
	v.do(chromedp.EmulateViewport(width, height))
	return v
}

// openPage opens the page of a sandbox on a wide screen.
func openPage(t *testing.T, s *sandboxtest.Server) *tab {
	t.Helper()
	v := newTab(t, 1400, 1000)
	v.open(s.URL + "/")
	return v
}

func (v *tab) listen(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		v.requests = append(v.requests, event.Request.URL)
		if event.Type == network.ResourceTypeDocument {
			v.loads++
		}
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeWarning || event.Type == runtime.ConsoleAPICalledTypeAssert {
			var text []string
			for _, argument := range event.Args {
				text = append(text, string(argument.Value)+argument.Description)
			}
			v.errors = append(v.errors, strings.Join(text, " "))
		}
	case *runtime.EventExceptionThrown:
		v.errors = append(v.errors, event.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		if event.Entry.Level == cdplog.EntryLevelError || event.Entry.Level == cdplog.EntryLevelWarning {
			v.errors = append(v.errors, event.Entry.Text+" "+event.Entry.URL)
		}
	}
}

func (v *tab) must(err error) {
	v.t.Helper()
	if err != nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.t.Fatalf("%v\nconsole: %q", err, v.errors)
	}
}

// maxWait is the timeout for a step in the tab. A step usually takes far less time.
const maxWait = time.Minute

// do runs steps in the tab, for at most maxWait.
func (v *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, maxWait)
	defer cancel()
	v.must(chromedp.Do(ctx, steps...))
}

// eval evaluates a JavaScript expression in the page and returns its value. If the value is a promise, eval waits for
// the result of the promise.
func eval[T any](v *tab, expression string) T {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, maxWait)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	v.must(err)
	return value
}

// wait waits until a JavaScript expression is true in the page. After maxWait, it fails the test.
func (v *tab) wait(expression string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, maxWait)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingTimeout(maxWait)))
	if err != nil {
		v.t.Errorf("the page did not reach %s (the focus is at %s)", expression, eval[string](v, "document.activeElement.outerHTML.slice(0, 300)"))
	}
	v.must(err)
}

// open opens the page of a sandbox, and waits until the page receives events.
func (v *tab) open(url string) {
	v.t.Helper()
	v.do(chromedp.Navigate(url))
	v.wait(`document.getElementById("live").dataset.live === "true"`)
}

func (v *tab) click(selector string) {
	v.t.Helper()
	v.do(chromedp.Click(chromedp.CSS(selector)))
}

// pressEnter presses Enter. chromedp.KeyEvent sends the character after the browser has handled the key. If the key opens
// a dialog, the character may then submit the dialog's form.
func (v *tab) pressEnter() {
	v.t.Helper()
	key := *kb.Encode('\r')[0]
	key.Text = kb.Enter
	_, err := chromedp.Call(v.ctx, input.DispatchKeyEvent, key)
	v.must(err)
	key.Type, key.Text = kb.KeyUp, ""
	_, err = chromedp.Call(v.ctx, input.DispatchKeyEvent, key)
	v.must(err)
}

// prefer adds a preference of the user, such as prefers-color-scheme: dark.
func (v *tab) prefer(feature, value string) {
	v.t.Helper()
	v.preferences = append(v.preferences, &emulation.MediaFeature{Name: feature, Value: value})
	_, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: v.preferences})
	v.must(err)
}

// expectOnlyOwnRequests expects that the page has sent requests, all of them to its own sandbox, and that the console
// shows no error or warning.
func (v *tab) expectOnlyOwnRequests(s *sandboxtest.Server) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.errors {
		v.t.Errorf("the console shows %s", text)
	}
	if len(v.requests) == 0 {
		v.t.Error("the tab recorded no requests")
	}
	for _, url := range v.requests {
		if !strings.HasPrefix(url, s.URL+"/") {
			v.t.Errorf("the page sent a request to %s", url)
		}
	}
}
