package wintro

import (
	"context"
	"slices"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// pageSize is what is asked for. A server may give less, and says so.
const pageSize = 100

// Page is one page of a list.
type Page struct {
	// Connections are those to Recruitee on this page.
	Connections []Connection
	// TotalPages is how many pages the list has.
	TotalPages int

	// items are the IDs of all that is on the page, whatever it is, totalItems how many are on all pages.
	items      []string
	totalItems int
}

// maxReadings is how often a list is read that changes in the meantime.
const maxReadings = 3

// List reads all pages of ListPage or, if limit isn't 0, as many as hold that many connections. If
// connections are created or removed in the meantime, others move from one page to another: then the list is read
// again, and what one reading has missed another one has found.
func (c *Client) List(ctx context.Context, companyID string, limit int) ([]Connection, error) {
	var all []Connection
	for range maxReadings {
		found, isConsistent, err := c.readList(ctx, companyID, limit)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if !slices.ContainsFunc(found, func(other Connection) bool { return other.ID == one.ID }) {
				found = append(found, one)
			}
		}
		all = found
		if isConsistent {
			break
		}
	}
	return all, nil
}

// readList reads all pages once. It is consistent if each page gives the same total, and if that is
// how many different items there were.
func (c *Client) readList(ctx context.Context, companyID string, limit int) (all []Connection, isConsistent bool, err error) {
	isConsistent = true
	seen := map[string]bool{}
	total := 0
	for number, pages := 1, 1; number <= pages; number++ {
		page, err := c.ListPage(ctx, companyID, number)
		if err != nil {
			return nil, false, err
		}
		if number == 1 {
			total = page.totalItems
		}
		isConsistent = isConsistent && page.totalItems == total
		before := len(seen)
		for _, one := range page.Connections {
			if !seen[one.ID] {
				all = append(all, one)
				seen[one.ID] = true
			}
		}
		for _, id := range page.items {
			seen[id] = true
		}
		if limit > 0 && len(all) >= limit {
			return all, true, nil
		}
		// A server whose pages never end gives nothing new.
		if pages = page.TotalPages; len(seen) == before {
			break
		}
	}
	return all, isConsistent && len(seen) == total, nil
}

func (l call) page(resp *transport.Response, number int) (Page, error) {
	read, err := decode[[]received](l, resp)
	if err != nil {
		return Page{}, err
	}
	pagination := read.Meta.Pagination
	switch {
	case pagination == nil || pagination.TotalItems < 0 || pagination.TotalPages < 0:
		return Page{}, l.undocumented(resp, "its list has no meta.pagination")
	case pagination.Page != number:
		return Page{}, l.undocumented(resp, "it is another page than the one asked for")
	}
	page := Page{TotalPages: pagination.TotalPages, totalItems: pagination.TotalItems}
	for _, one := range *read.Data {
		found, err := one.connection()
		if err != nil {
			return Page{}, l.undocumented(resp, err.Error())
		}
		page.Connections = append(page.Connections, found)
		page.items = append(page.items, found.ID)
	}
	return page, nil
}
