package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

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
func (l call) connection(resp *transport.Response) (Connection, error) {
	read, err := decode[received](l, resp)
	if err != nil {
		return Connection{}, err
	}
	found, err := read.Data.connection()
	switch {
	case err != nil:
		return Connection{}, l.undocumented(resp, err.Error())
	case l.id != "" && found.ID != l.id:
		return Connection{}, l.undocumented(resp, "it is about another connection")
	}
	return found, nil
}

// nothing decodes a response without content.
func (l call) nothing(resp *transport.Response) (struct{}, error) {
	return struct{}{}, l.check(resp)
}

// decode reads the JSON of a success.
func decode[T any](l call, resp *transport.Response) (envelope[T], error) {
	var read envelope[T]
	if err := l.check(resp); err != nil {
		return read, err
	}
	if resp.MediaType() != "application/json" {
		return read, l.undocumented(resp, "")
	}
	if err := json.Unmarshal(resp.Body, &read); err != nil {
		return read, l.undocumented(resp, malformed(err))
	}
	if read.Data == nil {
		return read, l.undocumented(resp, "it has no data")
	}
	if id, _ := read.Meta.OrganisationID.(string); isNewID(id) {
		l.client.organisation.Store(&id)
	}
	return read, nil
}

// check finds out what a response with another status than the expected one says.
func (l call) check(resp *transport.Response) error {
	if resp.StatusCode == l.status {
		return nil
	}
	if failure := l.apiError(resp); failure != nil {
		return failure
	}
	return l.undocumented(resp, "")
}

// undocumented is the error for a response that isn't the contract's; detail is a clause or empty.
func (l call) undocumented(resp *transport.Response, detail string) *transport.UnavailableError {
	return transport.UnexpectedResponse(System, resp, detail)
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
