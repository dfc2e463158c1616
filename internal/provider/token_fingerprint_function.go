package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func newFingerprintFunction() function.Function {
	return stringFunction{
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
		call: func(token string) (string, error) { return connection.Fingerprint(token), connection.CheckToken(token) },
	}
}
