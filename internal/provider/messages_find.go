package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// explainFind explains why a connection was not found. It doesn't quote the ID, because the argument may contain a
// token by mistake.
func explainFind(err error) messages {
	if e, ok := errors.AsType[*connection.NotLinkedError](err); ok {
		return messages{{pathCompanyID, "Recruitee company " + e.CompanyID + " is not linked with Wintro",
			"Wintro has no connection for this company. Check company_id, and that the provider's API token belongs to the Wintro organisation that the company is linked with."}}
	}
	if e, ok := errors.AsType[*connection.MultipleConnectionsError](err); ok {
		return messages{{pathCompanyID, "Recruitee company " + e.CompanyID + " is linked more than once", fmt.Sprintf(
			"Wintro has these connections for it: %s. Use the ID of one of them, and remove the others in Wintro's settings.",
			strings.Join(e.IDs[:min(len(e.IDs), 10)], ", "))}}
	}
	all := explain(err, paths{companyID: pathCompanyID, id: pathID})
	if _, ok := errors.AsType[*connection.GoneError](err); ok {
		all = all.withNote("You can also find the connection by its company_id.")
	}
	return all
}

const importAdvice = "Import a connection by its ID in Wintro, or by its company, as " + byCompany + "816."

func explainNothingToImport(at path.Path) messages {
	return messages{{at, "This can't be imported", "The ID to import is empty. " + importAdvice}}
}

func explainNotImportable(at path.Path, err error) messages {
	return messages{{at, "This can't be imported", sentence(err) + " " + importAdvice}}
}

// explainImport explains why the connection to import was not found.
func explainImport(err error, id string, at path.Path) messages {
	all := explainFind(err).at(at)
	if _, ok := errors.AsType[*connection.GoneError](err); ok && connection.CheckCompanyID(id) == nil {
		all = all.withNote("If " + id + " is a Recruitee company, write " + byCompany + id + ".")
	}
	return all
}
