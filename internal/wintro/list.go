package wintro

import (
	"context"
	"iter"
	"net/http"
	"slices"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// pageSize is the largest that the contract allows.
const pageSize = 100

// List goes through the connections to Recruitee, page by page, of one company or, where companyID is
// empty, of all. It ends after the first error.
func (c *Client) List(ctx context.Context, companyID string) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		seen := map[string]bool{}
		for cursor := ""; ; {
			found, err := c.page(ctx, companyID, cursor, seen)
			if err != nil {
				yield(Connection{}, err)
				return
			}
			for _, one := range found.Connections {
				if !yield(one, nil) {
					return
				}
			}
			if found.Next == "" {
				return
			}
			seen[found.Next] = true
			cursor = found.Next
		}
	}
}

// Page is one page of a list.
type Page struct {
	Connections []Connection
	// Next is the cursor of the next page, "" where this is the last one.
	Next string
}

// Page reads up to a hundred of the connections to Recruitee. The first page has the cursor "".
func (c *Client) Page(ctx context.Context, cursor string) (Page, error) {
	return c.page(ctx, "", cursor, nil)
}

// longestCursor is how long a cursor can be that still fits in an address.
const longestCursor = 2000

// page reads one page of all connections to Recruitee, or of those of one company. seen are the cursors
// that there were.
func (c *Client) page(ctx context.Context, companyID, cursor string, seen map[string]bool) (Page, error) {
	params := contract.ListConnectionsParams{Ats: new(Recruitee), Limit: new(pageSize)}
	if companyID != "" {
		params.CompanyID = &companyID
	}
	if cursor != "" {
		params.Cursor = &cursor
	}
	req, err := contract.NewListConnectionsRequest(c.server, &params)
	found, err := call(ctx, c, req, err, expected{status: http.StatusOK}, func(e expected, resp *transport.Response) (Page, error) {
		return e.page(resp, seen)
	})
	// A server that doesn't know a filter ignores it.
	found.Connections = slices.DeleteFunc(found.Connections, func(one Connection) bool {
		return one.Ats != Recruitee || companyID != "" && one.CompanyID != companyID
	})
	return found, err
}

func (e expected) page(resp *transport.Response, seen map[string]bool) (Page, error) {
	var read struct {
		Data       []received `json:"data"`
		NextCursor string     `json:"next_cursor"`
	}
	if err := e.decode(resp, &read); err != nil {
		return Page{}, err
	}
	if read.Data == nil {
		return Page{}, e.undocumented(resp, "its list has no data")
	}
	all := make([]Connection, 0, len(read.Data))
	for _, one := range read.Data {
		found, err := one.connection(e.sent)
		if err != nil {
			return Page{}, e.undocumented(resp, err.Error())
		}
		all = append(all, found)
	}
	switch next := read.NextCursor; {
	case len(next) > longestCursor:
		return Page{}, e.undocumented(resp, "its next_cursor is too long")
	case seen[next]:
		return Page{}, e.undocumented(resp, "its pages go round in a circle")
	default:
		return Page{all, next}, nil
	}
}
