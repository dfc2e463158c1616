package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// expected is what the answer to a call has to be.
type expected struct {
	status int
	// id is the ID of what the answer holds; "" where it isn't known before.
	id string
	// sent are the tokens in the request. An error never repeats them, whatever Wintro says.
	sent []string
}

// connection decodes an answer that holds a connection.
func (e expected) connection(resp *http.Response, err error) (Connection, error) {
	var read received
	if err := e.decode(resp, err, &read); err != nil {
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

// decode reads the JSON of an answer into value.
func (e expected) decode(resp *http.Response, err error, value any) error {
	body, err := e.body(resp, err)
	if err != nil {
		return err
	}
	if transport.MediaType(resp) != "application/json" {
		return e.undocumented(resp, "")
	}
	if err := json.Unmarshal(body, value); err != nil {
		return e.undocumented(resp, malformed(err))
	}
	return nil
}

// body is the body of the expected answer; any other is an error.
func (e expected) body(resp *http.Response, err error) ([]byte, error) {
	if failure, ok := errors.AsType[*NoAnswerError](err); ok {
		return nil, failure
	}
	if err != nil {
		// The generated client couldn't make the request. Its text may quote what was to be sent.
		return nil, &NoAnswerError{System: System, Reason: "the request can't be made"}
	}
	body, err := transport.Body(resp)
	if err != nil {
		return nil, e.undocumented(resp, "its body can't be read")
	}
	if resp.StatusCode == e.status {
		return body, nil
	}
	if problem := problem(resp, body, e.sent); problem != nil {
		return nil, problem
	}
	return nil, e.undocumented(resp, "")
}

// undocumented is the error for an answer that isn't the contract's; detail is a clause or empty.
func (e expected) undocumented(resp *http.Response, detail string) *NoAnswerError {
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
