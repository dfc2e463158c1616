// Package wintro is a client for Wintro's API for connections to applicant tracking systems (ATS). Package contract
// contains the OpenAPI document, and a README that says which parts of the document Wintro publishes.
//
// The text of each error is one sentence without a full stop.
package wintro

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// System is Wintro's name in messages and logs.
const System = "Wintro"

// Client calls Wintro. Its methods return an *APIError if Wintro responded with an error in the published form, and a
// *transport.UnavailableError if no usable response arrived. A Client is safe for concurrent use.
type Client struct {
	endpoint *url.URL
	token    string
	http     *transport.Client
	// organisation stores the string that Organisation returns.
	organisation atomic.Value
}

// New returns a client for the API at endpoint, with a Wintro API token.
func New(endpoint *url.URL, token string, httpClient *transport.Client) *Client {
	transport.RememberSecret(token)
	return &Client{endpoint: endpoint, token: token, http: httpClient}
}

// Organisation returns the last ID that Wintro reported for the API token's organisation, or "" if Wintro hasn't
// reported an ID yet.
func (c *Client) Organisation() string {
	id, _ := c.organisation.Load().(string)
	return id
}

// call describes one API call: the request and the expected response.
type call struct {
	client *Client
	method string
	path   []string // below /ats-connections
	query  url.Values
	// idempotencyKey is set only for a create request.
	idempotencyKey string
	// body is sent as JSON, unless it is nil.
	body any
	// scope is the scope that the API token needs.
	scope string
	// status is the HTTP status of a success.
	status int
	// id is the expected ID of the connection or sync in the response. companyID is the expected Recruitee company of
	// a connection. An empty string accepts any value.
	id, companyID string
}

// Get reads the connection with this ID.
func (c *Client) Get(ctx context.Context, id string) (Connection, error) {
	l := call{client: c, method: http.MethodGet, path: []string{id}, scope: contract.ScopeRead, status: http.StatusOK, id: id}
	return send(ctx, l, call.connection)
}

// Create creates a connection. key is the idempotency key: for 24 hours, Wintro repeats its successful response to
// any request with the same key and connection, so a retry doesn't create a second connection. If the company is
// already linked, the error is an *APIError with CodeAlreadyLinked.
func (c *Client) Create(ctx context.Context, key string, connection NewConnection) (Connection, error) {
	l := call{client: c, method: http.MethodPost, scope: contract.ScopeWrite, status: http.StatusCreated, companyID: connection.AtsCompanyID}
	l.idempotencyKey, l.body = key, connection
	transport.RememberSecret(connection.APIToken)
	return send(ctx, l, call.connection)
}

// Update changes only the fields that are set in change.
func (c *Client) Update(ctx context.Context, id string, change ConnectionChange) (Connection, error) {
	l := call{client: c, method: http.MethodPatch, path: []string{id}, body: change, scope: contract.ScopeWrite, status: http.StatusOK, id: id}
	if change.APIToken != nil {
		transport.RememberSecret(*change.APIToken)
	}
	return send(ctx, l, call.connection)
}

// Delete deletes the connection with this ID.
func (c *Client) Delete(ctx context.Context, id string) error {
	l := call{client: c, method: http.MethodDelete, path: []string{id}, scope: contract.ScopeWrite, status: http.StatusNoContent}
	_, err := send(ctx, l, func(l call, resp *transport.Response) (struct{}, error) { return struct{}{}, l.check(resp) })
	return err
}

// ListPage reads one page of the connections to Recruitee, oldest first. If companyID isn't empty, ListPage requests
// only the connections of this company. Page numbers begin at 1, and a page beyond the end is empty. A server may
// ignore the filters for the system and the company, so the page may contain other connections.
func (c *Client) ListPage(ctx context.Context, companyID string, number int) (Page, error) {
	l := call{client: c, method: http.MethodGet, scope: contract.ScopeRead, status: http.StatusOK}
	l.query = url.Values{"ats": {contract.Recruitee}, "page": {strconv.Itoa(number)}, "pageSize": {strconv.Itoa(pageSize)}}
	if companyID != "" {
		l.query.Set("atsCompanyId", companyID)
	}
	return send(ctx, l, func(l call, resp *transport.Response) (Page, error) { return l.page(resp, number) })
}

// StartSync starts a vacancy sync. The contract defines no idempotency key for this call, so the client doesn't
// repeat a request whose response was lost. If the connection is disabled, the error is an *APIError with
// CodeDisabled.
func (c *Client) StartSync(ctx context.Context, connectionID string) (Sync, error) {
	l := call{client: c, method: http.MethodPost, path: []string{connectionID, "syncs"}, scope: contract.ScopeWrite, status: http.StatusAccepted}
	return send(ctx, l, call.sync)
}

// GetSync reads the progress of a sync.
func (c *Client) GetSync(ctx context.Context, connectionID, id string) (Sync, error) {
	l := call{client: c, method: http.MethodGet, path: []string{connectionID, "syncs", id}, scope: contract.ScopeRead, status: http.StatusOK, id: id}
	return send(ctx, l, call.sync)
}

// send sends the request of a call and decodes the response.
func send[T any](ctx context.Context, l call, decode func(call, *transport.Response) (T, error)) (T, error) {
	req, err := l.request(ctx)
	if err != nil {
		// Don't wrap err, because its text may quote the request.
		var none T
		return none, &transport.UnavailableError{System: System, Reason: "the request can't be made"}
	}
	return transport.Do(l.client.http, req, func(resp *transport.Response) (T, error) { return decode(l, resp) })
}

func (l call) request(ctx context.Context) (*http.Request, error) {
	// An argument may contain a token or "..", so only IDs become part of the address.
	if slices.ContainsFunc(l.path, func(part string) bool { return !IsID(part) }) {
		return nil, errors.New("a part of the path isn't an ID")
	}
	address := l.client.endpoint.JoinPath("ats-connections").JoinPath(l.path...)
	address.RawQuery = l.query.Encode()
	var content []byte
	if l.body != nil {
		var err error
		if content, err = json.Marshal(l.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, l.method, address.String(), bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+l.client.token)
	req.Header.Set("Accept", "application/json")
	if l.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if l.idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", l.idempotencyKey)
	}
	return req, nil
}
