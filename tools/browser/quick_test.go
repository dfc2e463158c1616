package browser

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// How quick the page is with a lot in it. It measures and reports, and fails only if something doesn't happen. It
// runs alone, before the parallel tests.
func TestQuick(t *testing.T) {
	s := startSandbox(t, "-rate-limit", "off", "-quiet")
	v := open(t, s)
	token := eval[string](v, `document.querySelector("#person-1704 .value").textContent`)
	v.control("/wintro/connect", `{"company_id":816,"name":"Recruitee","token":"`+token+`"}`)
	v.control("/wintro/add-connections", `{"n":499}`)
	empty := s.Memory()

	wintroToken := eval[string](v, `document.querySelector("#wintro-live .value").textContent`)
	began := time.Now()
	eval[int](v, fmt.Sprintf(`(async () => {
		const ask = () => fetch("/wintro/api/v1/ats-connections?pageSize=100", {headers: {Authorization: "Bearer %s"}}).then(r => r.text());
		for (let i = 0; i < 5000; i += 4) await Promise.all([ask(), ask(), ask(), ask()]);
		return 0;
	})()`, wintroToken))
	t.Logf("5,000 requests from the page, which shows them as they come: %.1f s", time.Since(began).Seconds())
	v.wait(`document.querySelector("#requests-live .detail").textContent === "5,000 requests"`)

	fresh := open(t, s)
	firstPaint := func() float64 {
		t.Helper()
		fresh.wait(`performance.getEntriesByName("first-contentful-paint").length`)
		return eval[float64](fresh, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
	}
	t.Logf("first contentful paint in a new tab of a new profile: %.0f ms", firstPaint())
	var paints []float64
	for range 5 {
		fresh.must(fresh.Open(s.URL))
		paints = append(paints, firstPaint())
	}
	slices.Sort(paints)
	t.Logf("first contentful paint, loaded again: %.0f ms (of 5, between %.0f and %.0f)", paints[2], paints[0], paints[4])
	t.Logf("of which the sandbox takes %.0f ms", eval[float64](fresh, `(n => n.responseEnd - n.requestStart)(performance.getEntriesByType("navigation")[0])`))

	// click returns how long it takes from a click until the page shows what comes of it.
	click := func(what, clicked, shown string) {
		t.Helper()
		t.Logf("%s: %.0f ms", what, eval[float64](fresh, fmt.Sprintf(`new Promise(resolve => {
			const isShown = () => %s;
			const begun = performance.now();
			const look = () => isShown() ? requestAnimationFrame(() => resolve(performance.now() - begun)) : requestAnimationFrame(look);
			%s.click();
			look();
		})`, shown, clicked)))
	}
	click("a click on New token", `document.querySelector("#person-1704 form button")`,
		`document.querySelectorAll("#person-1704 .token").length === 2`)
	click("a click on Revoke", `document.querySelector("#person-1704 button.danger")`,
		`document.querySelector("#person-1704 .revoked") !== null`)
	click("a click on Older (connections)", `document.querySelector("#wintro-live .pager a")`,
		`document.querySelector("#wintro-live .pager span").textContent.startsWith("Page 2 ")`)
	click("a click on Older (requests)", `document.querySelector("#requests-live .pager a")`,
		`document.querySelector("#requests-live .pager span").textContent.startsWith("Page 2 ")`)
	click("a click on a request", `document.querySelector("#requests-live li a")`, dialogIsOpen)
	t.Logf("memory of the sandbox: %d MiB with 500 connections, %d MiB after 5,000 requests with answers of 34 KiB",
		empty/1024, s.Memory()/1024)
}
