package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// The codes that callers tell apart; README.md says which of them Wintro publishes. Others go by the
// status.
const (
	CodeMissingScope  = contract.CodeMissingScope
	CodeAlreadyLinked = contract.CodeAlreadyLinked
)

// APIError is an error in the form that Wintro publishes. All of it is fit for printing.
type APIError struct {
	// Status is the HTTP status.
	Status int
	// Code is Wintro's name for what went wrong, Message its words.
	Code, Message string
	// ConnectionID is, with CodeAlreadyLinked, the ID of the connection that exists already; "" if
	// another organisation has it.
	ConnectionID string
	// Fields says, with 400, what is wrong with which field.
	Fields []FieldError
	// Scope is the one that the call needs.
	Scope string
	// RetryAfter is, with 429 and 503, how long Wintro asks to wait; 0 if it doesn't say.
	RetryAfter time.Duration
}

// FieldError is what is wrong with a field of a request.
type FieldError struct {
	Field, Message string
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("Wintro answered %d, %s", e.Status, e.Code)
	if e.Message != "" {
		text += ": " + strings.TrimSuffix(e.Message, ".")
	}
	for _, f := range e.Fields {
		text += fmt.Sprintf("; %s: %s", f.Field, strings.TrimSuffix(f.Message, "."))
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; it asks to wait %s", e.RetryAfter.Round(time.Second))
	}
	return text
}

// Retryable reports whether the same request may succeed a moment later, though the status doesn't say so:
// if the first attempt under its key is still under way.
func (e *APIError) Retryable() bool { return e.Code == contract.CodeIdempotencyKeyInUse }

// apiError reads an error; nil if the response isn't one in the published form, which is another
// program's then, such as a proxy's. Only code and message are published: an error whose connectionId or
// fields have another type is Wintro's, too.
func (l call) apiError(resp *transport.Response) *APIError {
	var read contract.ErrorResponse
	err := json.Unmarshal(resp.Body, &read)
	_, isWrongType := errors.AsType[*json.UnmarshalTypeError](err)
	printable := func(text string, limit int) string { return transport.Printable(text, limit) }
	found := &APIError{
		Status:  resp.StatusCode,
		Code:    printable(read.Error.Code, 60),
		Message: printable(read.Error.Message, 500),
		Scope:   l.scope,
	}
	isJSON := resp.MediaType() == "application/json" && (err == nil || isWrongType)
	if resp.StatusCode < 400 || !isJSON || found.Code == "" || found.Message == "" {
		return nil
	}
	found.RetryAfter, _ = resp.WaitAskedFor()
	if id := read.Error.ConnectionID; id != nil && isNewID(*id) {
		found.ConnectionID = *id
	}
	if read.Error.Fields == nil {
		return found
	}
	for _, f := range *read.Error.Fields {
		field := FieldError{Field: printable(f.Field, 40), Message: printable(f.Message, 100)}
		// More than a handful is no help on a screen.
		if field.Message != "" && len(found.Fields) < 5 {
			found.Fields = append(found.Fields, field)
		}
	}
	return found
}
