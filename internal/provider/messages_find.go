package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// explainFind explains why a connection was not found.
func explainFind(err error) messages {
	var gone *connection.GoneError
	var notLinked *connection.NotLinkedError
	var several *connection.SeveralError
	switch {
	case errors.As(err, &gone):
		return messages{{pathID, "There is no such connection", fmt.Sprintf(
			"Wintro has no connection with the ID %s. Look for it in Wintro's settings, or look it up by company_id.", gone.ID)}}
	case errors.As(err, &notLinked):
		return messages{{pathCompanyID, "The company is not linked", fmt.Sprintf(
			"Wintro has no connection to Recruitee company %s. Check company_id, and that the provider's API token is of the Wintro organisation that the company is linked with.", notLinked.CompanyID)}}
	case errors.As(err, &several):
		return messages{{pathCompanyID, "The company is linked more than once", fmt.Sprintf(
			"Wintro has these connections to Recruitee company %s: %s. Name one by its ID, and remove the others in Wintro's settings.",
			several.CompanyID, strings.Join(several.IDs[:min(len(several.IDs), 10)], ", "))}}
	}
	return explain(err, paths{companyID: pathCompanyID})
}
