package recruitee

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// TokenRejectedError says that Recruitee doesn't know the token: it was revoked or mistyped (401).
type TokenRejectedError struct {
	CompanyID string
	// Said is what Recruitee said with its 401, fit for printing: "invalid_token: Token not found."
	Said string
}

func (e *TokenRejectedError) Error() string {
	return "Recruitee rejected the API token for company " + e.CompanyID + ": " + e.Said
}

// CompanyInaccessibleError says that the token is valid, but not for this company, or no longer: 403
// and 404, which Recruitee doesn't tell apart; an answer for another company; a deactivated owner.
type CompanyInaccessibleError struct {
	CompanyID string
	// Reason is a clause, fit for printing.
	Reason string
}

func (e *CompanyInaccessibleError) Error() string {
	return "the API token doesn't give access to Recruitee company " + e.CompanyID + ": " + e.Reason
}

// refusal turns an answer other than 200 into an error. Only an answer in one of Recruitee's own forms
// says anything about the token: a proxy's 401, 403 or 404 does not.
func refusal(resp *transport.Response, companyID string) error {
	said := sentence(resp.Body)
	if said == "" {
		return transport.UnexpectedResponse(System, resp, "")
	}
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return &TokenRejectedError{CompanyID: companyID, Said: said}
	case http.StatusForbidden, http.StatusNotFound:
		return &CompanyInaccessibleError{CompanyID: companyID, Reason: fmt.Sprintf("Recruitee answered %d (%s)", resp.StatusCode, said)}
	}
	return transport.UnexpectedResponse(System, resp, said)
}

// envelope holds the three forms in which Recruitee reports an error (README.md).
type envelope struct {
	Error     json.RawMessage `json:"error"`
	ErrorCode string          `json:"error_code"`
	Errors    []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

// sentence is what an error answer says, fit for printing and without the token; "" if it isn't in
// one of Recruitee's forms.
func sentence(body []byte) string {
	var answer envelope
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var parts []string
	var text string
	if json.Unmarshal(answer.Error, &text) == nil {
		parts = append(parts, withCode(answer.ErrorCode, text))
	} else if json.Unmarshal(answer.Error, &parts) != nil {
		parts = nil
	}
	for _, entry := range answer.Errors {
		parts = append(parts, withCode(entry.Code, entry.Message))
	}
	for i := range parts {
		parts[i] = printable(parts[i])
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return printable(strings.Join(parts, "; "))
}

func withCode(code, message string) string {
	switch {
	case code == "":
		return message
	case message == "":
		return code
	}
	return code + ": " + message
}
