package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// explainPlanned is what a plan says of a token that was applied before.
func explainPlanned(v connection.Verification, at paths) messages {
	if v.Err != nil && !v.Refuted() {
		reason := v.Err.Error()
		return messages{{summary: "The API token was not checked", detail: reason +
			". The plan goes by what was last known of the connection; the token is checked again before it is used. " +
			"Where this machine can't reach Recruitee while planning, set recruitee_verification = \"apply\" in the provider block."}}
	}
	return explain(v.Err, at).withNote("Until then Wintro can't use the connection, and apply can't mend it.")
}

// explainDrift is what a refresh says of a connection that doesn't work.
func explainDrift(is connection.Connection, v connection.Verification, at paths) messages {
	if v.Refuted() {
		return explain(v.Err, at).withNote("This is about the token that was applied last: if another one is configured by now, applying sends that.")
	}
	if v.Err != nil {
		return explainPlanned(v, at)
	}
	if is.Status == connection.Invalid {
		return messages{{pathStatus, "Wintro can't log in to Recruitee", fmt.Sprintf(
			"Wintro reports the connection %s as invalid. Applying sends the configured token again; without one in the configuration, create one as an Administrator under %s and set %s to it.",
			is.ID, tokensPage, at.token)}}
	}
	return nil
}

func explainRemoved(e *connection.GoneError) messages {
	detail := fmt.Sprintf("Wintro no longer has the connection %s, so it is dropped from state. Applying creates a new connection; to give it up instead, remove the resource from the configuration.", e.ID)
	if !e.OrganisationKnown {
		detail += " If it should still be there, check that the provider's API token is of the organisation that has it."
	}
	return messages{{summary: "The connection was removed in Wintro", detail: detail}}
}

func explainUnread(unknown []string) messages {
	return messages{{summary: "The connection was not checked", detail: fmt.Sprintf(
		"In the provider block of wintro, %s comes from something that Terraform has not applied yet, so neither Wintro nor Recruitee was asked. The plan goes by what was last known of the connection. Plan again after applying.",
		strings.Join(unknown, " and "))}}
}

func explainMissingToken(at path.Path) messages {
	return messages{{at, "A token is needed to create this connection", fmt.Sprintf(
		"Set api_token_wo (or api_token before Terraform and OpenTofu 1.11) to a personal API token of an Administrator of the Recruitee company, from %s. "+
			"If the connection exists already, import it instead: then no token is needed.", tokensPage)}}
}

func explainVersionWithoutToken() messages {
	return messages{{pathAPITokenVersion, "There is no token for this version", "api_token_wo_version has changed, which applies the value of api_token_wo, but api_token_wo isn't set. Set it, or change the version back."}}
}

// explainLookUp adds what a plan says of a connection that is to be created. What is certain is an error;
// what apply asks again is a warning.
func explainLookUp(err error, at paths, diags *diag.Diagnostics) {
	var exists *connection.ExistsError
	var noAnswer *connection.NoAnswerError
	var refused *connection.APIError
	switch {
	case errors.As(err, &exists):
		explain(err, at).asWarnings(diags)
	case errors.As(err, &noAnswer), errors.As(err, &refused) && connection.MayPass(refused.Status):
		messages{{summary: "Wintro could not be asked", detail: err.Error() +
			". So it isn't known whether the company is linked already, and whether Wintro takes the provider's API token. Apply asks again. Check endpoint and that this machine reaches it."}}.asWarnings(diags)
	default:
		explain(err, at).asErrors(diags)
	}
}

func explainUnknownSettings(unknown []string) messages {
	return messages{{summary: "A setting of the provider is not known yet", detail: fmt.Sprintf(
		"In the provider block of wintro, %s comes from something that Terraform has not applied yet, so neither Wintro nor Recruitee can be asked. "+
			"Apply that first, with -target, or give the setting a value that is known while planning.", strings.Join(unknown, " and "))}}
}
