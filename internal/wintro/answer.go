package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// expected is what the response to a call has to be.
type expected struct {
	status int
	// id is the ID of what the response holds; "" where it isn't known before.
	id string
	// sent are the tokens in the request.
	sent []string
}

// connection decodes a response that holds a connection.
func (e expected) connection(resp *transport.Response) (Connection, error) {
	var read received
	if err := e.decode(resp, &read); err != nil {
		return Connection{}, err
	}
	found, err := read.connection(e.sent)
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

// decode reads the JSON of a response into value.
func (e expected) decode(resp *transport.Response, value any) error {
	if err := e.check(resp); err != nil {
		return err
	}
	if resp.MediaType() != "application/json" {
		return e.undocumented(resp, "")
	}
	if err := json.Unmarshal(resp.Body, value); err != nil {
		return e.undocumented(resp, malformed(err))
	}
	return nil
}

// check finds out what a response with another status than the expected one says.
func (e expected) check(resp *transport.Response) error {
	if resp.StatusCode == e.status {
		return nil
	}
	if failure := apiError(resp, e.sent); failure != nil {
		return failure
	}
	return e.undocumented(resp, "")
}

// undocumented is the error for a response that isn't the contract's; detail is a clause or empty.
func (e expected) undocumented(resp *transport.Response, detail string) *transport.NoAnswerError {
	return transport.NotAsDocumented(System, resp, detail, e.sent...)
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
