package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func newCompanyIDFunction() function.Function {
	return stringFunction{
		name: "recruitee_company_id",
		definition: function.Definition{
			Summary: "Reads the company ID from an address of the Recruitee app",
			MarkdownDescription: "Reads the numeric company ID from an address of the Recruitee or Tellent app, where it follows `company=` in the query or the fragment. " +
				"The host must be `recruitee.com`, `tellent.com` or a subdomain of either, and the address must not contain two different IDs. " +
				"A number is returned unchanged. Anything else is an error.",
			Parameters: []function.Parameter{function.StringParameter{
				Name:                "url",
				MarkdownDescription: "An address such as `https://app.recruitee.com/#/dashboard/overview?company=38422`, or a company ID.",
			}},
			Return: function.StringReturn{},
		},
		call: connection.CompanyID,
	}
}
