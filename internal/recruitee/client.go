// Package recruitee calls the only endpoint of Recruitee's API that the provider needs, which returns the owner of a
// token. README.md describes the API and cites its sources.
//
// The text of each error is one sentence without a full stop, unless it ends with Recruitee's own words.
package recruitee

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// System is Recruitee's name in messages and logs.
const System = "Recruitee"

// Client calls Recruitee. It is safe for concurrent use.
type Client struct {
	endpoint   *url.URL
	httpClient *transport.Client
}

// New returns a client for the API at endpoint, which is https://api.recruitee.com in production.
func New(endpoint *url.URL, httpClient *transport.Client) *Client {
	return &Client{endpoint: endpoint, httpClient: httpClient}
}

// CurrentAdmin calls GET /c/{company_id}/admin, and returns the token's owner as a user of the company. The owner may
// lack the rights of an Administrator: see Admin.IsAdministrator. The error is a *TokenRejectedError, a
// *CompanyInaccessibleError or a *transport.UnavailableError.
func (c *Client) CurrentAdmin(ctx context.Context, companyID, token string) (Admin, error) {
	address := c.endpoint.JoinPath("c", companyID, "admin")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return Admin{}, &transport.UnavailableError{System: System, Host: address.Host, Reason: "the request for company " + companyID + " can't be made"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")

	return transport.Do(c.httpClient, req, func(resp *transport.Response) (Admin, error) {
		return decode(resp, companyID)
	})
}

// decode decodes a response, which may come from a proxy instead of Recruitee.
func decode(resp *transport.Response, companyID string) (Admin, error) {
	if resp.StatusCode != http.StatusOK {
		return Admin{}, newError(resp, companyID)
	}
	var body currentAdmin
	if json.Unmarshal(resp.Body, &body) != nil {
		return Admin{}, transport.UnexpectedResponse(System, resp, "")
	}
	if missing := body.missing(); missing != "" {
		return Admin{}, transport.UnexpectedResponse(System, resp, "its response has no "+missing)
	}
	return body.admin(companyID)
}
