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
			page, err := c.page(ctx, &params, seen)
			if err != nil {
				yield(Connection{}, err)
				return
			}
			for _, found := range page.Data {
				// A server that doesn't know a filter ignores it.
				if found.Ats != Recruitee || companyID != "" && found.CompanyID != companyID {
					continue
				}
				if !yield(printable(found), nil) {
					return
				}
			}
			if page.NextCursor == nil || *page.NextCursor == "" {
				return
			}
			params.Cursor = page.NextCursor
		}
	}
}

func (c *Client) page(ctx context.Context, params *contract.ListConnectionsParams, seen map[string]bool) (contract.ConnectionPage, error) {
	var page contract.ConnectionPage
	resp, err := c.api.ListConnections(ctx, params)
	if err := decode(http.StatusOK, resp, err, &page); err != nil {
		return page, err
	}
	if page.Data == nil {
		return page, transport.NotAsDocumented(System, resp, "its list has no data")
	}
	for _, found := range page.Data {
		if err := check(found); err != nil {
			return page, transport.NotAsDocumented(System, resp, err.Error())
		}
	}
	if next := page.NextCursor; next != nil {
		if seen[*next] {
			return page, transport.NotAsDocumented(System, resp, "its pages go round in a circle")
		}
		seen[*next] = true
	}
	return page, nil
}
