package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// attack is the HTML of a page of another site that the user visits. Its function run tries to read and to change the
// sandbox, and returns the content that run could read.
const attack = `<!DOCTYPE html><title>Another site</title>
<iframe name="hidden"></iframe>
<form id="form" method="post" target="hidden"></form>
<script>
const sandbox = %q;
const forms = [
  ["/do/recruitee/issue-token", {company_id: 816, owner_id: 1704}],
  ["/do/recruitee/rename-company", {company_id: 816, name: "Taken over"}],
  ["/do/reset", {}],
];
const commands = [
  ["/control/recruitee/issue-token", '{"company_id":816,"owner_id":1704}'],
  ["/control/recruitee/rename-company", '{"company_id":816,"name":"Taken over"}'],
  ["/control/reset", "{}"],
];
const got = [];
async function attempt(what, doIt) {
  try {
    const answer = await doIt();
    if (answer) got.push(what + ": " + answer);
  } catch (error) {}
}
const read = (path, options) => async () => {
  const response = await fetch(sandbox + path, options);
  return response.type === "opaque" ? "" : response.status + " " + await response.text();
};
async function run() {
  for (const path of ["/", "/parts/recruitee", "/requests/1", "/control", "/control/connections", "/control/recruitee/owners",
      "/static/page.js", "/forms/reset", "/recruitee/c/816/admin", "/wintro/api/v1/ats-connections"]) {
    await attempt("read " + path, read(path));
    await attempt("read with cookies " + path, read(path, {credentials: "include"}));
    await attempt("read without CORS " + path, read(path, {mode: "no-cors"}));
  }
  for (const [path, fields] of forms) {
    await attempt("post " + path, read(path, {method: "POST", mode: "no-cors", body: new URLSearchParams(fields)}));
    await attempt("post as htmx " + path, read(path, {method: "POST", headers: {"HX-Request": "true"}, body: new URLSearchParams(fields)}));
    const form = document.getElementById("form");
    form.action = sandbox + path;
    form.replaceChildren(...Object.entries(fields).map(([name, value]) => {
      const input = document.createElement("input");
      input.name = name; input.value = value;
      return input;
    }));
    await new Promise(resolve => { document.querySelector("iframe").onload = resolve; form.submit(); });
  }
  for (const [path, body] of commands) {
    await attempt("command " + path, read(path, {method: "POST", mode: "no-cors", body}));
    await attempt("command as JSON " + path, read(path, {method: "POST", headers: {"Content-Type": "application/json"}, body}));
  }
  await attempt("events", () => new Promise(resolve => {
    const events = new EventSource(sandbox + "/events?seen=");
    events.onopen = () => resolve("open");
    events.onerror = () => resolve("");
    for (const name of ["recruitee", "wintro", "next"]) events.addEventListener(name, () => resolve(name));
  }));
  for (const [tag, attribute, path] of [["script", "src", "/static/page.js"], ["img", "src", "/static/icon.svg"], ["script", "src", "/control/connections"]]) {
    await attempt(tag + " " + path, () => new Promise(resolve => {
      const element = document.createElement(tag);
      element.onload = () => resolve("loaded");
      element.onerror = () => resolve("");
      element[attribute] = sandbox + path;
      document.body.append(element);
    }));
  }
  await attempt("frame", () => new Promise(resolve => {
    const frame = document.createElement("iframe");
    frame.onload = () => { try { resolve(frame.contentDocument?.body?.textContent ?? ""); } catch { resolve(""); } };
    frame.src = sandbox + "/";
    document.body.append(frame);
  }));
  return got;
}
</script>`

// The attacking page comes from a different port than the sandbox. The page's host is 127.0.0.1, localhost, or a name
// of another site that resolves to this machine.
func TestOtherOriginCanNeitherReadNorChangeSandbox(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	v := openPage(t, s)
	const shown = `document.getElementById("recruitee-live").textContent + document.getElementById("requests-live").textContent`
	before := eval[string](v, shown)

	sandboxURL := s.URL
	address, err := url.Parse(sandboxURL)
	if err != nil {
		t.Fatal(err)
	}
	// After DNS rebinding, a name of another site resolves to the sandbox.
	rebound := "http://" + reboundHost + ":" + address.Port()
	for _, target := range []string{sandboxURL, rebound, "http://localhost:" + address.Port()} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, attack, target)
		}))
		t.Cleanup(other.Close)
		port := strings.TrimPrefix(other.URL, "http://127.0.0.1")
		for _, from := range []string{other.URL, "http://localhost" + port, "http://" + reboundHost + port} {
			attacker := newTab(t, 800, 600)
			attacker.do(chromedp.Navigate(from))
			if got := eval[[]string](attacker, "run()"); len(got) > 0 {
				t.Errorf("a page of %s could read from the sandbox at %s:\n%s", from, target, strings.Join(got, "\n"))
			}
		}
	}

	// After DNS rebinding, an attacker's page can have the same origin as the sandbox. The browser then doesn't block
	// the page's requests, so the sandbox must reject them.
	visitor := newTab(t, 800, 600)
	visitor.do(chromedp.Navigate(rebound + "/"))
	for _, path := range []string{"/", "/parts/recruitee", "/control/recruitee/owners", "/static/page.js"} {
		if status := eval[int](visitor, fmt.Sprintf(`fetch(%q).then(r => r.status)`, path)); status != http.StatusForbidden {
			t.Errorf("GET %s%s returns %d instead of 403", rebound, path, status)
		}
	}
	if text := eval[string](visitor, `document.body.textContent`); !strings.Contains(text, "call it as localhost") || strings.Contains(text, "Ada") {
		t.Errorf("under another host name, the page shows %s", text)
	}

	v.open(s.URL + "/")
	if after := eval[string](v, shown); after != before {
		t.Errorf("the attacks have changed the sandbox:\n%s", after)
	}
}
