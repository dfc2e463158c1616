package page_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A browser sends requests to the page as a real browser does.
type browser struct {
	*sandboxtest.Server
	t *testing.T
}

func start(t *testing.T) *browser {
	t.Helper()
	return &browser{sandboxtest.StartPage(t), t}
}

// A reply is a response whose body has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (b *browser) send(method, path string, form url.Values, header ...string) reply {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			request.Host = header[i+1]
		}
		request.Header.Set(header[i], header[i+1])
	}
	response, err := b.Client().Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(content)}
}

func (b *browser) get(path string) string {
	b.t.Helper()
	response := b.send(http.MethodGet, path, nil)
	if response.status != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s", path, response.status, response.body)
	}
	return response.body
}

// do sends a form as the page does, and returns the status and the message of the response.
func (b *browser) do(path string, fields ...string) (status int, said string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	response := b.send(http.MethodPost, "/do"+path, form, "HX-Request", "true")
	return response.status, strings.TrimSpace(response.body)
}

func (b *browser) sees(page string, words ...string) {
	b.t.Helper()
	body := b.get(page)
	for _, word := range words {
		if !strings.Contains(body, word) {
			b.t.Errorf("%s does not occur in %s:\n%s", word, page, body)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	b := start(t)
	response := b.send(http.MethodGet, "/", nil)
	for name, want := range map[string]string{
		"Content-Type":                 "text/html; charset=utf-8",
		"Cache-Control":                "no-store",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Referrer-Policy":              "same-origin",
		"X-Content-Type-Options":       "nosniff",
	} {
		if got := response.header.Get(name); got != want {
			t.Errorf("the header %s is %q instead of %q", name, got, want)
		}
	}
	policy := response.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the Content-Security-Policy is %q", policy)
	}
	// The page must load nothing from another server, and must not contain inline scripts or styles.
	if found := regexp.MustCompile(`(?:src|href|action|hx-[a-z]+|sse-connect)="(?:https?:)?//[^"]*"| on[a-z]+="| style="|<style`).FindString(response.body); found != "" {
		t.Errorf("the page contains %s", found)
	}
	for _, word := range []string{
		"Nothing is linked yet", "Acme", "Ada Byron", template(b.Token), template(sandbox.Fingerprint(b.Token)[:20]),
		"Acme Americas", "ats-connections:write", "100 of 100 left", "terraform init",
	} {
		if !strings.Contains(response.body, word) {
			t.Errorf("the page does not contain %s", word)
		}
	}
	for _, kind := range sandbox.FaultKinds() {
		if !strings.Contains(response.body, `<option value="`+string(kind.Kind)+`"`) {
			t.Errorf("the page does not offer the fault %s", kind.Kind)
		}
	}
	for _, match := range regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(response.body, -1) {
		b.get(match[1])
	}
	for _, path := range []string{"/parts/other", "/forms/other", "/requests/1", "/requests/x", "/forms/edit?connection=x", "/forms/rename-company?company=1"} {
		if response := b.send(http.MethodGet, path, nil); response.status != http.StatusNotFound {
			t.Errorf("GET %s returns %d instead of 404", path, response.status)
		}
	}
}

// template escapes a text as html/template does.
func template(text string) string { return strings.ReplaceAll(text, "+", "&#43;") }

func TestPageRejectsOtherSites(t *testing.T) {
	t.Parallel()
	b := start(t)
	before := b.get("/parts/recruitee")
	form := url.Values{"company_id": {"816"}, "owner_id": {"1704"}}
	for _, header := range [][]string{
		{"Host", "evil.example"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"},
	} {
		for _, path := range []string{"/", "/parts/recruitee", "/events", "/static/page.js", "/forms/reset", "/requests/1"} {
			if response := b.send(http.MethodGet, path, nil, header...); response.status != http.StatusForbidden || strings.Contains(response.body, "Ada") {
				t.Errorf("GET with the header %v: %s returns %d instead of 403", header, path, response.status)
			}
		}
		if response := b.send(http.MethodPost, "/do/recruitee/issue-token", form, header...); response.status != http.StatusForbidden {
			t.Errorf("POST with the header %v returns %d instead of 403", header, response.status)
		}
	}
	if b.get("/parts/recruitee") != before {
		t.Error("a rejected request has changed Recruitee")
	}
}

// The next step depends on the state of both systems.
func TestNextStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(b *browser, id string)
		title   string
		words   []string
	}{
		"linked": {func(*browser, string) {}, "Acme is linked", []string{">terraform plan<"}},
		"revoked": {func(b *browser, _ string) { b.RevokeToken(b.Token) }, "The connection of Acme doesn't work",
			[]string{"Recruitee rejects its token.", "terraform plan -detailed-exitcode", "New token for Ada Byron"}},
		"another token": {func(b *browser, _ string) { b.RevokeToken(b.Token); b.AddToken(816, 1704, "a-new-token") }, "The connection of Acme doesn't work",
			[]string{"export TF_VAR_recruitee_api_token=&#39;a-new-token&#39;\nterraform apply"}},
		"revoked, no Administrator": {func(b *browser, _ string) { b.RevokeToken(b.Token); b.SetAdministrator(1704, false) }, "The connection of Acme doesn't work",
			[]string{"Then make a new token"}},
		"role": {func(b *browser, _ string) { b.SetAdministrator(1704, false) }, "The connection of Acme doesn't work",
			[]string{"isn't an Administrator", "Then give the role back"}},
		"deactivated": {func(b *browser, _ string) { b.SetActive(1704, false) }, "The connection of Acme doesn't work",
			[]string{"is deactivated", "Then activate the person again"}},
		"label": {func(b *browser, id string) { b.Relabel(id, "By hand") }, "The connection of Acme was changed by hand",
			[]string{"Then let Terraform fix it"}},
		"switched off": {func(b *browser, id string) { b.SetEnabled(id, false) }, "The connection of Acme doesn't work",
			[]string{"It is switched off.", "Then let Terraform fix it"}},
		"status":            {func(b *browser, id string) { b.SetStatus(id, "frozen") }, "The connection of Acme doesn't work", []string{"Its status is frozen."}},
		"two connections":   {func(b *browser, id string) { b.Connect(818, "x", "y"); b.SetEnabled(id, false) }, "The connection of Acme doesn't work", []string{"1 other connection needs attention, too."}},
		"unknown companies": {func(b *browser, _ string) { b.AddConnections(3) }, "Acme is linked", nil},
		"removed":           {func(b *browser, id string) { b.Disconnect(id) }, "Nothing is linked yet", []string{"terraform init\nterraform apply", `company_id   = "816"`}},
		"removed, no token": {func(b *browser, id string) {
			b.Disconnect(id)
			for _, o := range b.Owners() {
				token, _ := b.TokenOf(o.ID)
				b.RevokeToken(token)
			}
		}, "Nothing is linked yet", []string{"But first make an Administrator's token", "New token for Ada Byron"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			test.happens(b, b.Connect(816, "Recruitee", b.Token))
			b.sees("/parts/next", append(test.words, "<h3>"+test.title+"</h3>")...)
		})
	}
}

// The control API accepts the input of every HTML form on the page.
func TestForms(t *testing.T) {
	t.Parallel()
	b := start(t)
	id := b.Connect(816, "Recruitee", b.Token)
	b.Fail(sandbox.Fault{Kind: sandbox.Latency, Latency: 1})
	b.RevokeScope(b.Organisations()[1].Token, "ats-connections:read")
	pages := []string{"/", "/forms/add-company", "/forms/connect", "/forms/rate-limit", "/forms/reset"}
	links := regexp.MustCompile(`href="(/forms/[^"]+)"`)
	for _, match := range links.FindAllStringSubmatch(b.get("/"), -1) {
		pages = append(pages, strings.ReplaceAll(match[1], "&amp;", "&"))
	}
	forms := regexp.MustCompile(`(?s)<form[^>]* action="/do([^"]+)"[^>]*>(.*?)</form>`)
	fields := regexp.MustCompile(`<(input|select)[^>]* name="([^"]+)"(?: value="([^"]*)")?`)
	sent := map[string]bool{}
	for _, path := range pages {
		for _, match := range forms.FindAllStringSubmatch(b.get(path), -1) {
			values := []string{}
			for _, field := range fields.FindAllStringSubmatch(match[2], -1) {
				value := field[3]
				if field[1] == "select" {
					value = regexp.MustCompile(`(?s)name="` + field[2] + `".*?<option value="([^"]+)"`).FindStringSubmatch(match[2])[1]
				}
				values = append(values, field[2], strings.NewReplacer("&#43;", "+", "&#34;", `"`).Replace(value))
			}
			command := match[1]
			if sent[command] {
				continue
			}
			sent[command] = true
			if command == "/faults" {
				values = []string{"kind", "answer-lost", "system", "", "method", "", "times", "", "status", "", "latency", "1s"}
			}
			if command == "/reset" || command == "/wintro/disconnect" || command == "/requests" {
				continue // these commands remove objects that other commands need, so the test runs them last
			}
			if status, said := b.do(command, values...); status != http.StatusOK || said == "" {
				t.Errorf("the form on %s sends %s with %q, and gets %d %s", path, command, values, status, said)
			}
		}
	}
	if len(sent) < 19 {
		t.Errorf("the forms send only %d commands: %v", len(sent), sent)
	}
	for _, sent := range [][]string{
		{"/wintro/disconnect", "id", id}, {"/requests", "_method", "DELETE"}, {"/faults", "_method", "DELETE"}, {"/reset"},
	} {
		if status, said := b.do(sent[0], sent[1:]...); status != http.StatusOK {
			t.Errorf("the form %v gets %d %s", sent, status, said)
		}
	}
	if len(b.Connections())+len(b.Faults()) > 0 {
		t.Error("the sandbox still has connections or faults after the reset")
	}
}

func TestFormErrors(t *testing.T) {
	t.Parallel()
	b := start(t)
	for want, sent := range map[string][]string{
		"Owner_id can&#39;t be &#34;x&#34;.":                                                 {"/recruitee/issue-token", "company_id", "816", "owner_id", "x"},
		"There is no owner with the ID 1.":                                                   {"/recruitee/issue-token", "company_id", "816", "owner_id", "1"},
		"Owner_id is missing.":                                                               {"/recruitee/issue-token", "company_id", "816"},
		"There is no POST /recruitee/other.":                                                 {"/recruitee/other"},
		"A fault of the kind &#34;latency&#34; needs a latency.":                             {"/faults", "kind", "latency"},
		"There is no fault with the number 7; it may already have happened.":                 {"/faults/remove", "number", "7"},
		"Latency is wrong: &#34;soon&#34; is not a duration such as 1.5s.":                   {"/faults", "kind", "latency", "latency", "soon"},
		"There is already a company with the ID 816 or the subdomain &#34;company-816&#34;.": {"/recruitee/add-company", "id", "816", "name", "x"},
	} {
		status, said := b.do(sent[0], sent[1:]...)
		if status != http.StatusBadRequest || said != `<span class="error">`+want+`</span>` {
			t.Errorf("the form %v gets %d %s instead of %q", sent, status, said, want)
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.Fail(sandbox.Fault{Kind: sandbox.CloseBefore, Method: http.MethodDelete, Times: 1})
	for range 30 {
		b.send(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin?a=<b>", nil, "Authorization", "Bearer "+b.Token)
	}
	b.send(http.MethodGet, sandbox.WintroPath+"/ats-connections", nil, "Authorization", "Bearer no-such-token")
	numbers := func(query string) (numbers []string) {
		t.Helper()
		for _, match := range regexp.MustCompile(`id="request-(\d+)"`).FindAllStringSubmatch(b.get("/parts/requests"+query), -1) {
			numbers = append(numbers, match[1])
		}
		return numbers
	}
	for query, want := range map[string][2]string{
		"": {"31", "7"}, "?requests=2": {"6", "1"}, "?requests=99": {"6", "1"}, "?requests=-1": {"31", "7"}, "?requests=x": {"31", "7"},
		"?system=wintro": {"31", "31"}, "?system=recruitee": {"30", "6"}, "?status=bad": {"31", "31"}, "?status=good&requests=2": {"5", "1"},
		"?method=GET&path=ats-": {"31", "31"}, "?path=a%3D": {"30", "6"},
	} {
		got := numbers(query)
		if len(got) == 0 || got[0] != want[0] || got[len(got)-1] != want[1] {
			t.Errorf("the list for %q has the requests %v", query, got)
		}
	}
	for _, query := range []string{"?method=POST", "?status=none", "?path=nowhere"} {
		if got := numbers(query); len(got) > 0 {
			t.Errorf("the list for %q has the requests %v, but should be empty", query, got)
		}
	}
	b.sees("/parts/requests?system=recruitee", `hx-get="/parts/requests?requests=2&amp;system=recruitee"`, "Page 1 of 2", "30 requests")
	content := b.get("/requests/1")
	for _, word := range []string{"Bearer " + template(sandbox.Fingerprint(b.Token)), "&#34;first_name&#34;: &#34;Ada&#34;", "/c/816/admin"} {
		if !strings.Contains(content, word) {
			t.Errorf("the request's details do not contain %s:\n%s", word, content)
		}
	}
	if strings.Contains(content, b.Token) || strings.Contains(content, template(b.Token)) {
		t.Errorf("the request's details contain the token:\n%s", content)
	}
}

func TestLongListsHavePages(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.AddConnections(500)
	for range 20 {
		b.AddCompany(sandbox.Company{})
	}
	for _, part := range []string{"/", "/parts/wintro", "/parts/recruitee"} {
		if size := len(b.get(part)); size > 60<<10 {
			t.Errorf("%s has %d bytes", part, size)
		}
	}
	b.sees("/parts/wintro?connections=84", "Page 84 of 84", `name="connections" value="84"`)
	b.sees("/parts/recruitee?companies=2", "Page 2 of 4")
	b.sees("/?companies=2&connections=3", "Page 2 of 4", "Page 3 of 84")
}

// events opens the event stream, and returns a channel that receives the names of the events.
func (b *browser) events(seen string) <-chan string {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL+"/events?seen="+seen, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := b.Client().Do(request) //nolint:bodyclose // the goroutine closes it
	if err != nil {
		b.t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		b.t.Fatalf("the event stream has the status %d and the content type %s", response.StatusCode, got)
	}
	names := make(chan string, 1_000)
	go func() {
		defer close(names)
		defer func() { _ = response.Body.Close() }()
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			if name, found := strings.CutPrefix(lines.Text(), "event: "); found {
				names <- name
			}
		}
	}()
	return names
}

func (b *browser) seen() string {
	b.t.Helper()
	return regexp.MustCompile(`sse-connect="/events\?seen=([^"]+)"`).FindStringSubmatch(b.get("/"))[1]
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := start(t)
	expectEvents := func(names <-chan string, want ...string) {
		t.Helper()
		var got []string
		for range want {
			select {
			case name := <-names:
				got = append(got, name)
			case <-time.After(30 * time.Second):
				t.Fatalf("after 30 seconds, the events are %q instead of %q", got, want)
			}
		}
		// If the page looks for changes during a request, it sends the events of the request in another order.
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("the events are %q instead of %q", got, want)
		}
	}
	names := b.events(b.seen())
	b.RenameCompany(816, "Acme Holding")
	expectEvents(names, "recruitee", "next")
	b.Fail(sandbox.Fault{Kind: sandbox.HTML, Times: 1})
	expectEvents(names, "faults")
	b.send(http.MethodGet, sandbox.RecruiteePath+"/c/816/admin", nil)
	expectEvents(names, "requests", "faults")
	// A browser without digests, or with digests of another sandbox, gets an event for each part of the page.
	expectEvents(b.events(""), "recruitee", "wintro", "requests", "faults", "next")
	expectEvents(b.events("1.2.3.4.5"), "recruitee", "wintro", "requests", "faults", "next")
}

// The page combines many changes into few events.
func TestEventsAreCoalesced(t *testing.T) {
	t.Parallel()
	b := start(t)
	names := b.events(b.seen())
	began := time.Now()
	for i := range 500 {
		b.RenameCompany(816, fmt.Sprintf("Acme %d", i))
	}
	took := time.Since(began)
	// The event of this last change ends the loop below.
	b.Fail(sandbox.Fault{Kind: sandbox.HTML})
	events := 0
	for name := range names {
		if name == "faults" {
			break
		}
		events++
	}
	// A rename causes two events. The page sends them at most once in each interval of 200 ms, and once more at the
	// beginning and at the end.
	if limit := 2 * (int(took/(200*time.Millisecond)) + 3); events == 0 || events > limit {
		t.Errorf("the page sent %d events in %s", events, took)
	}
}
