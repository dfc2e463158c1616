package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func listChecks() []Check {
	const pageSizes = "The number of items on a page."
	return []Check{
		{"list/connection", company,
			"The list contains the connection with the same fields as GET.",
			"An API token belongs to one Wintro organisation, and sees only the connections of that organisation.",
			func(c *checkRun) {
				made := c.connection()
				items, _ := c.pages(100)
				i := indexOf(items, made.id())
				if i < 0 {
					c.fatalf(nil, "the list doesn't contain the connection %s", made.id())
				}
				c.expectFields("in the list", items[i], c.get(made.id()))
			}},
		{"list/empty", unlinkedCompany,
			"For a company without a connection, the response is 200 with an empty list and the total 0.",
			"A page beyond the last page has no items.",
			func(c *checkRun) {
				c.expectOnly()
				c.expectTotal(0)
			}},
		{"list/filter-company", company,
			"atsCompanyId filters the list and the totals.",
			"Lists only connections to the company with this ID.",
			func(c *checkRun) {
				c.expectOnly(c.connection().id())
				c.expectTotal(1)
				// No company should have this ID, because it is the largest ID that the contract allows.
				if others := c.list("atsCompanyId=9999999999999999999"); len(others) > 0 {
					c.errorf(nil, "the list of a company without a connection has %d items instead of none", len(others))
				}
				c.expectTotal(0)
			}},
		{"list/filter-ats", company,
			"ats filters the list: ats=recruitee returns the connection. An unknown ats returns no items, or 400.",
			"Lists only connections to this applicant tracking system.",
			func(c *checkRun) {
				id := c.connection().id()
				if indexOf(c.list("ats=recruitee&atsCompanyId="+c.config.CompanyID), id) < 0 {
					c.errorf(nil, "the list with ats=recruitee doesn't contain the connection")
				}
				e := c.do(listCall("ats=conformance-unknown"))
				items, _ := e.items()
				if !isBadRequest(e.status) && !e.isSuccess() {
					c.errorf(nil, "with an unknown ats, the response is %s instead of an empty list or 400", statusAndCode(e))
				}
				if len(items) > 0 {
					c.errorf(nil, "the list with an unknown ats has %d items instead of none", len(items))
				}
			}},
		{"list/page-size", company,
			"A page has at most pageSize items, and meta.pagination.pageSize is the same number.",
			pageSizes,
			func(c *checkRun) {
				c.connection()
				for _, size := range []int{1, 2} {
					items := c.list(fmt.Sprintf("pageSize=%d", size))
					if len(items) == 0 || len(items) > size {
						c.errorf(nil, "pageSize=%d: the first page has %d items", size, len(items))
					}
					c.expectFirstPage(size)
				}
			}},
		{"list/largest-page-size", noNeeds,
			"If pageSize is too large, the server uses its maximum, which never changes.",
			"If the requested size is larger, the server uses the maximum, and reports it in `meta.pagination`.",
			func(c *checkRun) {
				const huge, less = 100_000, 50_000
				c.list(fmt.Sprintf("pageSize=%d", huge))
				first := c.last
				c.list(fmt.Sprintf("pageSize=%d", less))
				largest, got := first.pagination("pageSize"), c.last.pagination("pageSize")
				if largest < 1 || largest > huge || got != min(largest, less) {
					c.errorf([]*exchange{first, c.last}, "meta.pagination.pageSize is %[2]d for pageSize=%[1]d, and %[4]d for pageSize=%[3]d",
						huge, largest, less, got)
				}
			}},
		{"list/default-page", noNeeds,
			"Without page and pageSize, the response is the first page. Its size is 100, or the server's maximum if that is smaller.",
			"The list takes `ats`, `atsCompanyId`, `page` and `pageSize`, all optional.",
			func(c *checkRun) {
				c.list("pageSize=100")
				want := c.last.pagination("pageSize")
				c.list("")
				c.expectFirstPage(want)
			}},
		{"list/totals", company,
			"totalItems is the number of items on all pages, and totalPages is the number of pages.",
			`"pagination": {"page": 1, "pageSize": 10, "totalItems": 42, "totalPages": 5}`,
			func(c *checkRun) {
				c.connection()
				for _, size := range []int{2, 100} {
					items, first := c.pages(size)
					total, pages := first.pagination("totalItems"), first.pagination("totalPages")
					if total != len(items) {
						c.errorf([]*exchange{first}, "totalItems is %d, but the pages have %d items", total, len(items))
					}
					if taken := first.pagination("pageSize"); taken > 0 && pages != (total+taken-1)/taken {
						c.errorf([]*exchange{first}, "totalPages is %d for %d items in pages of %d", pages, total, taken)
					}
				}
			}},
		{"list/beyond-the-end", company,
			"A page beyond the end returns 200 without items. The totals are the same as on the first page.",
			"A page beyond the last page has no items.",
			func(c *checkRun) {
				c.connection()
				c.list("")
				first := c.last
				if items := c.list("page=1000000"); len(items) > 0 {
					c.errorf(nil, "page 1000000 has %d items instead of none", len(items))
				}
				for _, name := range []string{"totalItems", "totalPages"} {
					if got, want := c.last.pagination(name), first.pagination(name); got != want {
						c.errorf([]*exchange{first, c.last}, "%s is %d on the first page and %d beyond the end", name, want, got)
					}
				}
			}},
		{"list/bad-parameters", noNeeds,
			"A page or pageSize that isn't a whole number of at least 1 returns 400 BAD_REQUEST.",
			"Wintro has published the codes 400 `BAD_REQUEST`",
			func(c *checkRun) {
				for _, query := range []string{"page=0", "page=-1", "page=two", "pageSize=0", "pageSize=-1", "pageSize=many"} {
					c.expectError(c.do(listCall(query)), query, contract.CodeBadRequest)
				}
			}},
		{"list/order", company | secondCompany,
			"The list is sorted by createdAt, then by ID.",
			"The oldest connection comes first. Connections of the same age are sorted by ID.",
			func(c *checkRun) {
				c.twoConnections()
				items, first := c.pages(100)
				if !slices.IsSortedFunc(items, func(a, b object) int {
					return cmp.Or(createdAt(a).Compare(createdAt(b)), strings.Compare(a.id(), b.id()))
				}) {
					c.errorf([]*exchange{first}, "the list isn't sorted by createdAt and ID")
				}
			}},
		{"list/pages", company | secondCompany,
			"Each connection is on exactly one page.",
			pageSizes,
			func(c *checkRun) {
				one, two := c.twoConnections()
				c.list("pageSize=100")
				// Choose a size that gives at most four pages, regardless of the number of connections.
				size := max(1, (c.last.pagination("totalItems")+3)/4)
				items, first := c.pages(size)
				count := map[string]int{}
				for _, item := range items {
					count[item.id()]++
				}
				for id, n := range count {
					if n > 1 {
						c.errorf([]*exchange{first, c.last}, "in pages of %d, the list contains the connection %s %d times", size, id, n)
					}
				}
				for _, id := range []string{one.id(), two.id()} {
					if count[id] == 0 {
						c.errorf([]*exchange{first, c.last}, "in pages of %d, no page contains the connection %s", size, id)
					}
				}
			}},
		{"list/second-company", company | secondCompany,
			"If two companies have a connection each, the filtered list of each company contains only its own connection.",
			"An organisation can have several connections, one for each company of an ATS.",
			func(c *checkRun) {
				one, two := c.twoConnections()
				for companyID, id := range map[string]string{c.config.CompanyID: one.id(), c.config.SecondCompanyID: two.id()} {
					items := c.list("atsCompanyId=" + companyID)
					if len(items) != 1 || items[0].id() != id {
						c.errorf(nil, "the list of company %s has %d items instead of only the connection %s", companyID, len(items), id)
					}
				}
			}},
	}
}

// twoConnections returns the shared connections of both companies.
func (c *checkRun) twoConnections() (one, two object) {
	return c.connection(), c.connectionOf(c.config.SecondCompanyID)
}

// indexOf returns the index of the item with this ID, or -1.
func indexOf(items []object, id string) int {
	return slices.IndexFunc(items, func(item object) bool { return item.id() == id })
}

func createdAt(connection object) time.Time {
	at, _ := time.Parse(time.RFC3339, connection.text("createdAt"))
	return at
}

// pages reads the list in pages of this size. It stops after the number of pages that the first response reports,
// after maxPages pages, or when it has more than maxItems items. It returns the items and the first exchange.
func (c *checkRun) pages(size int) (items []object, first *exchange) {
	for page := 1; page <= maxPages; page++ {
		items = append(items, c.list(fmt.Sprintf("page=%d&pageSize=%d", page, size))...)
		if first == nil {
			first = c.last
		}
		if page >= first.pagination("totalPages") || len(items) > maxItems {
			break
		}
	}
	return items, first
}

// expectFirstPage expects that the last response was the first page of a list with this page size.
func (c *checkRun) expectFirstPage(size int) {
	if page, got := c.last.pagination("page"), c.last.pagination("pageSize"); page != 1 || got != size {
		c.errorf(nil, "meta.pagination has page %d and pageSize %d instead of page 1 and pageSize %d", page, got, size)
	}
}

// expectTotal compares totalItems in the last response with want.
func (c *checkRun) expectTotal(want int) {
	if total := c.last.pagination("totalItems"); total != want {
		c.errorf(nil, "meta.pagination.totalItems is %d instead of %d", total, want)
	}
}
