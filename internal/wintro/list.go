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
			read, err := c.page(ctx, &params, seen)
			if err != nil {
				yield(Connection{}, err)
				return
			}
			for _, found := range read.Data {
				// A server that doesn't know a filter ignores it.
				if found.Ats != Recruitee || companyID != "" && found.CompanyID != companyID {
					continue
				}
				if !yield(found.connection(), nil) {
					return
				}
			}
			if read.NextCursor == nil || *read.NextCursor == "" {
				return
			}
			params.Cursor = read.NextCursor
		}
	}
}

// page is one page of a list as it arrives.
type page struct {
	Data       []received `json:"data"`
	NextCursor *string    `json:"next_cursor"`
}

func (c *Client) page(ctx context.Context, params *contract.ListConnectionsParams, seen map[string]bool) (page, error) {
	var read page
	resp, err := c.api.ListConnections(ctx, params)
	if err := c.expect(http.StatusOK, "").decode(resp, err, &read); err != nil {
		return page{}, err
	}
	if read.Data == nil {
		return page{}, transport.NotAsDocumented(System, resp, "its list has no data")
	}
	for _, found := range read.Data {
		if err := found.check(); err != nil {
			return page{}, transport.NotAsDocumented(System, resp, err.Error())
		}
	}
	if next := read.NextCursor; next != nil {
		if seen[*next] {
			return page{}, transport.NotAsDocumented(System, resp, "its pages go round in a circle")
		}
		seen[*next] = true
	}
	return read, nil
}
