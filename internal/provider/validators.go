package provider

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// These validators check only how a value is written, because validation must work without a network.
var (
	isEndpoint       = checked{"an https URL", connection.CheckEndpoint}
	isToken          = checked{"a token without white space", checkToken}
	isRecruiteeToken = checked{"a Recruitee personal API token", checkRecruiteeToken}
	isCompanyID      = checked{"a numeric Recruitee company ID", connection.CheckCompanyID}
	isName           = checked{"1 to 100 characters", connection.CheckName}
	isConnectionID   = checked{"the ID of a connection in Wintro", connection.CheckID}
	isDuration       = checked{"a duration such as 30s", checkDuration}
)

// isWintroStatus accepts the known statuses that follow from Wintro's response alone, without a verification.
var isWintroStatus = isOneOf(connection.Active, connection.Pending, connection.Disabled, connection.Invalid)

// isOneOf returns a validator that doesn't quote the invalid value, which may be a token. stringvalidator.OneOf does
// quote it.
func isOneOf[Text ~string](allowed ...Text) checked {
	var names []string
	for _, text := range allowed {
		names = append(names, strconv.Quote(string(text)))
	}
	all := strings.Join(names, ", ")
	return checked{"one of " + all, func(text string) error {
		if !slices.Contains(allowed, Text(text)) {
			return errNotOneOf(all)
		}
		return nil
	}}
}

// checked validates a string with the function check, whose error is a sentence that never quotes a secret.
type checked struct {
	description string
	check       func(string) error
}

func (c checked) Description(context.Context) string         { return c.description }
func (c checked) MarkdownDescription(context.Context) string { return c.description }

func (c checked) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.check(req.ConfigValue.ValueString()); err != nil {
		explainInvalid(req.Path, err).asErrors(&resp.Diagnostics)
	}
}

// checkToken checks a token of either system. It first registers the token as a secret, so that no message contains it.
func checkToken(token string) error {
	connection.RememberSecret(token)
	return connection.CheckToken(token)
}

func checkRecruiteeToken(token string) error {
	connection.RememberSecret(token)
	return connection.CheckRecruiteeToken(token)
}

func checkDuration(text string) error {
	length, err := time.ParseDuration(text)
	if err != nil {
		return errNotADuration
	}
	if length <= 0 {
		return errNotPositiveDuration
	}
	return nil
}
