package wintro

import (
	"context"
	"iter"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// pageSize is the largest that the contract allows.
const pageSize = 100

// List goes through the connections to Recruitee, page by page, of one company or, where companyID is
// empty, of all. It ends after the first error.
func (c *Client) List(ctx context.Context, companyID string) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		params := contract.ListConnectionsParams{Ats: new(Recruitee), Limit: new(pageSize)}
		if companyID != "" {
			params.CompanyID = &companyID
		}
		for seen := map[string]bool{}; ; {
			found, err := transport.Repeat(ctx, c.http, func() (page, error) { return c.page(ctx, &params, seen) })
			if err != nil {
				yield(Connection{}, err)
				return
			}
			for _, one := range found.connections {
				// A server that doesn't know a filter ignores it.
				if one.Ats != Recruitee || companyID != "" && one.CompanyID != companyID {
					continue
				}
				if !yield(one, nil) {
					return
				}
			}
			if found.next == "" {
				return
			}
			seen[found.next] = true
			params.Cursor = &found.next
		}
	}
}

// longestCursor is how long a cursor can be that still fits in an address.
const longestCursor = 2000

// page is one page of a list, and the cursor of the next one; "" where it is the last.
type page struct {
	connections []Connection
	next        string
}

// page reads one page. seen are the cursors that there were.
func (c *Client) page(ctx context.Context, params *contract.ListConnectionsParams, seen map[string]bool) (page, error) {
	var read struct {
		Data       []received `json:"data"`
		NextCursor string     `json:"next_cursor"`
	}
	e := c.expect(http.StatusOK, "")
	resp, err := c.api.ListConnections(ctx, params)
	if err := e.decode(resp, err, &read); err != nil {
		return page{}, err
	}
	if read.Data == nil {
		return page{}, e.undocumented(resp, "its list has no data")
	}
	all := make([]Connection, 0, len(read.Data))
	for _, one := range read.Data {
		found, err := one.connection(e.sent)
		if err != nil {
			return page{}, e.undocumented(resp, err.Error())
		}
		all = append(all, found)
	}
	switch next := read.NextCursor; {
	case len(next) > longestCursor:
		return page{}, e.undocumented(resp, "its next_cursor is too long")
	case seen[next]:
		return page{}, e.undocumented(resp, "its pages go round in a circle")
	default:
		return page{all, next}, nil
	}
}
