// Package wintro is the client of Wintro's connections API, whose contract is openapi.yaml
// (design.md, section 4).
package wintro

import (
	"context"
	"net/http"
	"net/url"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// System is Wintro's name in messages and logs.
const System = "Wintro"

// Client speaks the connections API. Its errors are a *APIError where Wintro answered in the
// contract's form and a *NoAnswerError where there was no usable answer. It is safe for concurrent use.
type Client struct {
	api   *contract.Client
	http  *transport.Client
	token string
}

// New returns a client for the API at endpoint, with a Wintro API token.
func New(endpoint *url.URL, token string, http *transport.Client) *Client {
	return &Client{token: token, http: http, api: &contract.Client{
		// The generated client resolves its paths relative to this.
		Server:         endpoint.String() + "/",
		Client:         http,
		RequestEditors: []contract.RequestEditorFn{headers(token)},
	}}
}

func headers(token string) contract.RequestEditorFn {
	return func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Accept", "application/json, application/problem+json")
		return nil
	}
}

// Get reads the connection with this ID.
func (c *Client) Get(ctx context.Context, id string) (Connection, error) {
	return transport.Repeat(ctx, c.http, func() (Connection, error) {
		resp, err := c.api.GetConnection(ctx, id)
		return c.expect(http.StatusOK, id).connection(resp, err)
	})
}

// Create makes a connection. The same key and the same connection, within 24 hours, answer as the
// first time did, so that a repeated request makes no second one. Where the company is linked already,
// the error is a *APIError with an ExistingID.
func (c *Client) Create(ctx context.Context, key string, wanted NewConnection) (Connection, error) {
	ctx = transport.Masked(ctx, wanted.APIToken)
	return transport.Repeat(ctx, c.http, func() (Connection, error) {
		resp, err := c.api.CreateConnection(ctx, &contract.CreateConnectionParams{IdempotencyKey: key}, wanted)
		return c.expect(http.StatusCreated, "", wanted.APIToken).connection(resp, err)
	})
}

// Update changes what is set in change and leaves the rest as it is.
func (c *Client) Update(ctx context.Context, id string, change ConnectionChange) (Connection, error) {
	var sent []string
	if change.APIToken != nil {
		sent = append(sent, *change.APIToken)
	}
	ctx = transport.Masked(ctx, sent...)
	return transport.Repeat(ctx, c.http, func() (Connection, error) {
		resp, err := c.api.UpdateConnection(ctx, id, change)
		return c.expect(http.StatusOK, id, sent...).connection(resp, err)
	})
}

// Delete unlinks the connection with this ID.
func (c *Client) Delete(ctx context.Context, id string) error {
	_, err := transport.Repeat(ctx, c.http, func() ([]byte, error) {
		resp, err := c.api.DeleteConnection(ctx, id)
		return c.expect(http.StatusNoContent, id).body(resp, err)
	})
	return err
}

// expect is what the answer has to be to a request that holds, beside Wintro's own token, those in sent.
func (c *Client) expect(status int, id string, sent ...string) expected {
	return expected{status: status, id: id, sent: append(sent, c.token)}
}
