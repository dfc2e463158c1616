package wintro

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// The codes that callers tell apart; README.md says which of them Wintro publishes. Others go by the
// status.
const (
	CodeMissingScope  = "MISSING_SCOPE"
	CodeAlreadyLinked = "ALREADY_LINKED"
	codeKeyInUse      = "IDEMPOTENCY_KEY_IN_USE"
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
func (e *APIError) Retryable() bool { return e.Code == codeKeyInUse }

// apiError reads an error; nil if the response isn't one in the published form, which is another
// program's then, such as a proxy's. Only code and message are published: an error whose connectionId or
// fields have another type is Wintro's, too.
func (e expected) apiError(resp *transport.Response) *APIError {
	var read contract.ErrorResponse
	err := json.Unmarshal(resp.Body, &read)
	_, isWrongType := errors.AsType[*json.UnmarshalTypeError](err)
	printable := func(text string, limit int) string { return transport.Printable(text, limit, e.sent...) }
	found := &APIError{
		Status:  resp.StatusCode,
		Code:    printable(read.Error.Code, 60),
		Message: printable(read.Error.Message, 500),
		Scope:   e.scope,
	}
	isJSON := resp.MediaType() == "application/json" && (err == nil || isWrongType)
	if resp.StatusCode < 400 || !isJSON || found.Code == "" || found.Message == "" {
		return nil
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		found.RetryAfter, _ = transport.RetryAfter(resp.Header, time.Now())
	}
	if id := read.Error.ConnectionID; id != nil && isNewID(*id, e.sent) {
		found.ConnectionID = *id
	}
	if read.Error.Fields != nil {
		found.Fields = fieldErrors(*read.Error.Fields, printable)
	}
	return found
}

// fieldErrors makes what is wrong with fields printable. More than a handful is no help on a screen.
func fieldErrors(read []contract.FieldError, printable func(text string, limit int) string) []FieldError {
	var found []FieldError
	for _, f := range read {
		field := FieldError{Field: printable(f.Field, 40), Message: printable(f.Message, 100)}
		if field.Message != "" && len(found) < 5 {
			found = append(found, field)
		}
	}
	return found
}
