package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func newFingerprintFunction() function.Function {
	return stringFunction{
		name: "token_fingerprint",
		definition: function.Definition{
			Summary: "Computes the fingerprint of a token",
			MarkdownDescription: "Returns `SHA256:` and the unpadded base64 of the token's SHA-256, which you can compare with `api_token_fingerprint`. " +
				"The fingerprint of a sensitive token is sensitive, too. It reveals nothing about the token, so you can use `nonsensitive()` on it.",
			Parameters: []function.Parameter{function.StringParameter{
				Name:                "token",
				MarkdownDescription: "A Recruitee API token.",
			}},
			Return: function.StringReturn{},
		},
		call: func(token string) (string, error) { return connection.Fingerprint(token), checkToken(token) },
	}
}
