// Package recruitee is the one call of Recruitee's API that the provider needs: who owns this token?
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

// CurrentAdmin tells who owns the token, for the company with this numeric ID: GET
// /c/{company_id}/admin (design.md, section 3). Whether the owner is an Administrator is part of the
// answer, not an error. The error is a *TokenRejectedError, a *CompanyInaccessibleError or a
// *NoAnswerError.
func (c *Client) CurrentAdmin(ctx context.Context, companyID, token string) (Admin, error) {
	address := c.endpoint.JoinPath("c", companyID, "admin")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return Admin{}, &NoAnswerError{System: System, Host: address.Host, Reason: "the request for company " + companyID + " can't be made"}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")

	return transport.Repeat(ctx, c.http, func() (Admin, error) {
		resp, err := c.http.Do(req)
		if err != nil {
			return Admin{}, err
		}
		return answered(resp, companyID, token)
	})
}

// answered is what an answer says, whatever answered.
func answered(resp *http.Response, companyID, token string) (Admin, error) {
	body, err := transport.Body(resp)
	if err != nil {
		return Admin{}, transport.NotAsDocumented(System, resp, "its body can't be read", token)
	}
	if resp.StatusCode != http.StatusOK {
		return Admin{}, refusal(resp, body, companyID, token)
	}
	var answer currentAdmin
	if json.Unmarshal(body, &answer) != nil {
		return Admin{}, transport.NotAsDocumented(System, resp, "", token)
	}
	if missing := answer.missing(); missing != "" {
		return Admin{}, transport.NotAsDocumented(System, resp, "its answer has no "+missing, token)
	}
	return answer.admin(companyID, token)
}
