package wintro

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// APIError is an error in the form that Wintro publishes. All of its texts are safe to print.
type APIError struct {
	// Status is the HTTP status. Code identifies the error to programs, and Message explains it to users.
	Status        int
	Code, Message string
	// ConnectionID is the ID of the existing connection if Code is CodeAlreadyLinked. It is "" if that connection
	// belongs to another organisation.
	ConnectionID string
	// Fields describes at most five of the invalid fields. Wintro names fields only if Status is 400 or 422.
	Fields []FieldError
	// Scope is the scope that the API token lacks. It is "" unless Code is CodeMissingScope.
	Scope string
	// RetryAfter is the wait that a 429 or a 503 asks for, or 0 if the response asks for none.
	RetryAfter time.Duration
	// RequestID identifies the request in Wintro's or Vercel's log. It is "" if the response has no ID.
	RequestID string
	// MayHaveActed reports whether Wintro may have processed an earlier attempt of the call. The error is the response
	// to the last attempt.
	MayHaveActed bool
}

func (e *APIError) Error() string {
	text := fmt.Sprintf("Wintro returned %d, %s: %s", e.Status, e.Code, strings.TrimSuffix(e.Message, "."))
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

// Retryable reports whether the error's code shows that the same request may succeed a moment later. The only such code
// means that the first attempt with the same idempotency key is still in flight. Package transport itself decides
// about statuses such as 429 and 503.
func (e *APIError) Retryable() bool { return e.Code == contract.CodeIdempotencyKeyInUse }

// apiError decodes an error in the published form. It returns nil if the response has another form, because such a
// response isn't from Wintro. Wintro publishes only code and message, so connectionId and fields may have any type.
func (l call) apiError(resp *transport.Response) *APIError {
	if resp.StatusCode < http.StatusBadRequest || resp.MediaType() != "application/json" || vercel(resp) != "" {
		return nil
	}
	var response contract.ErrorResponse
	err := json.Unmarshal(resp.Body, &response)
	if _, isWrongType := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !isWrongType {
		return nil
	}
	failure := &APIError{
		Status:       resp.StatusCode,
		Code:         transport.Printable(response.Error.Code, 60),
		Message:      transport.Printable(response.Error.Message, 500),
		RequestID:    requestID(resp),
		MayHaveActed: resp.MayHaveActed,
	}
	if failure.Code == "" || failure.Message == "" {
		return nil
	}
	if failure.Code == contract.CodeMissingScope {
		failure.Scope = l.scope
	}
	failure.RetryAfter, _ = resp.WaitAskedFor()
	if id := response.Error.ConnectionID; id != nil && isUsableID(*id) {
		failure.ConnectionID = *id
	}
	if response.Error.Fields == nil {
		return failure
	}
	for _, f := range *response.Error.Fields {
		field := FieldError{Field: transport.Printable(f.Field, 40), Message: transport.Printable(f.Message, 100)}
		if field.Message != "" && len(failure.Fields) < 5 {
			failure.Fields = append(failure.Fields, field)
		}
	}
	return failure
}

// undocumented returns the error for a response that the contract doesn't describe. detail is a clause with the
// reason, or empty.
func undocumented(resp *transport.Response, detail string) *transport.UnavailableError {
	failure := transport.UnexpectedResponse(System, resp, cmp.Or(vercel(resp), detail))
	if id := requestID(resp); id != "" {
		failure.Reason += "; request " + id
	}
	return failure
}

// vercel returns a clause if the response was created by Vercel, which hosts Wintro, and "" otherwise. It ignores the
// body, because Vercel's JSON errors have the same form as Wintro's JSON errors.
func vercel(resp *transport.Response) string {
	if reason := resp.Header.Get("X-Vercel-Mitigated"); reason != "" {
		return fmt.Sprintf("Vercel's firewall responded instead of Wintro (%s)", transport.Printable(reason, 60))
	}
	if reason := resp.Header.Get("X-Vercel-Error"); reason != "" {
		return fmt.Sprintf("Vercel's platform responded instead of Wintro (%s)", transport.Printable(reason, 60))
	}
	return ""
}

// requestID returns Wintro's ID of the request or, if the response lacks this ID, Vercel's ID. It returns "" if the
// response has neither.
func requestID(resp *transport.Response) string {
	return transport.Printable(cmp.Or(resp.Header.Get("X-Request-Id"), resp.Header.Get("X-Vercel-Id")), 80)
}
