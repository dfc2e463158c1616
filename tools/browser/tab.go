package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Tab is a browser tab that records the page's errors, requests and loads.
type Tab struct {
	ctx context.Context

	mu       sync.Mutex
	errors   []string
	requests []string
	loads    int
}

// NewTab opens a tab that shares no data with other tabs. The tab stays open until the browser's context is cancelled
// or closeTab is called.
func NewTab(browser context.Context, width, height int64) (tab *Tab, closeTab context.CancelFunc, err error) {
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	tab = &Tab{ctx: ctx}
	err = chromedp.Do(ctx)
	if err == nil {
		err = chromedp.Listen(ctx, tab.listen)
	}
	if err == nil {
		err = tab.Do(chromedp.EmulateViewport(width, height))
	}
	if err != nil {
		closeTab()
		return nil, nil, err
	}
	return tab, closeTab, nil
}

func (tab *Tab) listen(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		tab.requests = append(tab.requests, event.Request.URL)
		if event.Type == network.ResourceTypeDocument {
			tab.loads++
		}
	case *runtime.EventConsoleAPICalled:
		if event.Type == runtime.ConsoleAPICalledTypeError || event.Type == runtime.ConsoleAPICalledTypeWarning || event.Type == runtime.ConsoleAPICalledTypeAssert {
			var text []string
			for _, argument := range event.Args {
				text = append(text, string(argument.Value)+argument.Description)
			}
			tab.errors = append(tab.errors, strings.Join(text, " "))
		}
	case *runtime.EventExceptionThrown:
		tab.errors = append(tab.errors, event.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		if event.Entry.Level == cdplog.EntryLevelError || event.Entry.Level == cdplog.EntryLevelWarning {
			tab.errors = append(tab.errors, event.Entry.Text+" "+event.Entry.URL)
		}
	}
}

// Errors returns the errors and warnings on the page's console, and the page's uncaught exceptions.
func (tab *Tab) Errors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.errors)
}

// Requests returns the URL of each request that the page has sent.
func (tab *Tab) Requests() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.requests)
}

// Loads returns the number of documents that the tab has loaded.
func (tab *Tab) Loads() int {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.loads
}

// maxWait is the timeout for a step in the tab, far above the time that a step takes.
const maxWait = time.Minute

// Do runs steps in the tab.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(tab.ctx, maxWait)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Eval evaluates a JavaScript expression in the page and returns its value. If the value is a promise, Eval waits for
// its result.
func Eval[T any](tab *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, maxWait)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Wait waits until a JavaScript expression is true in the page.
func (tab *Tab) Wait(expression string) error {
	if err := tab.Do(chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingTimeout(maxWait))); err != nil {
		at, _ := Eval[string](tab, "document.activeElement.outerHTML.slice(0, 300)")
		return fmt.Errorf("waiting for %s: %w (the focus is at %s)", expression, err, at)
	}
	return nil
}

// Open opens the page of a sandbox, and waits until the page receives events.
func (tab *Tab) Open(url string) error {
	if err := tab.Do(chromedp.Navigate(url)); err != nil {
		return err
	}
	return tab.Wait(`document.getElementById("live").dataset.live === "true"`)
}

// Prefer sets a preference of the user, such as prefers-color-scheme: dark.
func (tab *Tab) Prefer(feature, value string) error {
	_, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	return err
}

// Session sends a command of the DevTools protocol for which Tab has no method.
func Session[P, R any](tab *Tab, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, maxWait)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}
