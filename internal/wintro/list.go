package wintro

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// These constants bound a list. An organisation links few companies, each with at most one connection, so real lists
// stay far below maxPages and maxItems.
const (
	maxPages = 1_000
	// maxItems also bounds the memory. An item takes at most 3 KB, because long texts are cut.
	maxItems    = 20_000
	maxReadings = 3
	// pageSize is the requested page size. A server may return smaller pages.
	pageSize = 100
)

var tooManyItems = fmt.Sprintf("its list has more than %d connections", maxItems)

// Page is one page of Wintro's list of connections. List.Add adds it to a List.
type Page struct {
	Items []Item
	// TotalPages is the number of pages in the list. totalItems is the number of items on all pages.
	TotalPages, totalItems int
}

// Item is an item of a list: a connection, or a record that violates the contract. An invalid record affects only
// operations that need its connection.
type Item struct {
	Connection
	// Invalid is a clause such as "has no status"; "" if the record is valid. Connection contains only the ID and the
	// AtsCompanyID of an invalid record, and only if they are valid.
	Invalid string
}

// Err returns the error for an operation that needs the item's connection, or nil if the record is valid.
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
		return Page{}, undocumented(resp, "it isn't the requested page")
	case len(*response.Data) > maxItems:
		// Check the number before decoding the items, because a decoded item takes a hundred times as much memory as
		// the shortest record.
		return Page{}, undocumented(resp, tooManyItems)
	}
	page := Page{TotalPages: pagination.TotalPages, totalItems: pagination.TotalItems}
	for _, record := range *response.Data {
		page.Items = append(page.Items, newItem(record))
	}
	return page, nil
}

// newItem decodes a record of a page. If the record is invalid, newItem keeps only those of its IDs that are valid.
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
	// Decode both IDs again without the other fields, which may be invalid.
	var ids struct{ ID, AtsCompanyID string }
	_ = json.Unmarshal(record, &ids)
	if isUsableID(ids.ID) {
		item.ID = ids.ID
	}
	if contract.CompanyIDPattern.MatchString(ids.AtsCompanyID) {
		item.AtsCompanyID = ids.AtsCompanyID
	}
	return item
}

// List contains the items of Wintro's list of connections that were read so far. The method Add adds one page after
// another. The zero value is an empty list.
type List struct {
	// PagesRead is the number of pages added so far. TotalPages is the number of pages in Wintro's list, as reported by
	// the page that was added last.
	PagesRead, TotalPages int
	// IsComplete reports whether no more pages need to be read.
	IsComplete bool

	// companyID makes Connections return only the connections of this company, unless companyID is "".
	companyID string
	// items maps each key to its item. order contains the keys in the order of the list. byCompany maps each company to
	// the key of its last item.
	items     map[string]Item
	order     []string
	byCompany map[string]string
	// totalItems is the number of items that the first page reported. hasChanged reports whether a later page
	// reported another number.
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
	// Stop after a page that contains only known items, because the server's list may be endless.
	l.IsComplete = l.PagesRead >= page.TotalPages || len(l.items) == before
	switch {
	case len(l.items) > maxItems:
		return &transport.UnavailableError{System: System, Reason: tooManyItems}
	case !l.IsComplete && l.PagesRead == maxPages:
		return &transport.UnavailableError{System: System, Reason: fmt.Sprintf("its list has more than %d pages", maxPages)}
	}
	return nil
}

// add adds an item. The list may already contain the item, because connections that are created or deleted meanwhile
// can move other connections between pages. The later record then replaces a valid earlier record. If the two records
// name different companies, the item becomes invalid.
func (l *List) add(item Item) {
	key := item.ID
	if key == "" {
		// This key can't be an ID, because no ID contains a "#".
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

// Find returns the item with this ID. If there is no such item, Find returns a record of the company without a valid
// ID, which may be a record of the connection with this ID.
func (l *List) Find(id, companyID string) (Item, bool) {
	if item, ok := l.ByID(id); ok {
		return item, true
	}
	item, ok := l.ByCompany(companyID)
	return item, ok && item.ID == ""
}

// ByCompany returns the last item in the list for the company.
func (l *List) ByCompany(companyID string) (Item, bool) {
	return l.ByID(l.byCompany[companyID])
}

// Connections returns the valid connections to Recruitee, in the order of the list.
func (l *List) Connections() []Connection {
	var all []Connection
	for _, key := range l.order {
		item := l.items[key]
		// Filter again, because a server may ignore the filters of the request. Invalid records are left out, because
		// they have no Ats.
		if item.Ats == contract.Recruitee && (l.companyID == "" || item.AtsCompanyID == l.companyID) {
			all = append(all, item.Connection)
		}
	}
	return all
}

// List reads all pages of the list. If companyID isn't empty, List requests only the connections of this company. If
// limit isn't 0, List stops once it has found limit connections. If connections were created or deleted during a pass,
// the pages may lack a connection that exists. List then makes another pass, up to maxReadings in all, and keeps
// connections that only an earlier pass found.
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
