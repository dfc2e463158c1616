package wintro_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// itemsOf returns the JSON of connections with these IDs.
func itemsOf(ids ...string) []string {
	var all []string
	for _, id := range ids {
		all = append(all, strings.Replace(connectionJSON, "con_1-A", id, 1))
	}
	return all
}

// pageOf returns a handler that sends a page of connections with these IDs.
func pageOf(number, totalPages, totalItems int, ids ...string) http.HandlerFunc {
	return success(200, pageBody(number, totalPages, totalItems, itemsOf(ids...)...))
}

func idsOf(connections []wintro.Connection) []string {
	var all []string
	for _, c := range connections {
		all = append(all, c.ID)
	}
	return all
}

// requestedPages returns the number of each requested page, and checks the other parameters of each request.
func requestedPages(t *testing.T, r *remote, company string) []string {
	t.Helper()
	var pages []string
	for _, sent := range r.Requests() {
		address, err := url.Parse(sent.URI)
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		pages = append(pages, query.Get("page"))
		query.Del("page")
		want := url.Values{"ats": {"recruitee"}, "pageSize": {"100"}}
		if company != "" {
			want.Set("atsCompanyId", company)
		}
		same(t, query, want)
		same(t, sent.Method+" "+address.Path, "GET /api/v1/ats-connections")
	}
	return pages
}

func TestListRejectsInvalidPages(t *testing.T) {
	t.Parallel()
	body := wholeList(connectionJSON)
	for name, test := range map[string]struct{ body, want string }{
		"without meta":                    {`{"data":[]}`, "its list has no meta.pagination"},
		"without pagination":              {envelope(`[]`), "its list has no meta.pagination"},
		"with a list as pagination":       {`{"data":[],"meta":{"pagination":[]}}`, "its JSON has an invalid value for pagination"},
		"with a negative number":          {strings.Replace(body, `"totalItems":1`, `"totalItems":-1`, 1), "its list has no meta.pagination"},
		"with a negative last page":       {strings.Replace(body, `"totalPages":1`, `"totalPages":-1`, 1), "its list has no meta.pagination"},
		"with a number that is too large": {strings.Replace(body, `"totalItems":1`, `"totalItems":1e400`, 1), "its JSON has an invalid value for totalItems"},
		"that is the next page":           {pageBody(2, 2, 2, connectionJSON), "it isn't the requested page"},
		"that counts from 0":              {pageBody(0, 1, 1, connectionJSON), "it isn't the requested page"},
		"with too many records":           {wholeList(slices.Repeat([]string{"1"}, 20_001)...), "its list has more than 20000 connections"},
		"with data that isn't a list":     {strings.Replace(wholeList(), `[]`, `{}`, 1), "its JSON has an invalid value for data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, success(200, test.body))
			page, err := r.ListPage(t.Context(), "", 1)
			same(t, typed[*transport.UnavailableError](t, err).Reason, "it returned 200 OK; "+test.want)
			isNothing(t, page)
			same(t, requestedPages(t, r, ""), []string{"1", "1", "1"})
		})
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	otherCompany, greenhouse := connectionWith(t, `"816"`, `"8160"`, `con_1-A`, `other`), connectionWith(t, `"recruitee"`, `"greenhouse"`, `con_1-A`, `other`)
	small := func(number int, ids ...string) http.HandlerFunc {
		return success(200, strings.Replace(pageBody(number, 3, 5, itemsOf(ids...)...), `"pageSize":100`, `"pageSize":2`, 1))
	}
	for name, test := range map[string]struct {
		company   string
		responses []http.HandlerFunc
		want      []string
		// pages contains the numbers of the requested pages.
		pages string
	}{
		"empty list":                                  {"", []http.HandlerFunc{pageOf(1, 0, 0)}, nil, "1"},
		"one page":                                    {"", []http.HandlerFunc{pageOf(1, 1, 2, "a", "b")}, []string{"a", "b"}, "1"},
		"page after page":                             {"", []http.HandlerFunc{pageOf(1, 3, 5, "a", "b"), pageOf(2, 3, 5, "c", "d"), pageOf(3, 3, 5, "e")}, []string{"a", "b", "c", "d", "e"}, "1 2 3"},
		"smaller pages":                               {"816", []http.HandlerFunc{small(1, "a", "b"), small(2, "c", "d"), small(3, "e")}, []string{"a", "b", "c", "d", "e"}, "1 2 3"},
		"page that fails at first":                    {"", []http.HandlerFunc{pageOf(1, 2, 2, "a"), transporttest.HTML(502), pageOf(2, 2, 2, "b")}, []string{"a", "b"}, "1 2 2"},
		"page that is another page at first":          {"", []http.HandlerFunc{pageOf(1, 2, 2, "a"), pageOf(1, 2, 2, "a"), pageOf(2, 2, 2, "b")}, []string{"a", "b"}, "1 2 2"},
		"server that ignores the company":             {"816", []http.HandlerFunc{success(200, pageBody(1, 2, 2, otherCompany)), success(200, pageBody(2, 2, 2, connectionJSON))}, []string{"con_1-A"}, "1 2"},
		"server that ignores the system":              {"", []http.HandlerFunc{success(200, wholeList(greenhouse, connectionJSON))}, []string{"con_1-A"}, "1"},
		"moving items of other systems":               {"", []http.HandlerFunc{success(200, pageBody(1, 2, 3, greenhouse)), success(200, pageBody(2, 2, 2, connectionJSON)), success(200, wholeList(greenhouse, connectionJSON))}, []string{"con_1-A"}, "1 2 1"},
		"deletion moves an item to the previous page": {"", []http.HandlerFunc{pageOf(1, 2, 4, "a", "b"), pageOf(2, 2, 3, "d"), pageOf(1, 2, 3, "b", "c"), pageOf(2, 2, 3, "d")}, []string{"b", "c", "d", "a"}, "1 2 1 2"},
		"deletion and creation":                       {"", []http.HandlerFunc{pageOf(1, 3, 5, "a", "b"), pageOf(2, 3, 5, "b", "d"), pageOf(3, 3, 5, "e"), pageOf(1, 3, 5, "b", "c"), pageOf(2, 3, 5, "d", "e"), pageOf(3, 3, 5, "f")}, []string{"b", "c", "d", "e", "f", "a"}, "1 2 3 1 2 3"},
		"another total on the second page":            {"", []http.HandlerFunc{pageOf(1, 3, 6, "a", "b"), pageOf(2, 3, 5, "d", "e"), pageOf(3, 3, 6, "f", "g"), pageOf(1, 3, 6, "b", "c"), pageOf(2, 3, 6, "d", "e"), pageOf(3, 3, 6, "f", "g")}, []string{"b", "c", "d", "e", "f", "g", "a"}, "1 2 3 1 2 3"},
		"creation":                                    {"", []http.HandlerFunc{pageOf(1, 2, 3, "a", "b"), pageOf(2, 2, 4, "c", "d"), pageOf(1, 2, 4, "a", "b"), pageOf(2, 2, 4, "c", "d")}, []string{"a", "b", "c", "d"}, "1 2 1 2"},
		"same item on two pages":                      {"", []http.HandlerFunc{pageOf(1, 2, 3, "a", "b"), pageOf(2, 2, 3, "b"), pageOf(1, 2, 3, "a", "b"), pageOf(2, 2, 3, "c")}, []string{"a", "b", "c"}, "1 2 1 2"},
		"same item twice on a page":                   {"", []http.HandlerFunc{pageOf(1, 1, 2, "a", "a"), pageOf(1, 1, 2, "a", "b")}, []string{"a", "b"}, "1 1"},
		"same item twice in every reading":            {"", []http.HandlerFunc{pageOf(1, 1, 2, "a", "a")}, []string{"a"}, "1 1 1"},
		"last page disappears":                        {"", []http.HandlerFunc{pageOf(1, 2, 3, "a", "b"), pageOf(2, 1, 2), pageOf(1, 1, 2, "a", "b")}, []string{"a", "b"}, "1 2 1"},
		"pages are added":                             {"", []http.HandlerFunc{pageOf(1, 2, 2, "a"), pageOf(2, 3, 3, "b"), pageOf(3, 3, 3, "c"), pageOf(1, 3, 3, "a"), pageOf(2, 3, 3, "b"), pageOf(3, 3, 3, "c")}, []string{"a", "b", "c"}, "1 2 3 1 2 3"},
		"endless changes":                             {"", []http.HandlerFunc{pageOf(1, 1, 3, "a"), pageOf(1, 1, 4, "b", "a"), pageOf(1, 1, 5, "c"), success(500, ``)}, []string{"c", "b", "a"}, "1 1 1"},
		"wrong total":                                 {"", []http.HandlerFunc{pageOf(1, 1, 7, "a", "b")}, []string{"a", "b"}, "1 1 1"},
		"endless empty pages":                         {"", []http.HandlerFunc{pageOf(1, 1000000, 1, "a"), pageOf(2, 1000000, 1)}, []string{"a"}, "1 2"},
		"endless repeated pages":                      {"", []http.HandlerFunc{pageOf(1, 1000000, 1, "a"), pageOf(2, 1000000, 1, "a")}, []string{"a"}, "1 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, test.responses...)
			found, err := r.List(t.Context(), test.company, 0)
			if err != nil {
				t.Fatal(err)
			}
			same(t, idsOf(found.Connections()), test.want)
			same(t, strings.Join(requestedPages(t, r, test.company), " "), test.pages)
		})
	}
}

func TestListReturnsLastReading(t *testing.T) {
	t.Parallel()
	r := newRemote(t, success(200, pageBody(1, 1, 2, connectionWith(t, `"active"`, `"pending"`))), success(200, wholeList(connectionJSON)))
	found, err := r.List(t.Context(), "", 0)
	same(t, err, nil)
	same(t, found.Connections(), []wintro.Connection{connected()})
}

func TestListEndsWithItsFirstError(t *testing.T) {
	t.Parallel()
	const missing = "Wintro returned 403, MISSING_SCOPE: No"
	refused := refusal(403, "MISSING_SCOPE", "No.")
	for name, test := range map[string]struct {
		responses   []http.HandlerFunc
		want, pages string
	}{
		"first page":                       {[]http.HandlerFunc{refused}, missing, "1"},
		"later page":                       {[]http.HandlerFunc{pageOf(1, 2, 2, "a"), refused}, missing, "1 2"},
		"second reading":                   {[]http.HandlerFunc{pageOf(1, 1, 2, "a"), refused}, missing, "1 1"},
		"first page instead of the second": {[]http.HandlerFunc{pageOf(1, 2, 2, "a"), pageOf(1, 2, 2, "a")}, "it returned 200 OK; it isn't the requested page", "1 2 2 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, test.responses...)
			found, err := r.List(t.Context(), "", 0)
			isNothing(t, found)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v doesn't contain %q", err, test.want)
			}
			same(t, strings.Join(requestedPages(t, r, ""), " "), test.pages)
		})
	}
}

func TestListEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	r := newRemote(t, pageOf(1, 2, 2, "a"), func(_ http.ResponseWriter, req *http.Request) {
		interrupt()
		<-req.Context().Done()
	})
	found, err := r.List(ctx, "", 0)
	isNothing(t, found)
	same(t, errors.Is(typed[*transport.UnavailableError](t, err), context.Canceled), true)
	same(t, requestedPages(t, r, ""), []string{"1", "2"})
}

func TestListWithLimitReadsFewPages(t *testing.T) {
	t.Parallel()
	r := newRemote(t, pageOf(1, 3, 6, "a", "b"), pageOf(2, 3, 6, "c", "d"), pageOf(3, 3, 6, "e", "f"))
	found, err := r.List(t.Context(), "", 4)
	if err != nil || len(found.Connections()) != 4 || len(r.Requests()) != 2 {
		t.Errorf("list %+v, %d requests, error %v", found, len(r.Requests()), err)
	}
}

func TestInvalidRecordAffectsOnlyItsConnection(t *testing.T) {
	t.Parallel()
	other := connectionWith(t, `"con_1-A"`, `"con_2"`, `"816"`, `"817"`)
	for name, test := range map[string]struct {
		record        string
		id, companyID string
		want          string
	}{
		"no status":           {connectionWith(t, `"status":"active",`, ``), "con_1-A", "816", "has no status"},
		"invalid ID":          {connectionWith(t, `"con_1-A"`, `"../1"`), "", "816", "has no valid id"},
		"number as ID":        {connectionWith(t, `"con_1-A"`, `5`), "", "816", "has an invalid value for id"},
		"no company":          {connectionWith(t, `"atsCompanyId":"816",`, ``), "con_1-A", "", "has no numeric atsCompanyId"},
		"number as company":   {connectionWith(t, `"816"`, `816`), "con_1-A", "", "has an invalid value for atsCompanyId"},
		"number as createdAt": {connectionWith(t, `"2026-04-21T07:31:15.149395Z"`, `5`), "con_1-A", "816", "is incomplete or violates the contract"},
		"null":                {`null`, "", "", "has no valid id"},
		"text":                {`"con_1-A"`, "", "", "is incomplete or violates the contract"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t, success(200, wholeList(test.record, other)))
			list, err := r.List(t.Context(), "", 0)
			if err != nil {
				t.Fatal(err)
			}
			same(t, idsOf(list.Connections()), []string{"con_2"})
			same(t, len(r.Requests()), 1)

			want := wintro.Item{Invalid: test.want}
			want.ID, want.AtsCompanyID = test.id, test.companyID
			page, err := newRemote(t, success(200, wholeList(test.record))).ListPage(t.Context(), "", 1)
			same(t, err, nil)
			same(t, page.Items, []wintro.Item{want})
			if item, ok := list.ByID("con_1-A"); ok != (test.id != "") || ok && item.Invalid != test.want {
				t.Errorf("by ID: %+v, %t", item, ok)
			}
			if item, ok := list.ByCompany("816"); ok != (test.companyID != "") || ok && item.Invalid != test.want {
				t.Errorf("by company: %+v, %t", item, ok)
			}
			failure := typed[*transport.UnavailableError](t, want.Err())
			if !strings.Contains(failure.Reason, test.want) || test.companyID != "" && !strings.Contains(failure.Reason, test.companyID) {
				t.Errorf("%v doesn't contain %q", failure, test.want)
			}
		})
	}
}

func TestIDThatAppearsTwiceIsInvalid(t *testing.T) {
	t.Parallel()
	again := connectionWith(t, `"816"`, `"999"`)
	greenhouse := connectionWith(t, `"recruitee"`, `"greenhouse"`)
	for name, responses := range map[string][]http.HandlerFunc{
		"on one page":                      {success(200, wholeList(connectionJSON, again))},
		"on two pages":                     {success(200, pageBody(1, 2, 2, connectionJSON)), success(200, pageBody(2, 2, 2, again))},
		"three times":                      {success(200, wholeList(connectionJSON, again, connectionJSON))},
		"for another system":               {success(200, wholeList(connectionJSON, greenhouse))},
		"for another system, on two pages": {success(200, pageBody(1, 2, 2, greenhouse)), success(200, pageBody(2, 2, 2, connectionJSON))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// totalItems doesn't match the items, so the client reads the list three times.
			list, err := newRemote(t, slices.Repeat(responses, 3)...).List(t.Context(), "", 0)
			if err != nil {
				t.Fatal(err)
			}
			same(t, idsOf(list.Connections()), []string(nil))
			item, _ := list.ByID("con_1-A")
			same(t, item.Invalid, "has an ID that appears twice, for different companies")
			item, _ = list.ByCompany("816")
			same(t, item.ID, "con_1-A")
			if item.Err() == nil {
				t.Error("Err returns nil for the invalid record")
			}
		})
	}
	t.Run("records that agree are valid", func(t *testing.T) {
		t.Parallel()
		renamed := connectionWith(t, `"Acme's Recruitee"`, `"Renamed"`)
		list, err := newRemote(t, success(200, pageBody(1, 2, 1, connectionJSON)), success(200, pageBody(2, 2, 1, renamed))).List(t.Context(), "", 0)
		same(t, err, nil)
		item, _ := list.ByID("con_1-A")
		same(t, item.Name, "Renamed")
		same(t, item.Err(), nil)
	})
}

func TestEndlessListIsAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		perPage, requests int
		want              string
	}{
		"of small pages": {1, 1000, "its list has more than 1000 pages"},
		"of large pages": {5000, 5, "its list has more than 20000 connections"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := &wintro.List{}
			var err error
			pages := 0
			for ; err == nil && pages < 2000; pages++ {
				page := wintro.Page{TotalPages: pages + 2}
				for i := range test.perPage {
					item := wintro.Item{Connection: connected()}
					item.ID = fmt.Sprintf("con_%d_%d", pages, i)
					page.Items = append(page.Items, item)
				}
				err = list.Add(page)
			}
			same(t, typed[*transport.UnavailableError](t, err).Reason, test.want)
			same(t, pages, test.requests)
		})
	}
}
