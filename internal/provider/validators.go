package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// What can be known of a value without asking a server.
var (
	isEndpoint       = checked{"an https URL", connection.CheckEndpoint}
	isToken          = checked{"a token without white space", connection.CheckToken}
	isRecruiteeToken = checked{"a Recruitee personal API token", connection.CheckRecruiteeToken}
	isCompanyID      = checked{"a numeric Recruitee company ID", connection.CheckCompanyID}
	isName           = checked{"1 to 100 characters", connection.CheckName}
	isConnectionID   = checked{"the ID of a connection in Wintro", connection.CheckID}
	isDuration       = checked{"a duration such as 30s", checkDuration}
)

// isStatusOfWintro accepts the statuses that Wintro knows of without anybody's token.
var isStatusOfWintro = stringvalidator.OneOf(string(connection.Active), string(connection.Pending), string(connection.Disabled), string(connection.Invalid))

// checked validates a string with a function whose error is a sentence for people, and which never
// quotes a secret.
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

// checkTimeouts finds timeouts that aren't positive. Those that aren't durations the block itself finds.
func checkTimeouts(timeouts types.Object, diags *diag.Diagnostics) {
	for name, value := range timeouts.Attributes() {
		text, ok := value.(types.String)
		if !ok || text.IsNull() || text.IsUnknown() {
			continue
		}
		if length, err := time.ParseDuration(text.ValueString()); err == nil && length <= 0 {
			explainInvalid(pathTimeouts.AtName(name), errNotPositiveDuration).asErrors(diags)
		}
	}
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
