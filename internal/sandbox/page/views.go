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

// shortFingerprint returns enough of a fingerprint to tell a few tokens apart.
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
	Part, Name   string
	Number, Last int
	// Query contains the other parameters of the list, such as a filter.
	Query url.Values
}

// newPager returns the pager of a list. Even an empty list has one page.
func newPager(part, name string, number, items, size int) pager {
	last := max(1, (items+size-1)/size)
	return pager{Part: part, Name: name, Number: min(number, last), Last: last, Query: url.Values{}}
}

// Link returns the query string for a link to another page.
func (p pager) Link(number int) template.URL {
	query := url.Values{p.Name: {strconv.Itoa(number)}}
	maps.Copy(query, p.Query)
	return template.URL(query.Encode()) //nolint:gosec // it is encoded
}

// Newer returns the number of the page before this page.
func (p pager) Newer() int { return p.Number - 1 }

// Older returns the number of the page after this page.
func (p pager) Older() int { return p.Number + 1 }

func (p pager) bounds(items, size int) (from, to int) {
	return (p.Number - 1) * size, min(p.Number*size, items)
}

func pageNumber(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.FormValue(name))
	if err != nil {
		return 1
	}
	return max(1, n)
}

const (
	companiesOnPage   = 6
	connectionsOnPage = 6
	requestsOnPage    = 25
)

type recruiteeView struct {
	Total     int
	Companies []companyView
	Pager     pager
}

type companyView struct {
	sandbox.Company
	People []personView
}

type personView struct {
	sandbox.Person
	// Tokens contains the newest token first.
	Tokens []sandbox.PersonalToken
}

// Name returns a person's whole name.
func (p personView) Name() string { return fullName(p.Owner) }

func fullName(o sandbox.Owner) string { return strings.TrimSpace(o.FirstName + " " + o.LastName) }

func newRecruiteeView(shot sandbox.Snapshot, page int) recruiteeView {
	view := recruiteeView{Total: len(shot.Companies)}
	view.Pager = newPager("recruitee", "companies", page, len(shot.Companies), companiesOnPage)
	from, to := view.Pager.bounds(len(shot.Companies), companiesOnPage)
	for _, c := range shot.Companies[from:to] {
		shown := companyView{Company: c}
		for _, person := range shot.People {
			if person.CompanyID == c.ID {
				shown.People = append(shown.People, personView{person, tokensOf(shot, person.ID)})
			}
		}
		view.Companies = append(view.Companies, shown)
	}
	return view
}

// tokensOf returns an owner's tokens, the newest first. Of the revoked tokens, it returns only the newest.
func tokensOf(shot sandbox.Snapshot, owner int64) (tokens []sandbox.PersonalToken) {
	hasRevoked := false
	for _, t := range slices.Backward(shot.Tokens) {
		if t.OwnerID == owner && (!t.Revoked || !hasRevoked) {
			hasRevoked = hasRevoked || t.Revoked
			tokens = append(tokens, t)
		}
	}
	return tokens
}

type wintroView struct {
	Organisations []sandbox.OrganisationSnapshot
	// MaxRequests is the number of requests in a window of the rate limit. Limit describes the rate limit.
	MaxRequests int
	Limit       string
	Total       int
	Connections []connectionView
	Pager       pager
}

type connectionView struct {
	sandbox.ConnectionSnapshot
	Company      string
	Organisation string
	// Owner is the name of the token's owner, or "" if Recruitee doesn't know the token.
	Owner string
}

// Healthy reports whether the status is active.
func (c connectionView) Healthy() bool { return c.Status == contract.ConnectionActive }

func newWintroView(shot sandbox.Snapshot, page int) wintroView {
	view := wintroView{
		Organisations: shot.Organisations, Total: len(shot.Connections), MaxRequests: shot.WintroLimit, Limit: "no limit",
	}
	if view.MaxRequests > 0 {
		view.Limit = fmt.Sprintf("%s in %g s", plural(shot.WintroLimit, "request", "requests"), shot.WintroWindow.Seconds())
	}
	names := map[string]string{}
	for _, o := range shot.Organisations {
		names[o.ID] = o.Name
	}
	owners := map[int64]sandbox.Owner{}
	for _, person := range shot.People {
		owners[person.ID] = person.Owner
	}
	view.Pager = newPager("wintro", "connections", page, len(shot.Connections), connectionsOnPage)
	from, to := view.Pager.bounds(len(shot.Connections), connectionsOnPage)
	// Show the newest connection first, because the user is waiting for it.
	newest := slices.Clone(shot.Connections)
	slices.Reverse(newest)
	for _, conn := range newest[from:to] {
		shown := connectionView{ConnectionSnapshot: conn, Organisation: names[conn.OrganisationID], Company: "?"}
		if conn.AtsCompanyName != nil {
			shown.Company = *conn.AtsCompanyName
		}
		if owner, found := owners[conn.TokenOwner]; found {
			shown.Owner = fullName(owner)
		}
		view.Connections = append(view.Connections, shown)
	}
	return view
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
	view.Pager = newPager("requests", "requests", pageNumber(r, "requests"), len(found), requestsOnPage)
	view.Pager.Query = view.Filter.query()
	from, to := view.Pager.bounds(len(found), requestsOnPage)
	for _, request := range found[from:to] {
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
