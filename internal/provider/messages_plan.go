package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// explainDrift explains the problem that a plan has found with an existing connection. It returns nil if the plan has
// found no problem.
func explainDrift(prior connection.Connection, planned connection.Planned, args connection.Arguments, t configuredToken, v connection.Verification) messages {
	at := connectionPaths(t)
	switch {
	case v.IsRejected():
		return explainRejected(prior, t, v, at)
	case v.Err != nil:
		return explainUnverified(v, at)
	case args.IsEnabled && connection.NeedsToken(prior.Status, args.RequiresAdministrator) && !t.configured:
		return explainTokenNeeded(prior.CompanyID, prior.Status, at)
	case args.IsVersioned && !args.VersionChanged && planned.IsFingerprintUnknown && !t.configured:
		return explainVersionWithoutToken(prior.CompanyID)
	case args.IsUnknown || !args.IsEnabled:
		return nil
	case prior.Status == connection.Invalid:
		return explainInvalidStatus(prior.ID, prior.CompanyID, pathStatus, ". Apply sends the configured token again.")
	case !prior.Status.IsKnown():
		return explainUnknownStatus(prior.CompanyID, prior.Status)
	}
	return nil
}

// explainRejected explains that Recruitee has rejected a token that isn't new. The note depends on whether Wintro uses
// that token. If only the owner's role is wrong, Wintro can still use the token, so the message needs no such note.
func explainRejected(prior connection.Connection, t configuredToken, v connection.Verification, at paths) messages {
	all := explain(v.Err, at)
	_, isRole := errors.AsType[*connection.NotAdministratorError](v.Err)
	isStored := prior.TokenFingerprint == t.fingerprint()
	switch {
	case isStored && !isRole:
		all = all.withNote("Until then, Wintro can't use the connection, and apply can't fix it.")
	case !isStored && prior.TokenFingerprint != "":
		all = all.withNote(fmt.Sprintf("Wintro has another token, with which the connection may work. You can also set %s to that token.", at.token))
	}
	return all
}

func explainUnread(unknown []string) messages {
	return messages{{pathCompanyID, "Connections were not read", fmt.Sprintf(
		"In the \"wintro\" provider block, the value of %s depends on a resource that Terraform has not applied yet, so the provider called neither Wintro nor Recruitee. The plan relies on the last known state. Plan again after applying.",
		strings.Join(unknown, " and "))}}
}

func explainMissingToken(companyID string, at path.Path) messages {
	summary := "A token is needed to create this connection"
	if companyID != "" {
		summary = "A token is needed to create the connection for company " + companyID
	}
	return messages{{at, summary, fmt.Sprintf(
		"Set api_token_wo (or api_token before Terraform and OpenTofu 1.11) to a personal API token of an Administrator of the Recruitee company, from %s. "+
			"If the connection already exists, import it instead, which needs no token.", tokensPage)}}
}

// explainUnusedToken explains that a plan contains both tokens. Terraform rejects a configuration with both, so
// ignore_changes must have kept api_token in the plan.
func explainUnusedToken(companyID string) messages {
	return messages{{pathAPITokenWO, "The api_token_wo for company " + companyID + " isn't used",
		"The lifecycle block has api_token in ignore_changes. Terraform therefore keeps the api_token in state, and the provider uses this token. Remove api_token from ignore_changes, so that the provider uses api_token_wo, and Terraform removes the old token from state."}}
}

func explainNewVersionWithoutToken(companyID string) messages {
	return messages{{pathAPITokenVersion, "The new api_token_wo_version for company " + companyID + " has no token",
		"A new api_token_wo_version means that there is a new token, but api_token_wo isn't set. Set api_token_wo, or change the version back."}}
}

func explainVersionWithoutToken(companyID string) messages {
	return messages{{pathAPITokenVersion, "The api_token_wo_version for company " + companyID + " has no token",
		"Apply should send the token again, because a user has replaced the token in Wintro, the connection gets enabled, or require_administrator becomes true. " +
			"But api_token_wo isn't set, so Wintro keeps its current token. Set api_token_wo to send a token, or remove api_token_wo_version to keep Wintro's token."}}
}

// explainLookUp reports the error of the look-up before a create. It adds a warning if an apply may still succeed, and
// otherwise an error.
func explainLookUp(err error, at paths, diags *diag.Diagnostics) {
	_, isExisting := errors.AsType[*connection.ExistsError](err)
	switch {
	case isExisting:
		explain(err, at).asWarnings(diags)
	case connection.IsTransient(err):
		next := adviceOr(err, "Check endpoint, and that this machine can reach it.")
		if _, isRejected := errors.AsType[*connection.APIError](err); isRejected {
			next = "If this keeps happening, contact Wintro's support."
		}
		messages{{at.companyID, "Existing connections could not be looked up in Wintro", err.Error() +
			". It isn't known yet whether companies are already linked, or whether Wintro accepts the provider's API token. Apply repeats the look-up. " + next}}.asWarnings(diags)
	default:
		explain(err, at).asErrors(diags)
	}
}
