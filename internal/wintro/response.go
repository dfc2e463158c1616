package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// expected is what the response to a call must be.
type expected struct {
	client *Client
	status int
	// scope is the one that the call needs.
	scope string
	// id is the ID of what the response holds; "" if it isn't known before.
	id string
	// sent are the tokens in the request.
	sent []string
}

// envelope is what a success arrives in.
type envelope[T any] struct {
	Data *T `json:"data"`
	Meta struct {
		// OrganisationID may be anything: if it isn't an ID, it is as if it weren't there.
		OrganisationID any                  `json:"organisationId"`
		Pagination     *contract.Pagination `json:"pagination"`
	} `json:"meta"`
}

// connection decodes a response that holds a connection.
func (e expected) connection(resp *transport.Response) (Connection, error) {
	read, err := decode[received](e, resp)
	if err != nil {
		return Connection{}, err
	}
	found, err := read.Data.connection(e.sent)
	switch {
	case err != nil:
		return Connection{}, e.undocumented(resp, err.Error())
	case e.id != "" && found.ID != e.id:
		return Connection{}, e.undocumented(resp, "it is about another connection")
	}
	return found, nil
}

// nothing decodes a response without content.
func (e expected) nothing(resp *transport.Response) (struct{}, error) {
	return struct{}{}, e.check(resp)
}

// decode reads the JSON of a success.
func decode[T any](e expected, resp *transport.Response) (envelope[T], error) {
	var read envelope[T]
	if err := e.check(resp); err != nil {
		return read, err
	}
	if resp.MediaType() != "application/json" {
		return read, e.undocumented(resp, "")
	}
	if err := json.Unmarshal(resp.Body, &read); err != nil {
		return read, e.undocumented(resp, malformed(err))
	}
	if read.Data == nil {
		return read, e.undocumented(resp, "it has no data")
	}
	if id, _ := read.Meta.OrganisationID.(string); isNewID(id, e.sent) {
		e.client.organisation.Store(&id)
	}
	return read, nil
}

// check finds out what a response with another status than the expected one says.
func (e expected) check(resp *transport.Response) error {
	if resp.StatusCode == e.status {
		return nil
	}
	if failure := e.apiError(resp); failure != nil {
		return failure
	}
	return e.undocumented(resp, "")
}

// undocumented is the error for a response that isn't the contract's; detail is a clause or empty.
func (e expected) undocumented(resp *transport.Response, detail string) *transport.UnavailableError {
	return transport.UnexpectedResponse(System, resp, detail, e.sent...)
}

// malformed says what is wrong with JSON, without quoting it.
func malformed(err error) string {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrong.Field == "" {
		return "its JSON isn't complete or isn't what the contract says"
	}
	// What comes before the last point are names of Go's as well as of JSON's.
	field := wrong.Field[strings.LastIndex(wrong.Field, ".")+1:]
	return fmt.Sprintf("the JSON's %s isn't what the contract says", transport.Printable(field, 60))
}
