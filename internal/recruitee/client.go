// Package recruitee is the one call of Recruitee's API that the provider needs: who owns this token?
// README.md says what is known of that API, and where from.
//
// The text of its errors is one sentence without a full stop.
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

// Client asks Recruitee. It is safe for concurrent use.
type Client struct {
	endpoint *url.URL
	http     *transport.Client
}

// New returns a client for the API at endpoint, which is https://api.recruitee.com unless it is a
// test environment.
func New(endpoint *url.URL, http *transport.Client) *Client {
	return &Client{endpoint: endpoint, http: http}
}

// CurrentAdmin returns the owner of the token, for the company with this numeric ID: GET
// /c/{company_id}/admin. Whether the owner is an Administrator is part of the answer, not an error. The
// error is a *TokenRejectedError, a *CompanyInaccessibleError or a *transport.UnavailableError.
func (c *Client) CurrentAdmin(ctx context.Context, companyID, token string) (Admin, error) {
	address := c.endpoint.JoinPath("c", companyID, "admin")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return Admin{}, &transport.UnavailableError{System: System, Host: address.Host, Reason: "the request for company " + companyID + " can't be made"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")

	return transport.Do(c.http, req, func(resp *transport.Response) (Admin, error) {
		return decode(resp, companyID)
	})
}

// decode reads a response, whatever server it came from.
func decode(resp *transport.Response, companyID string) (Admin, error) {
	if resp.StatusCode != http.StatusOK {
		return Admin{}, newError(resp, companyID)
	}
	var answer currentAdmin
	if json.Unmarshal(resp.Body, &answer) != nil {
		return Admin{}, transport.UnexpectedResponse(System, resp, "")
	}
	if missing := answer.missing(); missing != "" {
		return Admin{}, transport.UnexpectedResponse(System, resp, "its answer has no "+missing)
	}
	return answer.admin(companyID)
}
