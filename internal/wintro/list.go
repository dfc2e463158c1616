package wintro

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// The bounds of a list. The first two are far above any organisation, whose connections are for different companies.
const (
	maxPages = 1_000
	// maxItems also bounds the memory: an item takes at most 3 KB, because its texts are cut.
	maxItems    = 20_000
	maxReadings = 3
	// pageSize is the requested page size. A server may return smaller pages.
	pageSize = 100
)

var tooManyItems = fmt.Sprintf("its list has more than %d connections", maxItems)

// Page is one page of a list, to be added to a List.
type Page struct {
	Items []Item
	// TotalPages is the number of pages in the list, and totalItems the number of items on all of them.
	TotalPages, totalItems int
}

// Item is an item of a list: a connection, or a record that violates the contract. Such a record affects only
// operations that need its connection.
type Item struct {
	Connection
	// Invalid is a clause such as "has no status"; "" if the record is valid. An invalid record has only a valid ID and
	// AtsCompanyID, as far as it contains them.
	Invalid string
}

// Err returns the error of an operation that needs the connection of an invalid record; nil if it is valid.
func (i Item) Err() error {
	if i.Invalid == "" {
		return nil
	}
	return &transport.UnavailableError{System: System, Reason: fmt.Sprintf(
		"its list contains an invalid record with the ID %q for company %q: it %s", i.ID, i.AtsCompanyID, i.Invalid)}
}

// page decodes one page. Invalid records don't make the page invalid.
func (l call) page(resp *transport.Response, number int) (Page, error) {
	response, err := decode[[]json.RawMessage](l, resp)
	if err != nil {
		return Page{}, err
	}
	pagination := response.Meta.Pagination
	switch {
	case pagination == nil || pagination.TotalItems < 0 || pagination.TotalPages < 0:
		return Page{}, undocumented(resp, "its list has no meta.pagination")
	case pagination.Page != number:
		return Page{}, undocumented(resp, "it is another page than the requested one")
	case len(*response.Data) > maxItems:
		// A decoded item takes a hundred times as much memory as the shortest record.
		return Page{}, undocumented(resp, tooManyItems)
	}
	page := Page{TotalPages: pagination.TotalPages, totalItems: pagination.TotalItems}
	for _, record := range *response.Data {
		page.Items = append(page.Items, newItem(record))
	}
	return page, nil
}

// newItem decodes one item of a page.
func newItem(record json.RawMessage) Item {
	var r received
	var item Item
	if err := json.Unmarshal(record, &r); err != nil {
		item.Invalid = malformed(err)
	} else {
		item.Connection, item.Invalid = r.connection()
	}
	if item.Invalid == "" {
		return item
	}
	// Decoded alone, these two are set even if another field is invalid.
	var ids struct{ ID, AtsCompanyID string }
	_ = json.Unmarshal(record, &ids)
	if isUsableID(ids.ID) {
		item.ID = ids.ID
	}
	if companyID.MatchString(ids.AtsCompanyID) {
		item.AtsCompanyID = ids.AtsCompanyID
	}
	return item
}

// List is one reading of the list of connections. Add adds one page after another. The zero value is empty.
type List struct {
	// PagesRead is the number of pages that were added, and TotalPages the number that the last one reported.
	PagesRead, TotalPages int
	// IsComplete reports whether all pages were added.
	IsComplete bool

	// companyID is the company of the connections to return; "" returns all.
	companyID string
	// items contains the different items by key, order the keys as in the list, and byCompany each company's last key.
	items     map[string]Item
	order     []string
	byCompany map[string]string
	// totalItems is the number of items that the first page reported. hasChanged reports whether it changed.
	totalItems int
	hasChanged bool
}

// Add adds the next page. The error is a *transport.UnavailableError if the list is too long.
func (l *List) Add(page Page) error {
	if l.PagesRead == 0 {
		l.items, l.byCompany, l.totalItems = map[string]Item{}, map[string]string{}, page.totalItems
	}
	l.PagesRead++
	l.TotalPages = page.TotalPages
	l.hasChanged = l.hasChanged || page.totalItems != l.totalItems
	before := len(l.items)
	for _, item := range page.Items {
		l.add(item)
	}
	// A server whose pages never end returns nothing new.
	l.IsComplete = l.PagesRead >= page.TotalPages || len(l.items) == before
	switch {
	case len(l.items) > maxItems:
		return &transport.UnavailableError{System: System, Reason: tooManyItems}
	case !l.IsComplete && l.PagesRead == maxPages:
		return &transport.UnavailableError{System: System, Reason: fmt.Sprintf("its list has more than %d pages", maxPages)}
	}
	return nil
}

// add adds an item. It may be there already: while connections are created and deleted, others move from one
// page to another. Then the later record counts, unless the two contradict each other.
func (l *List) add(item Item) {
	key := item.ID
	if key == "" {
		// No ID contains a "#".
		key = fmt.Sprint("#", len(l.order))
	}
	if item.AtsCompanyID != "" {
		l.byCompany[item.AtsCompanyID] = key
	}
	known, isKnown := l.items[key]
	switch {
	case !isKnown:
		l.order = append(l.order, key)
	case known.Invalid != "":
		return
	case known.AtsCompanyID != item.AtsCompanyID:
		item = Item{Connection: Connection{ID: item.ID, AtsCompanyID: item.AtsCompanyID}, Invalid: "has an ID that appears twice, for different companies"}
	}
	l.items[key] = item
}

// ByID returns the item with this ID.
func (l *List) ByID(id string) (Item, bool) {
	item, ok := l.items[id]
	return item, ok
}

// ByCompany returns the last item of a company.
func (l *List) ByCompany(companyID string) (Item, bool) {
	return l.ByID(l.byCompany[companyID])
}

// Connections returns the valid connections to Recruitee, in the order of the list.
func (l *List) Connections() []Connection {
	var all []Connection
	for _, key := range l.order {
		item := l.items[key]
		// A server may ignore a filter that it doesn't support.
		isOther := item.Ats != contract.Recruitee || l.companyID != "" && item.AtsCompanyID != l.companyID
		if item.Invalid == "" && !isOther {
			all = append(all, item.Connection)
		}
	}
	return all
}

// List reads all pages of ListPage or, if limit isn't 0, as many as contain that many connections. While
// connections are created or deleted, others move from one page to another. Then List reads the list again, and
// adds the connections that only an earlier reading found.
func (c *Client) List(ctx context.Context, companyID string, limit int) (*List, error) {
	var earlier []Connection
	for reading := 1; ; reading++ {
		list := &List{companyID: companyID}
		isEnough := func() bool { return limit > 0 && len(list.Connections()) >= limit }
		for !list.IsComplete && !isEnough() {
			page, err := c.ListPage(ctx, companyID, list.PagesRead+1)
			if err == nil {
				err = list.Add(page)
			}
			if err != nil {
				return nil, err
			}
		}
		isConsistent := !list.hasChanged && len(list.items) == list.totalItems
		for _, conn := range earlier {
			if _, isKnown := list.items[conn.ID]; !isKnown {
				list.add(Item{Connection: conn})
			}
		}
		if isConsistent || isEnough() || reading == maxReadings {
			return list, nil
		}
		earlier = list.Connections()
	}
}
