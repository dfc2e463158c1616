package wintro

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// APIError is an RFC 9457 problem document. All of it is fit for printing.
type APIError struct {
	// Status is the HTTP status.
	Status int
	// Title and Detail are Wintro's words. Detail may be empty.
	Title, Detail string
	// RequestID is what Wintro's support asks for. It may be empty.
	RequestID string
	// ExistingID is, with 409 on creation, the ID of the connection that exists already.
	ExistingID string
	// Fields says with 422 what is wrong with which field.
	Fields []FieldError
	// RetryAfter is, with 429 and 503, how long Wintro asks to wait; 0 where it doesn't say.
	RetryAfter time.Duration
}

// FieldError is what is wrong with a field of a request.
type FieldError struct {
	Field, Message string
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("Wintro answered %d, %s", e.Status, e.Title)
	if e.Detail != "" {
		text += ": " + strings.TrimSuffix(e.Detail, ".")
	}
	for _, f := range e.Fields {
		text += fmt.Sprintf("; %s: %s", f.Field, strings.TrimSuffix(f.Message, "."))
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; it asks to wait %s", e.RetryAfter.Round(time.Second))
	}
	if e.RequestID != "" {
		text += fmt.Sprintf(" (request %s)", e.RequestID)
	}
	return text
}

// apiError reads a problem document; nil where the answer is none. The document has to repeat the
// answer's status, so that another program's JSON is not taken for Wintro's word. sent are the secrets
// that the document must not bring back.
func apiError(resp *transport.Response, sent []string) *APIError {
	var read contract.Problem
	isProblem := resp.MediaType() == "application/problem+json" &&
		json.Unmarshal(resp.Body, &read) == nil && read.Status == resp.StatusCode && read.Status >= 400 && read.Status < 600
	if !isProblem {
		return nil
	}
	printable := func(text string, limit int) string { return transport.Printable(text, limit, sent...) }
	optional := func(text *string, limit int) string {
		if text == nil {
			return ""
		}
		return printable(*text, limit)
	}
	found := &APIError{
		Status:    read.Status,
		Title:     printable(read.Title, 100),
		Detail:    optional(read.Detail, 500),
		RequestID: optional(read.RequestID, 128),
	}
	if found.Title == "" {
		found.Title = cmp.Or(http.StatusText(read.Status), "without a title")
	}
	if read.Status == http.StatusTooManyRequests || read.Status == http.StatusServiceUnavailable {
		found.RetryAfter, _ = transport.RetryAfter(resp.Header, time.Now())
	}
	if id := read.ExistingID; id != nil && isNewID(*id, sent) {
		found.ExistingID = *id
	}
	if read.Errors != nil {
		// More than a handful is no help on a screen.
		for _, f := range (*read.Errors)[:min(len(*read.Errors), 5)] {
			found.Fields = append(found.Fields, FieldError{Field: printable(f.Field, 40), Message: printable(f.Message, 100)})
		}
	}
	return found
}
