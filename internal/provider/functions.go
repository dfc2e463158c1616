package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// textFunction is a provider function of one text.
type textFunction struct {
	name       string
	definition function.Definition
	// result is the function itself; its error is a sentence about the argument.
	result func(string) (string, error)
}

func (f textFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f textFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f textFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	result, err := f.result(argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, sentence(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

func newCompanyIDFunction() function.Function {
	return textFunction{
		name: "recruitee_company_id",
		definition: function.Definition{
			Summary: "The company ID in an address of the Recruitee app",
			MarkdownDescription: "Reads the numeric company ID out of an address of the Recruitee or Tellent app that has `company=` in its query or fragment. " +
				"A bare number is returned as it is; anything else is an error.",
			Parameters: []function.Parameter{function.StringParameter{
				Name:                "url",
				MarkdownDescription: "An address such as `https://app.recruitee.com/#/dashboard/overview?company=38422`, or a company ID.",
			}},
			Return: function.StringReturn{},
		},
		result: connection.CompanyID,
	}
}

func newFingerprintFunction() function.Function {
	return textFunction{
		name: "token_fingerprint",
		definition: function.Definition{
			Summary: "The fingerprint of a token",
			MarkdownDescription: "Returns `SHA256:` and the unpadded base64 of the token's SHA-256, to compare with `api_token_fingerprint`. " +
				"The fingerprint of a sensitive token is sensitive, too; it gives nothing away, so `nonsensitive()` is safe on it.",
			Parameters: []function.Parameter{function.StringParameter{
				Name:                "token",
				MarkdownDescription: "A Recruitee API token.",
			}},
			Return: function.StringReturn{},
		},
		result: func(token string) (string, error) { return connection.Fingerprint(token), connection.CheckToken(token) },
	}
}
