package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func newCompanyIDFunction() function.Function {
	return stringFunction{
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
		call: connection.CompanyID,
	}
}
