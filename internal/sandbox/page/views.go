package page

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

var functions = template.FuncMap{
	"short":       shortFingerprint,
	"fingerprint": sandbox.Fingerprint,
	"clock":       func(t time.Time) string { return t.Local().Format("15:04:05") },
	"machine":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"duration":    shortDuration,
	"plural":      plural,
	"system":      systemName,
	"scopes":      func() []string { return []string{contract.ScopeRead, contract.ScopeWrite} },
	"faultKinds":  sandbox.FaultKinds,
}

// shortFingerprint returns the beginning of a fingerprint, which is enough to tell a few tokens apart.
func shortFingerprint(fingerprint string) string {
	const shown = len("SHA256:") + 8
	if len(fingerprint) <= shown {
		return fingerprint
	}
	return fingerprint[:shown] + "…"
}

func shortDuration(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " " + many
}

// A pager contains the links to the pages of a long list.
type pager struct {
	Part, Name         string
	Number, Last, Size int
	// Query contains the other parameters of the list, such as a filter.
	Query url.Values
}

// newPager returns the pager of a list with the given number of items. It takes the page number from the request's
// parameter with the given name. Even an empty list has one page.
func newPager(r *http.Request, part, name string, items, size int) pager {
	number, _ := strconv.Atoi(r.FormValue(name)) // If the field isn't a number, show the first page.
	last := max(1, (items+size-1)/size)
	return pager{Part: part, Name: name, Number: min(max(1, number), last), Last: last, Size: size, Query: url.Values{}}
}

// Link returns the query string for a link to another page: 1 means the next page, and -1 the previous page.
func (p pager) Link(pages int) template.URL {
	query := url.Values{p.Name: {strconv.Itoa(p.Number + pages)}}
	maps.Copy(query, p.Query)
	return template.URL(query.Encode()) //nolint:gosec // it is encoded
}

// itemsOn returns the items on the pager's current page.
func itemsOn[T any](p pager, items []T) []T {
	return items[(p.Number-1)*p.Size : min(p.Number*p.Size, len(items))]
}

type recruiteeView struct {
	Companies []sandbox.CompanySnapshot
	Pager     pager
}

func newRecruiteeView(r *http.Request, shot sandbox.Snapshot) recruiteeView {
	p := newPager(r, "recruitee", "companies", len(shot.Companies), 6)
	return recruiteeView{itemsOn(p, shot.Companies), p}
}

type wintroView struct {
	Organisations []sandbox.OrganisationSnapshot
	// MaxRequests is the number of requests in a window of the rate limit. Limit describes the rate limit.
	MaxRequests int
	Limit       string
	Total       int
	Connections []sandbox.ConnectionSnapshot
	Pager       pager
}

func newWintroView(r *http.Request, shot sandbox.Snapshot) wintroView {
	limit := "no limit"
	if shot.WintroLimit > 0 {
		limit = fmt.Sprintf("%s in %g s", plural(shot.WintroLimit, "request", "requests"), shot.WintroWindow.Seconds())
	}
	// Show the newest connection first, because the user is waiting for it.
	slices.Reverse(shot.Connections)
	p := newPager(r, "wintro", "connections", len(shot.Connections), 6)
	return wintroView{
		Organisations: shot.Organisations, MaxRequests: shot.WintroLimit, Limit: limit,
		Total: len(shot.Connections), Connections: itemsOn(p, shot.Connections), Pager: p,
	}
}

type requestsView struct {
	Total    int
	Requests []requestView
	Filter   requestFilter
	Pager    pager
}

type requestView struct{ sandbox.Request }

// ShownPath returns the path without the system's prefix.
func (r requestView) ShownPath() string {
	path := strings.TrimPrefix(strings.TrimPrefix(r.Path, sandbox.RecruiteePath), sandbox.WintroPath)
	if r.Query != "" {
		path += "?" + r.Query
	}
	return cmp.Or(path, "/")
}

func systemName(system string) string {
	if system == sandbox.Recruitee {
		return "Recruitee"
	}
	return "Wintro"
}

// StatusClass returns the CSS class of the status: good, bad or none.
func (r requestView) StatusClass() string {
	switch {
	case r.Status == 0:
		return "none"
	case r.Status < http.StatusBadRequest:
		return "good"
	}
	return "bad"
}

// StatusText returns the status, or says why there is no status.
func (r requestView) StatusText() string {
	switch {
	case r.Status != 0:
		return strconv.Itoa(r.Status)
	case r.Duration == 0:
		return "in flight"
	}
	return "no response"
}

type requestFilter struct{ System, Method, Status, Path string }

func (f requestFilter) matches(r sandbox.Request) bool {
	return (f.System == "" || r.System == f.System) &&
		(f.Method == "" || r.Method == f.Method) &&
		(f.Status == "" || requestView{r}.StatusClass() == f.Status) &&
		(f.Path == "" || strings.Contains(r.Path+"?"+r.Query, f.Path))
}

func (f requestFilter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"system": f.System, "method": f.Method, "status": f.Status, "path": f.Path} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

func (p *Page) requestsView(r *http.Request) requestsView {
	view := requestsView{Filter: requestFilter{
		r.FormValue("system"), r.FormValue("method"), r.FormValue("status"), strings.TrimSpace(r.FormValue("path")),
	}}
	found := p.sandbox.Requests().Filter(view.Filter.matches)
	slices.Reverse(found)
	view.Total = len(found)
	view.Pager = newPager(r, "requests", "requests", len(found), 25)
	view.Pager.Query = view.Filter.query()
	for _, request := range itemsOn(view.Pager, found) {
		view.Requests = append(view.Requests, requestView{request})
	}
	return view
}

// serveRequest serves the details of one request.
func (p *Page) serveRequest(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	content, found := p.sandbox.RequestContent(number)
	if err != nil || !found {
		p.render(w, http.StatusNotFound, "gone", nil)
		return
	}
	p.render(w, http.StatusOK, "request", struct {
		requestView
		Content sandbox.RequestContent
	}{requestView{content.Request}, content})
}
