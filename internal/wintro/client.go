// Package wintro is the client of Wintro's connections API, whose contract is openapi.yaml
// (design.md, section 4).
package wintro

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// System is Wintro's name in messages and logs.
const System = "Wintro"

// Client speaks the connections API. Its errors are a *ProblemError where Wintro answered in the
// contract's form and a *NoAnswerError where there was no usable answer. It is safe for concurrent use.
type Client struct {
	api *contract.Client
}

// New returns a client for the API at endpoint, with a Wintro API token.
func New(endpoint *url.URL, token string, http *transport.Client) *Client {
	return &Client{api: &contract.Client{
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
	resp, err := c.api.GetConnection(ctx, id)
	return connection(http.StatusOK, id, resp, err)
}

// Create makes a connection. The same key and the same connection, within 24 hours, answer as the
// first time did, so that a repeated request makes no second one. Where the company is linked already,
// the error is a *ProblemError with an ExistingID.
func (c *Client) Create(ctx context.Context, key string, wanted NewConnection) (Connection, error) {
	resp, err := c.api.CreateConnection(ctx, &contract.CreateConnectionParams{IdempotencyKey: key}, wanted)
	return connection(http.StatusCreated, "", resp, err)
}

// Update changes what is set in change and leaves the rest as it is.
func (c *Client) Update(ctx context.Context, id string, change ConnectionChange) (Connection, error) {
	resp, err := c.api.UpdateConnection(ctx, id, change)
	return connection(http.StatusOK, id, resp, err)
}

// Delete unlinks the connection with this ID.
func (c *Client) Delete(ctx context.Context, id string) error {
	resp, err := c.api.DeleteConnection(ctx, id)
	_, err = answer(http.StatusNoContent, resp, err)
	return err
}

// connection decodes an answer that holds a connection: the one with this ID or, with "", any.
func connection(wanted int, id string, resp *http.Response, err error) (Connection, error) {
	var read Connection
	if err := decode(wanted, resp, err, &read); err != nil {
		return Connection{}, err
	}
	if err := check(read); err != nil {
		return Connection{}, transport.NotAsDocumented(System, resp, err.Error())
	}
	if id != "" && read.ID != id {
		return Connection{}, transport.NotAsDocumented(System, resp, "it is about another connection")
	}
	return printable(read), nil
}

// decode reads the JSON of an answer with the wanted status into value.
func decode(wanted int, resp *http.Response, err error, value any) error {
	body, err := answer(wanted, resp, err)
	if err != nil {
		return err
	}
	if transport.MediaType(resp) != "application/json" {
		return transport.NotAsDocumented(System, resp, "")
	}
	if err := json.Unmarshal(body, value); err != nil {
		return transport.NotAsDocumented(System, resp, malformed(err))
	}
	return nil
}

// answer is the body of an answer with the wanted status; any other is an error.
func answer(wanted int, resp *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	body, err := transport.Body(resp)
	if err != nil {
		return nil, transport.NotAsDocumented(System, resp, "its body can't be read")
	}
	if resp.StatusCode == wanted {
		return body, nil
	}
	if problem := problem(resp, body); problem != nil {
		return nil, problem
	}
	return nil, transport.NotAsDocumented(System, resp, "")
}

// malformed says what is wrong with JSON, without quoting it.
func malformed(err error) string {
	if wrong, ok := err.(*json.UnmarshalTypeError); ok && wrong.Field != "" {
		return fmt.Sprintf("the JSON's %s isn't what the contract says", transport.Printable(wrong.Field, 60))
	}
	return "its JSON isn't complete or isn't what the contract says"
}
