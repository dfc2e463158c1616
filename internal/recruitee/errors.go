package recruitee

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// TokenRejectedError means that Recruitee returned 401 because it doesn't know the token. For example, the token was
// revoked or mistyped, or is a Careers API token.
type TokenRejectedError struct {
	CompanyID string
	// Said is Recruitee's explanation, safe to print, such as "invalid_token: Token not found."
	Said string
}

func (e *TokenRejectedError) Error() string {
	return "Recruitee rejected the API token for company " + e.CompanyID + ": " + e.Said
}

// CompanyInaccessibleError means that the token is valid, but gives no access to the company. Recruitee returned
// 403 or 404, or its response was about another company or a deactivated owner.
type CompanyInaccessibleError struct {
	CompanyID string
	// Reason is a clause, safe to print.
	Reason string
	// IsDeactivated reports whether Recruitee says that the token's owner is deactivated in the company.
	IsDeactivated bool
}

func (e *CompanyInaccessibleError) Error() string {
	return "the API token doesn't give access to Recruitee company " + e.CompanyID + ": " + e.Reason
}

// newError returns the error for a response with a status other than 200. Only an error in one of Recruitee's own
// forms proves anything about the token, because proxies return 401, 403 and 404, too.
func newError(resp *transport.Response, companyID string) error {
	said := explanation(resp.Body)
	switch {
	case said == "":
		return transport.UnexpectedResponse(System, resp, "")
	case resp.StatusCode == http.StatusUnauthorized:
		return &TokenRejectedError{CompanyID: companyID, Said: said}
	case resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusNotFound:
		return &CompanyInaccessibleError{CompanyID: companyID, Reason: fmt.Sprintf("Recruitee returned %d (%s)", resp.StatusCode, said)}
	}
	return transport.UnexpectedResponse(System, resp, said)
}

// explanation returns the text of an error, made safe to print. It returns "" unless the body has one of the three
// forms that README.md describes. The comparison is strict because gateways and frameworks use similar forms, with
// other fields or types.
func explanation(body []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return ""
	}
	// Validation errors contain this additional field.
	delete(fields, "error_fields")
	has := func(names ...string) bool {
		for _, name := range names {
			if fields[name] == nil {
				return false
			}
		}
		return len(fields) == len(names)
	}
	var texts []string
	switch {
	case has("error", "error_code"):
		var text, code string
		if json.Unmarshal(fields["error"], &text) == nil && json.Unmarshal(fields["error_code"], &code) == nil {
			texts = []string{withCode(code, text)}
		}
	case has("error"):
		if json.Unmarshal(fields["error"], &texts) != nil {
			return ""
		}
	case has("errors"):
		var entries []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		}
		if json.Unmarshal(fields["errors"], &entries) != nil {
			return ""
		}
		for _, entry := range entries {
			if entry.Code == "" {
				return ""
			}
			texts = append(texts, withCode(entry.Code, entry.Message))
		}
	}
	var parts []string
	for _, text := range texts {
		if text = printable(text); text != "" {
			parts = append(parts, text)
		}
	}
	return printable(strings.Join(parts, "; "))
}

// withCode puts the code before the message. If either is empty, it returns only the message.
func withCode(code, message string) string {
	if code == "" || message == "" {
		return message
	}
	return code + ": " + message
}
