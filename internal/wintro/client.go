// Package wintro is the client of Wintro's API for ATS connections, whose contract is openapi.yaml.
// README.md says what of it Wintro publishes, and what is ours.
//
// The text of its errors is one sentence without a full stop.
package wintro

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// System is Wintro's name in messages and logs.
const System = "Wintro"

// The scopes that an API token needs. Neither includes the other.
const (
	ScopeRead  = "ats-connections:read"
	ScopeWrite = "ats-connections:write"
)

// Client speaks to Wintro. Its errors are an *APIError if Wintro answered in the published form and a
// *transport.UnavailableError if there was no usable response. It is safe for concurrent use.
type Client struct {
	// server is what the generated requests resolve their paths against.
	server string
	token  string
	http   *transport.Client

	organisation atomic.Pointer[string]
}

// New returns a client for the API at endpoint, with a Wintro API token.
func New(endpoint *url.URL, token string, http *transport.Client) *Client {
	return &Client{server: endpoint.String() + "/", token: token, http: http}
}

// Organisation is the ID of the organisation that the API token belongs to, as Wintro last reported it; ""
// if it hasn't.
func (c *Client) Organisation() string {
	if id := c.organisation.Load(); id != nil {
		return *id
	}
	return ""
}

// Get reads the connection with this ID.
func (c *Client) Get(ctx context.Context, id string) (Connection, error) {
	req, err := contract.NewGetConnectionRequest(c.server, id)
	return call(ctx, c, req, err, expected{status: http.StatusOK, scope: ScopeRead, id: id}, expected.connection)
}

// Create creates a connection. The same key and the same connection, within 24 hours, answer as the first
// success did, so that a repeated request creates no second one. If the company is linked already, the
// error is an *APIError with the code CodeAlreadyLinked.
func (c *Client) Create(ctx context.Context, key string, connection NewConnection) (Connection, error) {
	req, err := contract.NewCreateConnectionRequest(c.server, &contract.CreateConnectionParams{IdempotencyKey: key}, connection)
	return call(ctx, c, req, err, expected{status: http.StatusCreated, scope: ScopeWrite, sent: []string{connection.APIToken}}, expected.connection)
}

// Update changes what is set in change and leaves the rest as it is.
func (c *Client) Update(ctx context.Context, id string, change ConnectionChange) (Connection, error) {
	var sent []string
	if change.APIToken != nil {
		sent = append(sent, *change.APIToken)
	}
	req, err := contract.NewUpdateConnectionRequest(c.server, id, change)
	return call(ctx, c, req, err, expected{status: http.StatusOK, scope: ScopeWrite, id: id, sent: sent}, expected.connection)
}

// Delete removes the connection with this ID.
func (c *Client) Delete(ctx context.Context, id string) error {
	req, err := contract.NewDeleteConnectionRequest(c.server, id)
	_, err = call(ctx, c, req, err, expected{status: http.StatusNoContent, scope: ScopeWrite}, expected.nothing)
	return err
}

// call sends a request that the generated code has made, or failed to make with err, and decodes the
// response. No error repeats one of the tokens in the request, whatever Wintro says, and no log line does.
func call[T any](ctx context.Context, c *Client, req *http.Request, err error, e expected, decode func(expected, *transport.Response) (T, error)) (T, error) {
	if err != nil {
		// The error's text may quote what was to be sent.
		var none T
		return none, &transport.UnavailableError{System: System, Reason: "the request can't be made"}
	}
	ctx = transport.WithMaskedSecrets(ctx, e.sent...)
	e.sent = append(slices.Clone(e.sent), c.token)
	e.client = c
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	return transport.Do(c.http, req.WithContext(ctx), func(resp *transport.Response) (T, error) { return decode(e, resp) })
}
